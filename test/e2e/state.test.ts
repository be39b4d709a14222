import { mkdtempSync } from 'node:fs'
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pipeline, type Pipeline, type PipelineOptions } from 'gantry'
import { query } from '../support/duckdb.mjs'
import { run, testFolder } from '../support/gantry.mjs'

let home: string
beforeAll(async () => {
  home = await testFolder('state')
})
afterAll(() => rm(home, { recursive: true, force: true }))

/** One database, and any number of working folders that load to it. */
class Place {
  readonly dir = mkdtempSync(join(home, 'place-'))
  readonly database = join(this.dir, 'shop.db')

  open(options: PipelineOptions = {}, folder = 'here'): Pipeline {
    return pipeline({
      pipelineName: 'shop',
      pipelinesDir: join(this.dir, folder),
      datasetName: 'ds',
      destination: { type: 'duckdb', credentials: this.database },
      ...options,
    })
  }

  async sql(text: string): Promise<unknown[][]> {
    return query(this.database, text)
  }

  count(table: string): Promise<unknown> {
    return this.sql(`SELECT count(*) FROM ${table}`).then(([row]) => Number(row?.[0]))
  }

  wipe(folder = 'here'): Promise<void> {
    return rm(join(this.dir, folder), { recursive: true, force: true })
  }

  /** Stands for a cursor that an extract has moved. */
  async setCursor(value: string): Promise<void> {
    const path = join(this.dir, 'here', 'shop', 'state.json')
    const state = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    state['sources'] = { shop: { resources: { orders: { cursor: value } } } }
    await writeFile(path, JSON.stringify(state))
  }

  async execute(text: string): Promise<void> {
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(this.database)
    const connection = await instance.connect()
    await connection.run(text)
    connection.closeSync()
    instance.closeSync()
  }
}

const orders = { tableName: 'orders' }
const cursorOf = ({ state }: Pipeline): unknown => (state?.sources as Record<string, unknown> | undefined)?.['shop']
const cursor = (value: string): unknown => ({ resources: { orders: { cursor: value } } })

