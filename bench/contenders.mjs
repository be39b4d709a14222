// Who loads a file of JSON lines into a DuckDB file, from beginning to end.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { benchFolder, binOf, measure } from './processes.mjs'

/**
 * Each runs once in a folder of its own, which is new, and returns its cost and where its tables are.
 *
 * @param data  `name` of the table, `path`, `rows`
 */
export function contendersOn(data, { folder, node, python }) {
  const { name, path, rows } = data
  const begin = (who) => {
    const home = join(folder, `home-${who.replaceAll(' ', '-')}`)
    rmSync(home, { recursive: true, force: true })
    mkdirSync(home)
    return home
  }
  const dlt = (mode) => async () => {
    const home = begin(`dlt ${mode}`)
    const script = join(benchFolder, 'yardsticks/dlt_run.py')
    const { cost, stdout } = await measure(python, [script, home, name, path, mode, String(rows)], { folder })
    const { stages } = JSON.parse(stdout.trim().split('\n').at(-1))
    const seconds = stages.extract + stages.normalize + stages.load
    const database = join(home, `${name}.duckdb`)
    return {
      cost: { ...cost, fromSpawn: cost.seconds, seconds, stages },
      tables: { database, schema: `${name}_dataset` },
    }
  }
  const gantry = (rowsFrom) => async () => {
    const home = begin('gantry')
    const args = [binOf('pipeline'), 'run', rowsFrom, '--pipeline-name', name, '--progress', 'off', '--json']
    const env = { DLT_DATA_DIR: home, DLT_LOCAL_DIR: home, BENCH_TABLE: name, BENCH_FILE: path }
    const { cost, stdout } = await measure(node, args, { folder, env })
    const stages = Object.fromEntries(JSON.parse(stdout).stages.map(({ stage, seconds }) => [stage, seconds]))
    const database = join(home, `${name}.duckdb`)
    return { cost: { ...cost, stages }, tables: { database, schema: `${name}_dataset` } }
  }
  return {
    'gantry run': gantry(path),
    'gantry run of a program': gantry(join(benchFolder, 'yardsticks/rows-program.mjs')),
    'DuckDB itself': async () => {
      const database = join(begin('duckdb'), 'duckdb.duckdb')
      const args = [join(benchFolder, 'yardsticks/duckdb-unnest.mjs'), path, database, name]
      const { cost } = await measure(node, args, { folder })
      return { cost, tables: { database, schema: 'main' } }
    },
    ...(python === undefined ? {} : { dlt: dlt('default'), 'dlt tuned': dlt('tuned') }),
  }
}
