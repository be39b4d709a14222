import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, type Hints, type Pipeline } from 'gantry'
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

  it.each<[string, Hints['schemaContract'] & object, unknown[][], string[]]>([
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

  it.each<[Hints['schemaContract'] & object, number, string]>([
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
