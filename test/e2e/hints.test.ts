import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  incremental,
  pipeline,
  resource,
  withHints,
  withTableName,
  type Pipeline,
  type SchemaContractHint,
} from 'gantry'
import { query, readDataset } from '../support/duckdb.mjs'
import { run, testFolder } from '../support/gantry.mjs'

let home: string
beforeAll(async () => {
  home = await testFolder('hints')
})
afterAll(() => rm(home, { recursive: true, force: true }))

function open(name: string): Pipeline {
  return pipeline({
    pipelineName: name,
    pipelinesDir: home,
    datasetName: 'ds',
    destination: { type: 'duckdb', credentials: join(home, `${name}.db`) },
  })
}

/** Columns of each table as `name type`, `!` where not null, without those of dlt. */
async function columnsOf(name: string): Promise<Record<string, string[]>> {
  const tables = await readDataset(join(home, `${name}.db`), 'ds')
  return Object.fromEntries(
    Object.entries(tables)
      .filter(([table]) => !table.startsWith('_dlt'))
      .map(([table, { columns }]) => [
        table,
        columns
          .filter((column) => !column.name.startsWith('_dlt'))
          .map((column) => `${column.name} ${column.type}${column.nullable ? '' : '!'}`),
      ]),
  )
}

function sql(name: string, text: string): Promise<unknown[][]> {
  return query(join(home, `${name}.db`), text)
}

/** The failure of a run, with the step and what was behind it. */
async function failureOf(work: Promise<unknown>): Promise<{ step: string; code: unknown; message: string }> {
  try {
    await work
  } catch (error) {
    const { step, message, cause } = error as { step: string; message: string; cause: { code?: unknown } }
    return { step, message, code: cause.code }
  }
  throw new Error('The run did not fail')
}

describe('declared columns', () => {
  it('have their types, order and nullability, and a column without data is there, too', async () => {
    await open('columns').run([{ id: '7', price: '12.345', at: '2024-01-01T12:00:00', when: 'noon' }], {
      tableName: 'Sales',
      primaryKey: 'id',
      columns: {
        when: { dataType: 'text' },
        price: { dataType: 'decimal', precision: 10, scale: 2 },
        at: { dataType: 'timestamp', timezone: false },
        id: { dataType: 'bigint' },
        note: { dataType: 'text' },
      },
    })
    expect(await columnsOf('columns')).toEqual({
      sales: ['when VARCHAR', 'price DECIMAL(10,2)', 'at TIMESTAMP', 'id BIGINT!', 'note VARCHAR'],
    })
    expect(await sql('columns', 'SELECT id, price, "at", note FROM ds.sales')).toEqual([
      ['7', '12.35', '2024-01-01 12:00:00', null],
    ])
  })

  it('that must not be null refuse a null by name', async () => {
    const failure = await failureOf(
      open('nulls').run([{ id: null }], { tableName: 't', columns: { id: { dataType: 'bigint', nullable: false } } }),
    )
    expect(failure).toMatchObject({ step: 'normalize', message: expect.stringContaining('Column "id" of table "t"') })
  })

  it('cannot become another type once they have data', async () => {
    const p = open('retyped')
    await p.run([{ a: 1 }], { tableName: 't' })
    const again = p.run([{ a: 'x' }], { tableName: 't', columns: { a: { dataType: 'text' } } })
    expect(await failureOf(again)).toMatchObject({ step: 'extract', code: 'declared_type_conflict' })
    // A hint that is added later stays, though the type was found out by normalize.
    await p.run([{ a: 2 }], { tableName: 't', columns: { a: { description: 'the first letter', 'x-mine': 1 } } })
    expect(await schemaText(p, 'retyped')).toContain('"description": "the first letter"')
  })
})

async function schemaText(p: Pipeline, name: string): Promise<string> {
  return readFile(join(p.workingDir, 'schemas', `${name}.schema.json`), 'utf8')
}