describe('a pipeline goes on from what the destination has', () => {
  it('in a fresh folder: state and schema come back, variant columns too, and nothing is migrated twice', async () => {
    const place = new Place()
    const first = place.open()
    await first.run([{ id: 1, price: 5 }], orders)
    await first.run([{ id: 2, price: 'free' }], orders)
    const { state, defaultSchema } = first
    await place.wipe()
    const again = place.open()
    await expect(again.sync()).resolves.toEqual({ outcome: 'restored', stateVersion: 1, schemas: ['shop'] })
    expect(again.state?._version_hash).toBe(state?._version_hash)
    expect(again.defaultSchema).toEqual(defaultSchema)
    await again.run([{ id: 3, price: 'dear' }], orders)
    expect(await place.sql('SELECT id, price, price__v_text FROM ds.orders ORDER BY id')).toEqual([
      ['1', '5', null],
      ['2', null, 'free'],
      ['3', null, 'dear'],
    ])
    // Two versions of two runs; the third changed nothing, nor did it send a state.
    expect(await place.count('ds._dlt_version')).toBe(2)
    expect(await place.count('ds._dlt_pipeline_state')).toBe(1)
    // Where dlt finds that a pipeline has run, it also looks from where.
    const runDir = process.cwd()
    expect(again.state).toMatchObject({
      _state_version: 1,
      _local: { first_run: false, last_run_context: { run_dir: runDir, settings_dir: join(runDir, '.dlt') } },
    })
  })

  it('with the cursor, by gantry run and by gantry load --sync', async () => {
    const dir = await testFolder('state-cli')
    await writeFile(join(dir, 'orders.jsonl'), '{"id": 1}\n')
    const flags = ['--pipeline-name', 'shop', '--json']
    expect((await run('gantry', ['run', 'orders.jsonl', ...flags], dir)).code).toBe(0)
    const stateFile = join(dir, 'pipelines/shop/state.json')
    const hash = async (): Promise<unknown> => {
      const { _version_hash } = JSON.parse(await readFile(stateFile, 'utf8')) as Record<string, unknown>
      return _version_hash
    }
    const before = await hash()
    for (const command of [
      ['load', '--sync'],
      ['run', 'orders.jsonl'],
    ]) {
      await rm(join(dir, 'pipelines'), { recursive: true })
      const { code, stderr } = await run('gantry', [...command, ...flags], dir)
      expect(code, stderr).toBe(0)
      expect(await hash()).toBe(before)
    }
    const sql = (text: string): Promise<unknown[][]> => query(join(dir, 'shop.duckdb'), text)
    expect(await sql('SELECT count(*) FROM shop_dataset._dlt_version')).toEqual([['1']])
    expect(await sql('SELECT count(*) FROM shop_dataset.orders')).toEqual([['2']])
    await rm(dir, { recursive: true })
  })

  it('a first sync makes no database, and none is made where nothing is loaded', async () => {
    const place = new Place()
    await expect(place.open().sync()).resolves.toMatchObject({ outcome: 'unchanged' })
    await expect(place.open().run()).resolves.toBeNull()
    expect((await readdir(place.dir)).filter((name) => name.endsWith('.db'))).toEqual([])
  })

  it('two folders that load to one dataset by turns see what the other has added', async () => {
    const place = new Place()
    await place.open({}, 'a').run([{ id: 1 }], orders)
    await place.open({}, 'b').run([{ id: 2, note: 'x' }], orders)
    // "note" is a text since the run of b, so a number goes beside it.
    await place.open({}, 'a').run([{ id: 3, note: 7 }], orders)
    await place.open({}, 'b').run([{ id: 4, note: 8 }], orders)
    expect(await place.sql('SELECT id, note FROM ds.orders ORDER BY id')).toEqual([
      ['1', null],
      ['2', 'x'],
      ['3', '7'],
      ['4', '8'],
    ])
    expect(await place.count('ds._dlt_version')).toBe(2)
    expect(await place.count('ds._dlt_loads')).toBe(4)
  })

  it('under a naming convention that a fresh folder knows nothing of', async () => {
    const place = new Place()
    const naming = join(place.dir, 'loud.mjs')
    await writeFile(
      naming,
      'export default { caseSensitive: true, normalizeIdentifier: (name) => name.toUpperCase() }\n',
    )
    process.env['SCHEMA__NAMING'] = naming
    try {
      await place.open({ datasetName: 'DS' }).run([{ id: 1 }], orders)
    } finally {
      delete process.env['SCHEMA__NAMING']
    }
    expect(await place.count('"DS"."_DLT_LOADS"')).toBe(1)
    // The name of the dataset follows the convention, too: "direct" takes it as it is given.
    await place.wipe()
    process.env['SCHEMA__NAMING'] = 'direct'
    try {
      const again = place.open({ datasetName: 'DS' })
      await expect(again.sync()).resolves.toMatchObject({ outcome: 'restored', schemas: ['shop'] })
      expect(again.defaultSchema?.normalizers.names).toBe(naming)
    } finally {
      delete process.env['SCHEMA__NAMING']
    }
  })

  it('not from another pipeline in the dataset', async () => {
    const place = new Place()
    await place.open().run([{ id: 1 }], orders)
    const other = place.open({ pipelineName: 'other' })
    await expect(other.sync()).resolves.toEqual({ outcome: 'unchanged', stateVersion: undefined, schemas: [] })
  })

  it('unless it is told not to: then no state is sent, either', async () => {
    const place = new Place()
    const options = { restoreFromDestination: false }
    await place.open(options).run([{ id: 1 }], orders)
    expect(await place.sql("SELECT 1 FROM information_schema.tables WHERE table_name = '_dlt_pipeline_state'")).toEqual(
      [],
    )
    await place.wipe()
    await place.open(options).run([{ id: 2 }], orders)
    expect(await place.count('ds.orders')).toBe(2)
    expect(place.open().state?._state_version).toBe(1)
  })
})

