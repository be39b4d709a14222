// The normalize stage alone, one worker, beside the least that reading JSON lines can cost in JavaScript.
import { join } from 'node:path'
import { onEach } from '../each-data.mjs'
import { extractOnce } from '../extracted.mjs'
import { benchFolder, measure } from '../processes.mjs'
import { takeTurns } from '../rounds.mjs'

export const measureNormalize = (context) => onEach(['orders', 'events'], context, measureNormalizeOf)

async function measureNormalizeOf(data, context) {
  const extracted = await extractOnce(data, context)
  const parse = [join(benchFolder, 'yardsticks/json-parse.mjs'), data.path]
  const costs = await takeTurns(context.rounds, {
    'JSON.parse': async () => (await measure(context.node, parse, context)).cost,
    'normalize to Parquet': () => extracted.normalize(['--workers', '1', '--file-format', 'parquet']),
    'normalize to JSONL': () => extracted.normalize(['--workers', '1', '--file-format', 'jsonl']),
  })
  extracted.remove()
  return {
    part: 'normalize',
    data,
    costs,
    figures: ['Parquet', 'JSONL'].flatMap((format) => {
      const cost = costs[`normalize to ${format}`]
      return [
        {
          name: `${data.name}: normalize to ${format} / JSON.parse, CPU`,
          value: cost.cpuSeconds / costs['JSON.parse'].cpuSeconds,
        },
        { name: `${data.name}: normalize to ${format}, MB/s a core`, value: data.megabytes / cost.cpuSeconds },
      ]
    }),
  }
}