describe('nested hints', () => {
  it('type the columns of tables below, and give a table with a key a life of its own', async () => {
    const orders = [{ id: 1, lines: [{ sku: 'A', qty: 2, taxes: [{ rate: 7 }] }], tags: [{ name: 'new' }] }]
    await open('nested').run(orders, {
      tableName: 'orders',
      nestedHints: new Map<string | readonly string[], object>([
        ['lines', { columns: { qty: { dataType: 'double' } } }],
        [['lines', 'taxes'], { columns: { rate: { dataType: 'decimal', precision: 5, scale: 1 } } }],
        ['tags', { primaryKey: 'name' }],
      ]),
    })
    expect(await columnsOf('nested')).toEqual({
      orders: ['id BIGINT'],
      orders__lines: ['qty DOUBLE', 'sku VARCHAR'],
      orders__lines__taxes: ['rate DECIMAL(5,1)'],
      orders__tags: ['name VARCHAR!'],
    })
    const names = (
      await sql('nested', "SELECT column_name FROM information_schema.columns WHERE table_name = 'orders__tags'")
    ).flat()
    expect(names).toContain('_dlt_load_id')
    expect(names).not.toContain('_dlt_parent_id')
  })

  it('and maxTableNesting says how deep tables go', async () => {
    await open('depth').run([{ id: 1, lines: [{ taxes: [{ rate: 7 }] }] }], { tableName: 't', maxTableNesting: 1 })
    expect(await columnsOf('depth')).toEqual({ t: ['id BIGINT'], t__lines: ['taxes JSON'] })
  })
})

describe('a table for each row', () => {
  it('is what the function says, with the hints of the resource', async () => {
    const p = open('routed')
    const events = [
      { kind: 'Click', id: 1 },
      { kind: 'view', id: 2 },
      { kind: 'click', id: 3 },
    ]
    const extracted = await p.extract(events, {
      tableName: ({ kind }) => String(kind),
      columns: { id: { dataType: 'text' } },
    })
    expect(extracted.toJSON()).toMatchObject({ row_counts: { click: 2, view: 1 } })
    await p.run()
    expect(await columnsOf('routed')).toEqual({
      click: ['id VARCHAR', 'kind VARCHAR'],
      view: ['id VARCHAR', 'kind VARCHAR'],
    })
    expect(await sql('routed', 'SELECT id FROM ds.click ORDER BY id')).toEqual([['1'], ['3']])
  })

  it('and has to be a name', async () => {
    const failure = await failureOf(
      open('unrouted').run([{ kind: 'a' }, {}], { tableName: (row) => row['kind'] as string }),
    )
    expect(failure).toMatchObject({ step: 'extract', code: 'invalid_hint' })
    expect(failure.message).toContain('"tableName" gave nothing for row 2')
  })

  it('with many rows and tables keeps each row', async () => {
    function* rows(): Generator {
      for (let id = 0; id < 30_000; id++) yield { id, text: 'x'.repeat(100) }
    }
    await open('many').run(rows(), { tableName: (row) => `t${Number(row['id']) % 50}` })
    const tables = Object.keys(await columnsOf('many'))
    expect(tables).toHaveLength(50)
    const all = tables.map((table) => `SELECT id FROM ds.${table}`).join(' UNION ALL ')
    expect(await sql('many', `SELECT count(DISTINCT id), count(*) FROM (${all})`)).toEqual([['30000', '30000']])
  })
})

describe('a replaced table', () => {
  it('becomes empty where there are no rows, and is not made where there never were any', async () => {
    const p = open('replaced')
    await p.run([{ id: 1 }], { tableName: 't' })
    await p.run([], { tableName: 't', writeDisposition: 'replace' })
    expect(await sql('replaced', 'SELECT count(*) FROM ds.t')).toEqual([['0']])
    await p.run([], { tableName: 'never', writeDisposition: 'replace', columns: { id: { dataType: 'text' } } })
    expect(Object.keys(await columnsOf('replaced'))).toEqual(['t'])
  })
})

