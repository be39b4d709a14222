import { rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { destinations, pipeline, resource, source, type Pipeline, type PipelineOptions } from 'gantry'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { query } from '../support/duckdb.mjs'
import { root, run, testFolder } from '../support/gantry.mjs'
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

describe('a pipeline that says nothing of its dataset and destination', () => {
  const open = (pipelineName: string, options: PipelineOptions = {}): Pipeline =>
    pipeline({ pipelineName, pipelinesDir: home, ...options })

  it('goes on with those of its earlier runs, in each stage', async () => {
    const place = { 'destination.lake': { destination_type: 'duckdb', credentials: join(home, 'kept.db') } }
    await open('kept', { destination: 'lake', datasetName: 'mine', config: place }).run([order(1)], {
      tableName: 'orders',
    })
    const p = open('kept', { config: place })
    expect([p.datasetName, p.destination.name, p.destination.type]).toEqual(['mine', 'lake', 'duckdb'])
    await p.extract([order(2)], { tableName: 'orders' })
    await p.normalize()
    const info = await open('kept', { config: place }).load()
    expect(info.datasetName).toBe('mine')
    expect(await query(join(home, 'kept.db'), 'SELECT id FROM mine.orders ORDER BY id')).toEqual([['1'], ['2']])
    // Until it says something else.
    expect(open('kept', { datasetName: 'other', config: place }).datasetName).toBe('other')
    expect(open('kept', { config: { ...place, dataset_name: 'configured' } }).datasetName).toBe('configured')
  })

  it('keeps the name where the dataset is gone, and begins it afresh', async () => {
    const destination = destinations.duckdb(join(home, 'gone.db'))
    await open('gone', { destination, datasetName: 'mine' }).run([order(1)], { tableName: 'orders' })
    await rm(join(home, 'gone.db'))
    const p = open('gone', { destination })
    await expect(p.sync()).resolves.toMatchObject({ outcome: 'afresh' })
    await expect(p.sync()).resolves.toMatchObject({ outcome: 'unchanged' })
    await p.run([order(2)], { tableName: 'orders' })
    expect(await query(join(home, 'gone.db'), 'SELECT id FROM mine.orders')).toEqual([['2']])
  })

  it('takes no dataset of dev mode', async () => {
    const destination = destinations.duckdb(join(home, 'tried.db'))
    const trial = open('tried', { destination, devMode: true })
    await trial.run([order(1)], { tableName: 'orders' })
    expect(trial.datasetName).toMatch(/^tried_dataset_\d{14}$/)
    for (const restoreFromDestination of [false, true]) {
      const p = open('tried', { destination, restoreFromDestination })
      expect(p.datasetName).toBe('tried_dataset')
      await p.run([order(2)], { tableName: 'orders' })
    }
    expect(await query(join(home, 'tried.db'), 'SELECT id FROM tried_dataset.orders')).toEqual([['2'], ['2']])
  })
})

it('a layout of names is laid over those that are new, in the library and on the command line', async () => {
  const destination = destinations.duckdb(join(home, 'laid.db'))
  const config = { dataset_name_layout: 'prod_%s_eu' }
  const first = pipeline({ pipelineName: 'laid', pipelinesDir: home, destination, datasetName: 'sales', config })
  expect(first.datasetName).toBe('prod_sales_eu')
  await first.run([order(1)], { tableName: 'orders' })
  const second = pipeline({ pipelineName: 'laid', pipelinesDir: home, destination, config })
  expect(second.datasetName).toBe('prod_sales_eu')
  await second.run([order(2)], { tableName: 'orders' })
  expect(await query(join(home, 'laid.db'), 'SELECT id FROM prod_sales_eu.orders')).toEqual([['1'], ['2']])
  const trial = pipeline({ pipelineName: 'laid_dev', pipelinesDir: home, datasetName: 'x_', devMode: true, config })
  expect(trial.datasetName).toMatch(/^prod_x_\d{14}_eu$/)

  await writeFile(join(home, 'orders.jsonl'), '{"id":1}\n')
  const command = (layout: string): ReturnType<typeof run> =>
    run('gantry', ['run', 'orders.jsonl', '--pipeline-name', 'laid_cli'], home, {
      env: { DATASET_NAME_LAYOUT: layout },
    })
  for (let turn = 0; turn < 2; turn++) expect((await command('%s_v2')).code).toBe(0)
  expect(await query(join(home, 'laid_cli.duckdb'), 'SELECT count(*) FROM laid_cli_dataset_v2.orders')).toEqual([['2']])
  const { code, stderr } = await command('v2')
  expect(code).toBe(2)
  expect(stderr).toContain('DATASET_NAME_LAYOUT is "v2". It needs %s')
})

describe('a dataset for each schema', () => {
  const sources = (): unknown[] =>
    ['shop', 'crm', 'erp'].map((name) =>
      source({ name }, () => [
        resource({ name: 'orders', primaryKey: 'id', writeDisposition: 'merge' }, [{ id: name, lines: [1, 2] }]),
      ]),
    )

  it.each(['duckdb', 'postgres'])(
    'has its tables, versions and loads; the state is with the default one: %s',
    async (type) => {
      const file = join(home, 'split.db')
      const dataset = `split_${process.pid}`
      const destination = type === 'duckdb' ? destinations.duckdb(file) : destinations.postgres(server.url)
      const open = (folder: string): Pipeline =>
        pipeline({
          pipelineName: 'split',
          pipelinesDir: join(home, type, folder),
          datasetName: dataset,
          destination,
          useSingleDataset: false,
        })
      const sql = async (text: string): Promise<unknown[][]> =>
        type === 'duckdb' ? query(file, text) : (await client.query({ text, rowMode: 'array' })).rows
      const first = open('here')
      const [shop, ...others] = sources()
      await first.run(shop)
      const info = await first.run(others)
      expect(info?.datasetName).toBe(dataset)
      expect(Object.values(info?.metrics ?? {}).flatMap((each) => each.map(({ datasetName }) => datasetName))).toEqual(
        expect.arrayContaining([`${dataset}_crm`, `${dataset}_erp`]),
      )
      // Another folder takes all schemas over, and goes on.
      const second = open('there')
      await second.run(sources())
      expect([...second.schemas.keys()]).toEqual(['crm', 'erp', 'shop'])
      expect(second.defaultSchema?.name).toBe('shop')
      for (const [at, name] of ['shop', 'crm', 'erp'].entries()) {
        const place = at === 0 ? dataset : `${dataset}_${name}`
        expect(await sql(`SELECT id FROM ${place}.orders`)).toEqual([[name]])
        expect(await sql(`SELECT count(*)::text FROM ${place}.orders__lines`)).toEqual([['2']])
        expect(await sql(`SELECT DISTINCT schema_name FROM ${place}._dlt_version`)).toEqual([[name]])
        expect(
          await sql(`SELECT count(DISTINCT schema_name)::text, sum(status)::text FROM ${place}._dlt_loads`),
        ).toEqual([['1', '0']])
        const rows = second.dataset({ schema: name }).table('orders').rows()
        for await (const { id } of rows) expect(id).toBe(name)
      }
      const withState = await sql(
        `SELECT table_schema FROM information_schema.tables WHERE table_schema LIKE '${dataset}%' AND table_name = '_dlt_pipeline_state'`,
      )
      expect(withState).toEqual([[dataset]])
    },
  )

  it('is asked for by a setting on the command line, which a plan heeds, too', async () => {
    const folder = await testFolder('split')
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    await writeFile(
      join(folder, 'both.mjs'),
      `import { resource, source } from 'gantry'
export default ['shop', 'crm'].map((name) => source({ name }, () => [resource({ name: name + '_orders' }, [{ id: 1 }])]))
`,
    )
    const env = { USE_SINGLE_DATASET: 'false', DATASET_NAME: 'ds' }
    expect((await run('gantry', ['run', 'both.mjs'], folder, { env })).code).toBe(0)
    const tables = `SELECT table_schema, table_name FROM information_schema.tables WHERE NOT starts_with(table_name, '_dlt') ORDER BY ALL`
    expect(await query(join(folder, 'both.duckdb'), tables)).toEqual([
      ['ds', 'crm_orders'],
      ['ds_shop', 'shop_orders'],
    ])
    const flags = ['--pipeline-name', 'both']
    expect((await run('gantry', ['extract', 'both.mjs'], folder, { env })).code).toBe(0)
    expect((await run('gantry', ['normalize', ...flags], folder, { env })).code).toBe(0)
    const plan = await run('gantry', ['load', '--dry-run', ...flags], folder, { env })
    expect(plan.stdout.match(/tables are as they have to be/g)).toHaveLength(2)
    expect((await run('gantry', ['load', ...flags], folder, { env })).code).toBe(0)
    expect(await query(join(folder, 'both.duckdb'), 'SELECT count(*) FROM ds_shop.shop_orders')).toEqual([['2']])
  })
})
