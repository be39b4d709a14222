import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { query } from '../support/duckdb.mjs'
import { run, testFolder, type Ended } from '../support/gantry.mjs'
import { startPostgres, type TestPostgres } from '../support/postgres.mjs'

let server: TestPostgres
let client: Client
beforeAll(async () => {
  server = await startPostgres()
  client = new Client(server.url)
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await server.stop()
})

/** A container engine sends SIGKILL ten seconds after SIGTERM. */
const patienceMs = 10_000

/** Runs a command, sends SIGTERM as soon as that holds, and says how long it took to end from there. */
async function stopped(
  args: readonly string[],
  home: string,
  env: Record<string, string>,
  holds: () => boolean | Promise<boolean>,
): Promise<Ended & { readonly tookMs: number }> {
  let sentAtMs = Number.NaN
  const ended = await run('gantry', args, home, {
    env,
    onStart(child) {
      void (async () => {
        while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10))
        sentAtMs = performance.now()
        child.kill('SIGTERM')
      })()
    },
  })
  return { ...ended, tookMs: performance.now() - sentAtMs }
}

it.each([
  ['a COPY', []],
  ['a merge', ['--write-disposition', 'merge', '--primary-key', 'id']],
])('SIGTERM ends a load also in %s that does not come to an end, and the next run finishes it', async (_, flags) => {
  const home = await testFolder('stop-postgres')
  const dataset = `stop_${process.pid}_${flags.length}`
  const env = { DESTINATION__POSTGRES__CREDENTIALS: server.url, DATASET_NAME: dataset, DESTINATION_TYPE: 'postgres' }
  await writeFile(join(home, 't.jsonl'), '{"id":1,"n":1}\n{"id":2,"n":1}\n')
  expect((await run('gantry', ['run', 't.jsonl', ...flags], home, { env })).code).toBe(0)
  await writeFile(join(home, 't.jsonl'), '{"id":2,"n":2}\n{"id":3,"n":2}\n')
  await client.query(`BEGIN; LOCK TABLE ${dataset}.t IN SHARE ROW EXCLUSIVE MODE`)
  const isWaiting = async (): Promise<boolean> => {
    const { rowCount } = await client.query(`SELECT 1 FROM pg_locks WHERE NOT granted`)
    return rowCount === 1
  }
  const { code, stderr, tookMs } = await stopped(['run', 't.jsonl', ...flags], home, env, isWaiting)
  await client.query('ROLLBACK')
  expect(code, stderr).toBe(75)
  expect(stderr).toContain('Run the command again to go on')
  expect(tookMs).toBeLessThan(patienceMs)
  const next = await run('gantry', ['load'], home, { env })
  expect(next.code, next.stderr).toBe(0)
  const { rows } = await client.query({ text: `SELECT id, n FROM ${dataset}.t ORDER BY id, n`, rowMode: 'array' })
  const first = flags.length === 0 ? [['2', '1']] : []
  expect(rows).toEqual([['1', '1'], ...first, ['2', '2'], ['3', '2']])
})

it('SIGTERM ends a load into DuckDB before its next statement, with nothing of the package there', async () => {
  const home = await testFolder('stop-duckdb')
  const lines = Array.from({ length: 200_000 }, (_, id) => `{"id":${id},"text":"row ${id}","tags":[${id}]}`)
  await writeFile(join(home, 't.jsonl'), lines.join('\n'))
  const flags = ['--write-disposition', 'merge', '--primary-key', 'id']
  for (const stage of [['extract', 't.jsonl', ...flags], ['normalize']]) {
    const { code, stderr } = await run('gantry', stage, home)
    expect(code, stderr).toBe(0)
  }
  const log = join(home, 'steps.log')
  const isAtWork = (): boolean => {
    try {
      return readFileSync(log, 'utf8').includes('load:migrated')
    } catch {
      return false
    }
  }
  const { code, stderr, tookMs } = await stopped(['load'], home, { GANTRY_STEP_LOG: log }, isAtWork)
  expect(code, stderr).toBe(75)
  expect(stderr).toContain('Stopped by SIGTERM')
  expect(tookMs).toBeLessThan(patienceMs)
  const count = (): Promise<unknown[][]> =>
    query(
      join(home, 'gantry.duckdb'),
      'SELECT count(*) FROM gantry_dataset.t UNION ALL SELECT count(*) FROM gantry_dataset._dlt_loads',
    )
  expect(await count()).toEqual([['0'], ['0']])
  const next = await run('gantry', ['load'], home)
  expect(next.code, next.stderr).toBe(0)
  expect(await count()).toEqual([['200000'], ['1']])
})