describe('where the dataset is gone', () => {
  it('the pipeline starts afresh', async () => {
    const place = new Place()
    await place.open().run([{ id: 1 }], orders)
    await place.setCursor('a')
    await place.open().run([{ id: 2 }], orders)
    await place.execute('DROP SCHEMA ds CASCADE')
    const again = place.open()
    await again.run([{ id: 'now a text' }], orders)
    expect(await place.sql('SELECT id FROM ds.orders')).toEqual([['now a text']])
    expect(again.state?._state_version).toBe(1)
    expect(cursorOf(again)).toBeUndefined()
    expect(again.defaultSchema?.version).toBe(2)
  })

  it('so it does for another dataset, where nothing was ever loaded', async () => {
    const place = new Place()
    await place.open().run([{ id: 1 }], orders)
    await place.setCursor('a')
    const other = place.open({ datasetName: 'other' })
    await other.run([{ id: 1 }], orders)
    expect(other.state).toMatchObject({ _state_version: 1, dataset_name: 'other' })
    expect(cursorOf(other)).toBeUndefined()
    await other.run([{ id: 2 }], orders)
    expect(await place.count('other.orders')).toBe(2)
  })

  it('pending packages stay, and are loaded', async () => {
    const place = new Place()
    await place.open().run([{ id: 1 }], orders)
    await place.open().extract([{ id: 2 }], orders)
    await place.execute('DROP SCHEMA ds CASCADE')
    await expect(place.open().sync()).resolves.toMatchObject({ outcome: 'pending' })
    const info = await place.open().run([{ id: 3 }], orders)
    expect(info?.loadPackages).toHaveLength(1)
    expect(await place.sql('SELECT id FROM ds.orders')).toEqual([['2']])
  })
})

describe('an aborted load', () => {
  it('takes its cursor with it: the next extract goes on from the last state that arrived', async () => {
    const place = new Place()
    await place.open().run([{ id: 1 }], orders)
    await place.setCursor('a')
    await place.open().run([{ id: 2 }], orders)
    expect(place.open().state?._state_version).toBe(2)
    // Resetting the cursor is the change; the load is refused by a constraint that only the database knows.
    await place.execute('CREATE UNIQUE INDEX one ON ds.orders (id)')
    const aborted = place.open().run([{ id: 5 }, { id: 5 }], { ...orders, refresh: 'drop_data' })
    await expect(aborted).rejects.toMatchObject({ step: 'load' })
    expect(place.open().state).toMatchObject({ _state_version: 3 })
    const next = place.open()
    await next.extract([{ id: 6 }], orders)
    expect(next.state?._state_version).toBe(2)
    expect(cursorOf(next)).toEqual(cursor('a'))
    await next.load()
    await next.normalize()
    await next.load()
    const after = place.open()
    await expect(after.sync()).resolves.toMatchObject({ outcome: 'unchanged', stateVersion: 2 })
  })
})

