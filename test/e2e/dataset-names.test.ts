import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { destinations, pipeline, type Pipeline } from 'gantry'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { query } from '../support/duckdb.mjs'
import { run, testFolder } from '../support/gantry.mjs'
import { startPostgres, type TestPostgres } from '../support/postgres.mjs'

let home: string
let server: TestPostgres
let client: Client
beforeAll(async () => {
  home = await testFolder('dataset-names')
  server = await startPostgres()
  client = new Client(server.url)
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await server.stop()
  await rm(home, { recursive: true, force: true })
})
afterEach(() => void vi.unstubAllEnvs())

const order = (id: number, ...lines: string[]): object => ({ id, lines })

it('a dataset named like the DuckDB file is one like any other', async () => {
  const path = join(home, 'shop.duckdb')
  const open = (folder: string): Pipeline =>
    pipeline({
      pipelineName: 'shop',
      pipelinesDir: join(home, folder),
      datasetName: 'shop',
      destination: destinations.duckdb(path),
    })
  const merge = { tableName: 'orders', primaryKey: 'id', writeDisposition: 'merge' } as const
  await open('first').run([order(1, 'a'), order(2, 'b')], merge)
  // Another working folder: state and schema come from there.
  const p = open('second')
  await p.run([order(2, 'c', 'd')], merge)
  await p.run([{ id: 7 }], { tableName: 'users', writeDisposition: 'replace' })
  await p.run([{ id: 8 }], { tableName: 'users', writeDisposition: 'replace', refresh: 'drop_resources' })
  expect(await query(path, 'SELECT value FROM shop.shop.orders__lines ORDER BY value')).toEqual([['a'], ['c'], ['d']])
  const users: unknown[] = []
  for await (const row of p.dataset().table('users').rows()) users.push(row['id'])
  expect(users).toEqual([8])
  expect(await query(path, 'SELECT count(*)::INTEGER FROM shop.shop._dlt_loads')).toEqual([[4]])
})

it('rows wait in the dataset that the layout names', async () => {
  const datasetName = `layout_${process.pid}`
  vi.stubEnv('DESTINATION__STAGING_DATASET_NAME_LAYOUT', '%s_Waiting')
  const destination = destinations.postgres(server.url)
  const p = pipeline({ pipelineName: 'layout', pipelinesDir: home, datasetName, destination })
  await p.run([order(1, 'a')], { tableName: 'orders', writeDisposition: 'merge', primaryKey: 'id' })
  const schemas = await client.query<{ name: string }>(
    `SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE '${datasetName}%' ORDER BY 1`,
  )
  expect(schemas.rows.map(({ name }) => name)).toEqual([datasetName, `${datasetName}_waiting`])
})

it('a layout that makes a dataset its own staging dataset is wrong usage, and nothing is done', async () => {
  await writeFile(join(home, 'users.jsonl'), '{"id":1}\n')
  const env = { DESTINATION__DUCKDB__STAGING_DATASET_NAME_LAYOUT: 'mine' }
  const flags = ['--table', 'users', '--dataset-name', 'mine', '--pipeline-name', 'own_staging']
  const { code, stderr } = await run('gantry', ['run', 'users.jsonl', ...flags], home, { env })
  expect(code, stderr).toBe(2)
  expect(stderr).toContain(
    'DESTINATION__DUCKDB__STAGING_DATASET_NAME_LAYOUT is "mine": dataset "mine" would be its own staging dataset.',
  )
})
