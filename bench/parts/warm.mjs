// Normalize beside `JSON.parse` of each line once more, each in a process that has done so before: what a byte costs without
// the start of a process.
import { join } from 'node:path'
import { onEach } from '../each-data.mjs'
import { extractOnce } from '../extracted.mjs'
import { measureWarm } from '../passes.mjs'
import { takeTurns } from '../rounds.mjs'

const formats = { Parquet: 'parquet', JSONL: 'jsonl' }

export const measureWarmth = (context) => onEach(['orders', 'events'], context, measureWarmthOf)

async function measureWarmthOf(data, context) {
  const extracted = await extractOnce(data, context)
  const copy = join(context.folder, 'normalized')
  const normalize = ([name, format]) => [
    `normalize to ${name}`,
    () => measureWarm('normalize-warm.mjs', [extracted.folder, copy, data.name, format], context),
  ]
  const costs = await takeTurns(context.rounds, {
    'JSON.parse': () => measureWarm('json-parse-warm.mjs', [data.path], context),
    ...Object.fromEntries(Object.entries(formats).map(normalize)),
  })
  extracted.remove()
  return {
    part: 'warm',
    data,
    costs,
    figures: Object.keys(formats).map((name) => ({
      name: `${data.name}: normalize to ${name} / JSON.parse, warm, CPU`,
      value: costs[`normalize to ${name}`].cpuSeconds / costs['JSON.parse'].cpuSeconds,
    })),
  }
}