describe('a refresh', () => {
  const rows = [{ id: 1, lines: [{ sku: 'a' }] }, { id: 2 }]

  async function loaded(): Promise<Place> {
    const place = new Place()
    await place.open().run(rows, orders)
    await place.open().run([{ id: 'c1' }], { tableName: 'customers' })
    await place.setCursor('a')
    return place
  }

  it('drop_data empties the tables that have new rows, and resets their resource', async () => {
    const place = await loaded()
    const { version } = place.open().defaultSchema ?? {}
    await place.open().run([{ id: 3 }], { ...orders, refresh: 'drop_data' })
    expect(await place.sql('SELECT id FROM ds.orders')).toEqual([['3']])
    expect(await place.count('ds.orders__lines')).toBe(1)
    expect(await place.count('ds.customers')).toBe(1)
    expect(place.open().defaultSchema?.version).toBe(version)
    expect(cursorOf(place.open())).toEqual({ resources: {} })
    expect(await place.count('ds._dlt_pipeline_state')).toBe(2)
  })

  it('drop_resources drops the tables of what is extracted, so that types can change', async () => {
    const place = await loaded()
    await place.open().run([{ id: 'text' }], { ...orders, refresh: 'drop_resources' })
    expect(await place.sql('SELECT id FROM ds.orders')).toEqual([['text']])
    expect([...(place.open().defaultSchema?.tables.keys() ?? [])]).not.toContain('orders__lines')
    expect(await place.sql("SELECT 1 FROM information_schema.tables WHERE table_name = 'orders__lines'")).toEqual([])
    expect(await place.count('ds.customers')).toBe(1)
    expect(await place.count('ds._dlt_version')).toBe(1)
    expect(cursorOf(place.open())).toEqual({ resources: {} })
    // What packages of before say of the schema does not come back.
    await place.open().run([{ id: 'more' }], orders)
    expect(await place.count('ds.orders')).toBe(2)
    await place.wipe()
    await place.open().run([{ id: 'and more' }], orders)
    expect(await place.count('ds.orders')).toBe(3)
    expect(await place.count('ds._dlt_version')).toBe(1)
  })

  it('drop_sources drops all tables of the source, and begins its schema anew', async () => {
    const place = await loaded()
    await place.open().run(rows, { ...orders, refresh: 'drop_sources' })
    const { version, tables } = place.open().defaultSchema ?? {}
    expect(version).toBe(2)
    expect([...(tables?.keys() ?? [])]).not.toContain('customers')
    expect(await place.sql("SELECT 1 FROM information_schema.tables WHERE table_name = 'customers'")).toEqual([])
    expect(await place.count('ds.orders')).toBe(2)
    expect(await place.count('ds._dlt_version')).toBe(1)
    expect(cursorOf(place.open())).toBeUndefined()
    await place.open().run([{ id: 3 }], orders)
    expect(await place.count('ds.orders')).toBe(3)
    expect(await place.count('ds._dlt_version')).toBe(1)
  })

  it('has nothing to do at the first run, and sends a state even if nothing in it changed', async () => {
    const place = new Place()
    await place.open({ refresh: 'drop_sources' }).run(rows, orders)
    expect(place.open().state?._state_version).toBe(1)
    for (const _ of [1, 2]) await place.open({ refresh: 'drop_data' }).run(rows, orders)
    expect(await place.sql('SELECT version FROM ds._dlt_pipeline_state ORDER BY _dlt_load_id')).toEqual([
      ['1'],
      ['2'],
      ['2'],
    ])
  })

  it('waits until extracted packages are finished, and an unknown mode is refused', async () => {
    const place = await loaded()
    await place.open().extract([{ id: 3 }], orders)
    const early = place.open().extract([{ id: 4 }], { ...orders, refresh: 'drop_sources' })
    await expect(early).rejects.toMatchObject({ step: 'extract', cause: { code: 'pipeline_has_pending_data' } })
    const unknown = place.open().extract([], { ...orders, refresh: 'all' as never })
    await expect(unknown).rejects.toMatchObject({ exitCode: 2, cause: { code: 'unknown_refresh_mode' } })
  })

  it('whose package is dropped leaves the schema as it was', async () => {
    const place = await loaded()
    const before = place.open().defaultSchema?.tables
    await place.open().extract([{ id: 'text' }], { ...orders, refresh: 'drop_sources' })
    await place.open().normalize()
    expect(await place.open().dropPendingPackages()).toHaveLength(1)
    const after = place.open().defaultSchema?.tables
    for (const name of ['orders', 'orders__lines', 'customers']) {
      expect(after?.get(name)).toEqual(before?.get(name))
    }
    await place.open().run([{ id: 7 }], orders)
    expect(await place.count('ds.orders')).toBe(3)
  })

  it('killed before it stored its schema goes on with it', async () => {
    const place = await loaded()
    const stored = join(place.dir, 'here/shop/schemas/shop.schema.json')
    await copyFile(stored, join(place.dir, 'old.json'))
    await place.open().extract([{ id: 'text' }], { ...orders, refresh: 'drop_resources' })
    await copyFile(join(place.dir, 'old.json'), stored)
    await rm(join(place.dir, 'here/shop/.gantry/schema-bases.json'))
    await place.open().run()
    expect(await place.sql('SELECT id FROM ds.orders')).toEqual([['text']])
  })
})