describe('a schema contract', () => {
  const first = [{ id: 1, n: 1 }]
  const violating = [
    { id: 2, n: 5, fresh: 'x' },
    { id: 3, n: 'no number' },
    { id: 4, n: 6 },
  ]
  const rowsOf = (name: string): Promise<unknown[][]> => sql(name, 'SELECT id, n FROM ds.t ORDER BY id')

  it.each<[string, SchemaContractHint & object, unknown[][], string[]]>([
    [
      'evolve',
      { columns: 'evolve' },
      [
        ['1', '1'],
        ['2', '5'],
        ['3', null],
        ['4', '6'],
      ],
      ['fresh VARCHAR', 'n__v_text VARCHAR'],
    ],
    [
      'columns discard_value',
      { columns: 'discard_value' },
      [
        ['1', '1'],
        ['2', '5'],
        ['3', null],
        ['4', '6'],
      ],
      ['n__v_text VARCHAR'],
    ],
    [
      'columns discard_row',
      { columns: 'discard_row' },
      [
        ['1', '1'],
        ['3', null],
        ['4', '6'],
      ],
      ['n__v_text VARCHAR'],
    ],
    [
      'dataType discard_value',
      { dataType: 'discard_value' },
      [
        ['1', '1'],
        ['2', '5'],
        ['3', null],
        ['4', '6'],
      ],
      ['fresh VARCHAR'],
    ],
    [
      'dataType discard_row',
      { dataType: 'discard_row' },
      [
        ['1', '1'],
        ['2', '5'],
        ['4', '6'],
      ],
      ['fresh VARCHAR'],
    ],
  ])('%s', async (mode, schemaContract, rows, added) => {
    const name = `contract_${mode.replaceAll(' ', '_')}`
    const p = open(name)
    await p.run(first, { tableName: 't' })
    await p.run(violating, { tableName: 't', schemaContract })
    expect(await rowsOf(name)).toEqual(rows)
    expect((await columnsOf(name))['t']?.toSorted()).toEqual([...added, 'id BIGINT', 'n BIGINT'].toSorted())
  })

  it.each<[SchemaContractHint & object, number, string]>([
    [{ columns: 'freeze' }, 0, 'a new column "fresh" of table "t"'],
    [{ dataType: 'freeze' }, 1, 'the column "n__v_text"'],
  ])('%j ends the run, and nothing of it is loaded', async (schemaContract, row, message) => {
    const name = `frozen_${row}`
    const p = open(name)
    await p.run(first, { tableName: 't' })
    const failure = await failureOf(p.run([violating[row]], { tableName: 't', schemaContract }))
    expect(failure).toMatchObject({
      step: 'normalize',
      code: 'data_validation_error',
      message: expect.stringContaining(message),
    })
    expect(await rowsOf(name)).toEqual([['1', '1']])
  })

  it('judges what is declared before any row is written', async () => {
    const p = open('declared')
    await p.run(first, { tableName: 't' })
    const failure = await failureOf(
      p.run(first, { tableName: 't', columns: { m: { dataType: 'text' } }, schemaContract: 'freeze' }),
    )
    expect(failure).toMatchObject({ step: 'extract', code: 'data_validation_error' })
    expect(await p.run()).toBeNull()
  })

  it('for tables leaves out new ones, or refuses them', async () => {
    const p = open('tables')
    await p.run(first, { tableName: 't' })
    await p.run([{ id: 5, lines: [{ a: 1 }] }], { tableName: 't', schemaContract: { tables: 'discard_row' } })
    const none = await p.extract([{ id: 1 }], { tableName: 'fresh', schemaContract: { tables: 'discard_value' } })
    expect(none.toJSON()).toMatchObject({ load_packages: [] })
    expect(Object.keys(await columnsOf('tables'))).toEqual(['t'])
    expect(await sql('tables', 'SELECT id FROM ds.t ORDER BY id')).toEqual([['1'], ['5']])
    const failure = await failureOf(p.run([{ id: 1 }], { tableName: 'fresh', schemaContract: { tables: 'freeze' } }))
    expect(failure).toMatchObject({ step: 'extract', code: 'data_validation_error' })
  })

  it('holds for later runs, and lets the columns of a new table in once', async () => {
    const p = open('later')
    await p.run(first, { tableName: 't', schemaContract: { columns: 'discard_value' } })
    await p.run([{ id: 2, n: 2, fresh: 1 }], { tableName: 't' })
    await p.run([{ id: 3, n: 3 }], { tableName: 'u' })
    await p.run([{ id: 4, n: 4, fresh: 1 }], { tableName: 'u' })
    expect(await columnsOf('later')).toEqual({ t: ['id BIGINT', 'n BIGINT'], u: ['id BIGINT', 'n BIGINT'] })
    await p.run([{ id: 5, n: 5, fresh: 1 }], { tableName: 't', schemaContract: 'evolve' })
    expect((await columnsOf('later'))['t']).toEqual(['id BIGINT', 'n BIGINT', 'fresh BIGINT'])
  })
})

