// The load stage alone, from a package that was made once, beside DuckDB that takes in the same files by itself.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { benchFolder, copyFolder, measureNode, run, stageBin } from './measure.mjs'
import { medianCost } from './report.mjs'

export async function benchLoad({ name, rows, dataOf, folder, rounds }) {
  const { path, megabytes } = dataOf(rows)
  const made = join(folder, 'gantry-made')
  const home = join(folder, 'gantry')
  const flags = ['--pipeline-name', name, '--progress', 'off']
  await run(process.execPath, [stageBin('extract'), path, ...flags], { DLT_DATA_DIR: made, DLT_LOCAL_DIR: home })
  await run(process.execPath, [stageBin('normalize'), ...flags], { DLT_DATA_DIR: made, DLT_LOCAL_DIR: home })
  const costs = { duckdb: [], load: [] }
  for (let round = 0; round < rounds; round++) {
    copyFolder(made, home)
    const packages = join(home, 'pipelines', name, 'load/normalized')
    const files = join(packages, readdirSync(packages)[0], 'new_jobs')
    const ingest = [join(benchFolder, 'yardsticks/duckdb-ingest.mjs'), join(home, 'ingest.duckdb'), files]
    costs.duckdb.push(await measureNode(ingest, { folder }))
    const env = { DLT_DATA_DIR: home, DLT_LOCAL_DIR: home }
    costs.load.push(await measureNode([stageBin('load'), ...flags], { folder, env }))
    rmSync(home, { recursive: true })
  }
  rmSync(made, { recursive: true })
  const medians = Object.fromEntries(Object.entries(costs).map(([what, list]) => [what, medianCost(list)]))
  return {
    bench: 'load',
    name,
    rows,
    megabytes,
    rounds,
    costs: medians,
    ratios: {
      'load / DuckDB by itself': medians.load.seconds / medians.duckdb.seconds,
      'load CPU / DuckDB CPU': medians.load.cpuSeconds / medians.duckdb.cpuSeconds,
    },
  }
}
