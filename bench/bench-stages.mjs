// All stages, each in its process, with `JSON.parse` beside them.
import { join } from 'node:path'
import { medianCost } from './report.mjs'
import { benchFolder, measureNode, stageBin } from './measure.mjs'

export async function benchStages({ name, rows, dataOf, folder, rounds }) {
  const { path, megabytes } = dataOf(rows)
  const costs = { parse: [], extract: [], normalize: [], load: [] }
  for (let round = 0; round < rounds; round++) {
    const home = join(folder, `${name}-${round}`)
    const env = { DLT_DATA_DIR: home, DLT_LOCAL_DIR: home }
    costs.parse.push(await measureNode([join(benchFolder, 'yardsticks/json-parse.mjs'), path], { folder }))
    for (const stage of ['extract', 'normalize', 'load']) {
      const args = [...(stage === 'extract' ? [path] : []), '--pipeline-name', name, '--progress', 'off']
      costs[stage].push(await measureNode([stageBin(stage), ...args], { folder, env }))
    }
  }
  const medians = Object.fromEntries(Object.entries(costs).map(([what, list]) => [what, medianCost(list)]))
  return {
    bench: 'stages',
    name,
    rows,
    megabytes,
    rounds,
    costs: medians,
    ratios: { 'normalize / JSON.parse': medians.normalize.seconds / medians.parse.seconds },
  }
}
