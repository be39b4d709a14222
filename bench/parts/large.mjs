// Input that does not fit into memory: what it needs of it, and what a second worker gains.
import { extractOnce } from '../extracted.mjs'
import { takeTurns } from '../rounds.mjs'

export async function measureLarge(context) {
  const data = context.dataOf('large')
  const extracted = await extractOnce(data, context)
  const costs = await takeTurns(context.rounds, {
    'one worker': () => extracted.normalize(['--workers', '1']),
    'two workers': () => extracted.normalize(['--workers', '2']),
  })
  extracted.remove()
  const { 'one worker': one, 'two workers': two } = costs
  return [
    {
      part: 'large',
      data,
      costs,
      figures: [
        { name: 'normalize, one worker, peak memory, MB', value: one.peakMb },
        { name: 'normalize, two workers, peak memory, MB', value: two.peakMb },
        { name: 'two workers / one worker, speed', value: one.seconds / two.seconds },
      ],
    },
  ]
}
