// The load stage alone, from a package that was made once, beside DuckDB that takes in the same files by itself.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { onEach } from '../each-data.mjs'
import { benchFolder, binOf, copyFolder, measure, run } from '../processes.mjs'
import { takeTurns } from '../rounds.mjs'

export const measureLoad = (context) => onEach(['orders', 'events'], context, measureLoadOf)

async function measureLoadOf(data, { folder, node, rounds }) {
  const { name, path } = data
  const made = join(folder, 'load-made')
  const home = join(folder, 'loaded')
  const flags = ['--pipeline-name', name, '--progress', 'off']
  await run(node, [binOf('extract'), path, ...flags], { DLT_DATA_DIR: made, DLT_LOCAL_DIR: home })
  await run(node, [binOf('normalize'), ...flags], { DLT_DATA_DIR: made, DLT_LOCAL_DIR: home })
  const inCopy = async (argsOf) => {
    copyFolder(made, home)
    const { cost } = await measure(node, argsOf(), { folder, env: { DLT_DATA_DIR: home, DLT_LOCAL_DIR: home } })
    rmSync(home, { recursive: true })
    return cost
  }
  const costs = await takeTurns(rounds, {
    load: () => inCopy(() => [binOf('load'), ...flags]),
    'DuckDB, the same files': () =>
      inCopy(() => {
        const packages = join(home, 'pipelines', name, 'load/normalized')
        const files = join(packages, readdirSync(packages)[0], 'new_jobs')
        return [join(benchFolder, 'yardsticks/duckdb-ingest.mjs'), join(home, 'ingest.duckdb'), files]
      }),
  })
  rmSync(made, { recursive: true })
  const { load, 'DuckDB, the same files': duckdb } = costs
  return {
    part: 'load',
    data,
    costs,
    figures: [
      { name: `${name}: load / DuckDB, the same files`, value: load.seconds / duckdb.seconds },
      { name: `${name}: load / DuckDB, the same files, CPU`, value: load.cpuSeconds / duckdb.cpuSeconds },
    ],
  }
}