describe('a zod schema', () => {
  const Event = z.object({
    id: z.int(),
    at: z.date(),
    price: z.number(),
    note: z.string().optional(),
    source: z.string().default('web'),
    tags: z.array(z.object({ name: z.string() })),
  })

  it('types columns, also where no row has a value, fills defaults and checks rows', async () => {
    const p = open('zod')
    const event = { id: 1, at: new Date('2024-01-01T00:00:00Z'), price: 2, tags: [{ name: 'new' }] }
    await p.run([event], { tableName: 'events', columns: Event, primaryKey: 'id' })
    expect(await columnsOf('zod')).toEqual({
      events: ['id BIGINT!', 'at TIMESTAMP WITH TIME ZONE!', 'price DOUBLE!', 'note VARCHAR', 'source VARCHAR!'],
      events__tags: ['name VARCHAR'],
    })
    expect(await sql('zod', 'SELECT id, price, note, source FROM ds.events')).toEqual([['1', 2, null, 'web']])
    const wrong = { ...event, tags: [{ name: 7 as unknown as string }] }
    const failure = await failureOf(p.run([event, wrong], { tableName: 'events', columns: Event }))
    expect(failure).toMatchObject({ step: 'extract', code: 'data_validation_error' })
    expect(failure.message).toContain('Row 2 for "events" does not fit the schema of its columns: "tags.0.name"')
    await p.run([wrong, event], { tableName: 'events', columns: Event, schemaContract: { dataType: 'discard_row' } })
    expect(await sql('zod', 'SELECT count(*) FROM ds.events')).toEqual([['2']])
  })
})

describe('the command line', () => {
  it('declares a key and a contract', async () => {
    await writeFile(join(home, 'a.jsonl'), '{"order_id":1,"line":1}\n')
    await writeFile(join(home, 'b.jsonl'), '{"order_id":2,"line":1,"fresh":1}\n')
    const flags = ['--pipeline-name', 'flags', '--table', 't']
    const first = await run('gantry', ['run', 'a.jsonl', ...flags, '--primary-key', 'order_id,line'], home)
    expect(first.code, first.stderr).toBe(0)
    const second = await run('gantry', ['run', 'b.jsonl', ...flags, '--schema-contract', 'discard_value'], home)
    expect(second.code, second.stderr).toBe(0)
    const { t } = await readDataset(join(home, 'flags.duckdb'), 'flags_dataset')
    expect(t?.columns.slice(0, 2)).toEqual([
      { name: 'order_id', type: 'BIGINT', nullable: false },
      { name: 'line', type: 'BIGINT', nullable: false },
    ])
    expect(t?.columns.map(({ name }) => name)).not.toContain('fresh')
    expect(t?.rows).toHaveLength(2)
  })

  it('refuses a key with an empty name, and a mode that is none', async () => {
    const key = await run('gantry', ['extract', 'a.jsonl', '--primary-key', 'id,'], home)
    expect(key.code).toBe(2)
    expect(key.stderr).toContain('--primary-key takes names of columns, separated by commas')
    const mode = await run('gantry', ['run', 'a.jsonl', '--schema-contract', 'frozen'], home)
    expect(mode.code).toBe(2)
    expect(mode.stderr).toContain('--schema-contract takes evolve, freeze, discard_row, discard_value')
  })
})

