// Rows whose values do not fit their columns, which take the slow way: every 10th, and every one.
import { extractOnce } from '../extracted.mjs'
import { takeTurns } from '../rounds.mjs'

export async function measureClash(context) {
  const [some, all] = ['clash10', 'clash1'].map((name) => context.dataOf(name))
  if (some === undefined) return []
  const ofSome = await extractOnce(some, context)
  const ofAll = await extractOnce(all, context)
  const worker = ['--workers', '1']
  const costs = await takeTurns(context.rounds, {
    'every 10th row': () => ofSome.normalize(worker),
    'every row': () => ofAll.normalize(worker),
    'every row, reference path': () => ofAll.normalize(worker, { NORMALIZE__FAST_PATH: 'false' }),
  })
  ofSome.remove()
  ofAll.remove()
  return [
    {
      part: 'clash',
      data: some,
      costs,
      figures: [
        {
          name: 'every 10th row clashes: normalize, MB/s a core',
          value: some.megabytes / costs['every 10th row'].cpuSeconds,
        },
        { name: 'every row clashes: normalize, MB/s a core', value: all.megabytes / costs['every row'].cpuSeconds },
        {
          name: 'every row clashes: normalize / reference path, CPU',
          value: costs['every row'].cpuSeconds / costs['every row, reference path'].cpuSeconds,
        },
      ],
    },
  ]
}