describe('dropping resources', () => {
  it('drops their tables and their state by a load of its own, and other folders see it', async () => {
    const place = new Place()
    for (const folder of ['here', 'there']) await place.open({}, folder).run([{ id: 1, lines: [{ n: 1 }] }], orders)
    await place.open().run([{ id: 'c' }], { tableName: 'customers' })
    await place.setCursor('a')
    await place.open().run([{ id: 'd' }], { tableName: 'customers' })
    const info = await place.open().dropResources([/^ord/])
    expect(info?.loadPackages).toHaveLength(1)
    expect(await place.sql("SELECT 1 FROM information_schema.tables WHERE table_name LIKE 'orders%'")).toEqual([])
    expect(await place.count('ds.customers')).toBe(2)
    expect(cursorOf(place.open())).toEqual({ resources: {} })
    await place.open({}, 'there').run([{ id: 'a text now' }], orders)
    expect(await place.sql('SELECT id FROM ds.orders')).toEqual([['a text now']])
    await expect(place.open().dropResources('nothing')).resolves.toBeNull()
  })

  it('or their state alone', async () => {
    const place = new Place()
    await place.open().run([{ id: 1 }], orders)
    await place.setCursor('a')
    await place.open().dropResources('orders', { stateOnly: true })
    expect(cursorOf(place.open())).toEqual({ resources: {} })
    expect(await place.count('ds.orders')).toBe(1)
    expect(await place.count('ds._dlt_pipeline_state')).toBe(2)
  })

  it('is refused with packages pending, and undone where its load fails', async () => {
    const place = new Place()
    await place.open().run([{ id: 1 }], orders)
    await place.open().extract([{ id: 2 }], orders)
    await expect(place.open().dropResources('orders')).rejects.toMatchObject({ code: 'pipeline_has_pending_data' })
    await place.open().run()
    const before = place.open().state
    const tables = place.open().defaultSchema?.tables.get('orders')
    await place.execute('CREATE VIEW ds.seen AS SELECT * FROM ds.orders; CREATE TABLE ds.x AS SELECT * FROM ds.orders')
    await place.execute('DROP TABLE ds.orders; CREATE VIEW ds.orders AS SELECT * FROM ds.x')
    await expect(place.open().dropResources('orders')).rejects.toMatchObject({ step: 'load' })
    expect(place.open().state?._version_hash).toBe(before?._version_hash)
    expect(place.open().defaultSchema?.tables.get('orders')).toEqual(tables)
  })
})

describe('a working folder', () => {
  it('is emptied by drop, and filled again by the next run', async () => {
    const place = new Place()
    const shop = place.open()
    await shop.run([{ id: 1 }], orders)
    await shop.extract([{ id: 2 }], orders)
    await shop.drop()
    expect(shop.state).toBeUndefined()
    expect(shop.schemas.size).toBe(0)
    await shop.run([{ id: 3 }], orders)
    expect(await place.sql('SELECT id FROM ds.orders ORDER BY id')).toEqual([['1'], ['3']])
    expect(await place.count('ds._dlt_version')).toBe(1)
  })

  it('of dev mode is a new one each time, with a dataset of its own', async () => {
    const place = new Place()
    const [first, second] = [place.open({ devMode: true }), place.open({ devMode: true })]
    expect(first.datasetName).toMatch(/^ds_20\d{12}$/)
    expect(second.datasetName).not.toBe(first.datasetName)
    await first.run([{ id: 1 }], orders)
    const third = place.open({ devMode: true })
    expect(third.state).toBeUndefined()
    await third.run([{ id: 1 }, { id: 2 }], orders)
    expect(await place.count(`${first.datasetName}.orders`)).toBe(1)
    expect(await place.count(`${third.datasetName}.orders`)).toBe(2)
    expect(await place.count(`${third.datasetName}._dlt_pipeline_state`)).toBe(1)
    // A run without dev mode wants none of it.
    await place.open().run([{ id: 1 }], orders)
    expect(place.open().state).toMatchObject({ _state_version: 1, dataset_name: 'ds', _local: { _dev_mode: false } })
  })
})