describe('hints that are functions of the row', () => {
  type Typed = { readonly type: string; readonly mode: string }
  const rows = [
    { type: 'a', id: 1, n: 1, mode: 'x' },
    { type: 'b', id: 1, k: 2, mode: 'x' },
    { type: 'a', id: 2, m: 1, mode: 'y' },
  ]

  /** Hints and columns of a table, as dlt stores them. */
  async function declared(name: string, data: unknown): Promise<Record<string, unknown>> {
    const p = open(name)
    await p.extract(data)
    const own = [...(p.defaultSchema?.tables ?? [])].filter(([table]) => !table.startsWith('_dlt'))
    return Object.fromEntries(
      own.map(([table, { hints, columns }]) => [
        table,
        { ...hints, columns: Object.fromEntries([...columns].map(([name, column]) => [name, withoutName(column)])) },
      ]),
    )
  }

  const withoutName = (column: object): object =>
    Object.fromEntries(Object.entries(column).filter(([key]) => key !== 'name'))

  // What is expected is what dlt 1.26.0 made of the same rows and functions.

  it('declare the table that their row goes to; of columns all that rows have said', async () => {
    const events = resource(
      {
        name: 'ev',
        tableName: ({ type }: Typed) => type,
        primaryKey: ({ type }: Typed) => (type === 'a' ? 'id' : ['id', 'k']),
        writeDisposition: ({ type }: Typed) => (type === 'a' ? 'merge' : 'append'),
        columns: ({ mode }: Typed) => (mode === 'x' ? { n: { dataType: 'text' } } : { m: { dataType: 'double' } }),
      },
      rows,
    )
    const key = { nullable: false, primary_key: true }
    expect(await declared('per_row', events)).toEqual({
      a: {
        resource: 'ev',
        write_disposition: 'merge',
        columns: { n: { data_type: 'text' }, id: key, m: { data_type: 'double' } },
      },
      b: { resource: 'ev', write_disposition: 'append', columns: { n: { data_type: 'text' }, id: key, k: key } },
    })
    await open('per_row').normalize()
    await open('per_row').load()
    expect(await sql('per_row', 'SELECT n, m FROM ds.a ORDER BY id')).toEqual([
      ['1', null],
      [null, 1],
    ])
  })

  it('are those of the last row where rows of one table contradict each other', async () => {
    const events = resource(
      {
        name: 'ev',
        tableName: ({ type }: Typed) => type,
        primaryKey: 'id',
        writeDisposition: ({ mode }: Typed) => (mode === 'x' ? { disposition: 'merge', strategy: 'upsert' } : 'append'),
      },
      [...rows, rows[0], rows[2]],
    )
    const columns = { id: { nullable: false, primary_key: true } }
    expect(await declared('last_row', events)).toEqual({
      a: { resource: 'ev', 'x-merge-strategy': 'upsert', write_disposition: 'append', columns },
      b: { resource: 'ev', 'x-merge-strategy': 'upsert', write_disposition: 'merge', columns },
    })
  })

  it('are any hint of tables', async () => {
    const reference = { referencedTable: 'x', columns: ['id'], referencedColumns: ['id'] }
    const events = resource(
      {
        name: 'ev',
        tableName: ({ type }: Typed) => type,
        nestedHints: () => ({ items: { columns: { v: { dataType: 'text' } } } }),
        schemaContract: ({ type }: Typed) => (type === 'b' ? { columns: 'freeze' } : 'evolve'),
        tableFormat: () => 'native',
        references: () => [reference],
        fileFormat: () => 'jsonl',
        mergeKey: () => 'id',
      },
      rows,
    )
    const common = {
      resource: 'ev',
      write_disposition: 'append',
      table_format: 'native',
      file_format: 'jsonl',
      references: [{ referenced_table: 'x', columns: ['id'], referenced_columns: ['id'] }],
      columns: { id: { nullable: false, merge_key: true } },
    }
    const items = { columns: { v: { data_type: 'text' } } }
    const once = { 'x-normalizer': { 'evolve-columns-once': true } }
    expect(await declared('any_hint', events)).toEqual({
      a: { ...common, schema_contract: 'evolve' },
      a__items: { ...items, parent: 'a' },
      b: { ...common, ...once, schema_contract: { columns: 'freeze' } },
      b__items: { ...items, ...once, parent: 'b' },
    })
  })

  it('come with rows, too, and give way to a variant of the table', async () => {
    const key = { nullable: false, primary_key: true }
    const later = resource({ name: 'ev' }, function* () {
      yield rows[0]
      yield withHints(rows[1], { tableName: ({ type }: Typed) => type, primaryKey: () => 'id' })
      yield rows[2]
    })
    const plain = { resource: 'ev', write_disposition: 'append', columns: {} }
    expect(await declared('brought', later)).toEqual({
      ev: plain,
      b: { ...plain, columns: { id: key } },
      a: { ...plain, columns: { id: key } },
    })
    const variant = resource(
      { name: 'ev', tableName: ({ type }: Typed) => type, primaryKey: () => 'id' },
      function* () {
        const hints = { tableName: 'a', writeDisposition: 'replace', columns: { z: { dataType: 'bool' } } } as const
        yield withHints(rows[0], hints, { createTableVariant: true })
        yield rows[1]
      },
    )
    expect(await declared('variant', variant)).toEqual({
      a: { resource: 'ev', write_disposition: 'replace', columns: { z: { data_type: 'bool' } } },
      b: { ...plain, columns: { id: key } },
    })
  })

  it('tell rows at a cursor apart', async () => {
    const events = resource(
      {
        name: 'ev',
        tableName: ({ type }: Typed) => type,
        primaryKey: () => ['type', 'id'],
        incremental: incremental('at'),
      },
      () => [
        { type: 'a', id: 1, at: 1, run: run++ },
        { type: 'b', id: 1, at: 1, run },
      ],
    )
    let run = 0
    for (let turn = 0; turn < 2; turn++) await open('cursor').run(events)
    expect(await sql('cursor', 'SELECT run FROM ds.a UNION ALL SELECT run FROM ds.b')).toEqual([['0'], ['1']])
  })

  it('need a tableName that is one', async () => {
    expect(() => resource({ name: 'ev', tableName: 'ev', primaryKey: () => 'id' }, rows)).toThrow(
      expect.objectContaining({
        code: 'inconsistent_table_template',
        message: expect.stringMatching(
          /"primaryKey" of resource "ev" is a function of the row, so "tableName"/,
        ) as string,
      }),
    )
    expect(() => resource({ name: 'ev' }, rows).applyHints({ writeDisposition: () => 'append' })).toThrow(/"tableName"/)
    const inVariant = resource({ name: 'ev' }, function* () {
      yield withHints(rows[0], { tableName: 'v', primaryKey: () => 'id' }, { createTableVariant: true })
    })
    const inRows = resource({ name: 'ev' }, function* () {
      yield withHints(rows[0], { primaryKey: () => 'id' })
    })
    for (const data of [inVariant, inRows]) {
      expect(await failureOf(open('inconsistent').run(data))).toMatchObject({ code: 'inconsistent_table_template' })
    }
    const ofRun = open('inconsistent').run(rows, { tableName: 'ev', fileFormat: () => 'csv' })
    expect(await failureOf(ofRun)).toMatchObject({ code: 'inconsistent_table_template' })
  })
})

it('a variant of a table goes on from what it was', async () => {
  const p = open('variant_twice')
  await p.extract(
    resource({ name: 'ev' }, function* () {
      yield withHints({ id: 1 }, { tableName: 'va', primaryKey: 'id' }, { createTableVariant: true })
      yield withHints({ id: 1 }, { tableName: 'va', writeDisposition: 'merge' }, { createTableVariant: true })
      yield withTableName({ id: 2 }, 'va')
    }),
  )
  const table = p.defaultSchema?.tables.get('va')
  expect(table?.hints).toEqual({ resource: 'ev', write_disposition: 'merge' })
  expect(table?.columns.get('id')).toEqual({ name: 'id', nullable: false, primary_key: true })
})

it('additional hints are added to each other, and taken away together', () => {
  const events = resource({ name: 'ev' }, [])
  events.applyHints({ additionalTableHints: { 'x-a': 1 } }).applyHints({ additionalTableHints: { 'x-b': 2 } })
  expect(events.hints.additionalTableHints).toEqual({ 'x-a': 1, 'x-b': 2 })
  expect(events.applyHints({ additionalTableHints: {} }).hints).not.toHaveProperty('additionalTableHints')
})
