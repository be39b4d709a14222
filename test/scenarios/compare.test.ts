import { describe, expect, it } from 'vitest'
import { compareStep, type Found } from './compare.mjs'
import { stepsFor } from './scenario.mjs'
import { Loads } from './symbols.mjs'

const nothing: Found = {
  error: null,
  rowCounts: {},
  pagesPulled: {},
  pending: {},
  state: null,
  schemas: {},
  datasetName: 'ds',
}

const firstLoad = '1718000001.3185234'
const secondLoad = '1718000002.25'

function context() {
  const loads = new Loads()
  loads.add([secondLoad, firstLoad])
  return { loads, from: Date.UTC(2024, 5, 1), until: Date.UTC(2024, 6, 1) }
}

type Rows = Record<string, readonly Record<string, unknown>[]>

/** What differs between expected rows and found ones. */
function differences(expected: Rows, found: Rows): string[] {
  const wanted = Object.fromEntries(Object.entries(expected).map(([name, rows]) => [name, { rows }]))
  const tables = Object.fromEntries(Object.entries(found).map(([name, rows]) => [name, { columns: [], rows }]))
  const dataset = { tables, dltTables: {} }
  return compareStep({ tables: wanted }, { ...nothing, dataset }, context()).map(({ text }) => text)
}

const line = (sku: string, parent: string, index: number, id: string) => ({
  sku,
  _dlt_parent_id: parent,
  _dlt_list_idx: index,
  _dlt_id: id,
})

describe('rows', () => {
  const orders = [
    { id: 1, _dlt_load_id: '@load1', _dlt_id: '@orders[id=1]' },
    { id: 2, _dlt_load_id: '@load2', _dlt_id: '@orders[id=2]' },
  ]
  const lines = [
    line('A', '@orders[id=1]', 0, '@orders[id=1].lines[0]'),
    line('B', '@orders[id=2]', 0, '@orders[id=2].lines[0]'),
  ]
  const found = {
    orders: [
      { id: 2, _dlt_load_id: secondLoad, _dlt_id: 'xxxxxxxxxxxxx2' },
      { id: 1, _dlt_load_id: firstLoad, _dlt_id: 'xxxxxxxxxxxxx1' },
    ],
    orders__lines: [line('A', 'xxxxxxxxxxxxx1', 0, 'yyyyyyyyyyyyy1'), line('B', 'xxxxxxxxxxxxx2', 0, 'yyyyyyyyyyyyy2')],
  }
  const expected = { orders, orders__lines: lines }

  it('fit in any order, whatever their ids are', () => {
    expect(differences(expected, found)).toEqual([])
  })

  it('have to hang under the parents that they should', () => {
    const [a, b] = found.orders__lines
    const swapped = [
      { ...a, _dlt_parent_id: 'xxxxxxxxxxxxx2' },
      { ...b, _dlt_parent_id: 'xxxxxxxxxxxxx1' },
    ]
    const texts = differences(expected, { ...found, orders__lines: swapped })
    expect(texts[0]).toMatch(/do not belong together.*expected.*"id":1.*"sku":"A"/)
  })

  it('whose parent is gone are not those whose parent is there', () => {
    const orphan = found.orders__lines.map((row) => ({ ...row, _dlt_parent_id: 'nobody' }))
    expect(differences(expected, { ...found, orders__lines: orphan }).join('\n')).toContain('"@gone"')
  })

  it('with a parent that is gone fit each other by what they share', () => {
    const gone = [
      line('A', '@orders[gone 1]', 0, '@orders[gone 1].lines[0]'),
      line('B', '@orders[gone 1]', 1, '@orders[gone 1].lines[1]'),
    ]
    const shared = [line('A', 'p', 0, 'a'), line('B', 'p', 1, 'b')]
    const apart = [line('A', 'p', 0, 'a'), line('B', 'q', 1, 'b')]
    expect(differences({ orders: [], orders__lines: gone }, { orders: [], orders__lines: shared })).toEqual([])
    expect(differences({ orders: [], orders__lines: gone }, { orders: [], orders__lines: apart })).not.toEqual([])
  })

  it('that are alike may change places, together with what is below them', () => {
    const twins = {
      orders: [
        { id: 1, _dlt_id: '@orders[id=1]~1' },
        { id: 1, _dlt_id: '@orders[id=1]~2' },
      ],
      orders__lines: [
        line('A', '@orders[id=1]~1', 0, '@orders[id=1]~1.lines[0]'),
        line('B', '@orders[id=1]~2', 0, '@orders[id=1]~2.lines[0]'),
        line('C', '@orders[id=1]~2', 1, '@orders[id=1]~2.lines[1]'),
      ],
    }
    const roots = [
      { id: 1, _dlt_id: 'second' },
      { id: 1, _dlt_id: 'first' },
    ]
    const fitting = [line('C', 'second', 1, 'c'), line('B', 'second', 0, 'b'), line('A', 'first', 0, 'a')]
    const mixed = [line('C', 'first', 1, 'c'), line('B', 'second', 0, 'b'), line('A', 'first', 0, 'a')]
    expect(differences(twins, { orders: roots, orders__lines: fitting })).toEqual([])
    expect(differences(twins, { orders: roots, orders__lines: mixed })).not.toEqual([])
  })

  it('may not share an id', () => {
    const same = found.orders.map((row) => ({ ...row, _dlt_id: 'same' }))
    expect(differences({ orders }, { orders: same })).toContain('orders: 1 ids in _dlt_id for 2')
  })

  it('made from content have exactly the id that is expected', () => {
    const upserted = { orders: [{ id: 2, _dlt_id: 'M6/KlLzJ2FeV/w' }] }
    expect(differences(upserted, upserted)).toEqual([])
    expect(differences(upserted, { orders: [{ id: 2, _dlt_id: 'aaaaaaaaaaaaaa' }] })).not.toEqual([])
  })

  it('name their root row', () => {
    const withRoot = (row: object, root: string) => ({ ...row, _dlt_root_id: root })
    const wanted = { orders, orders__lines: [withRoot(lines[0]!, '@orders[id=1]')] }
    const [first] = found.orders__lines
    expect(differences(wanted, { ...found, orders__lines: [withRoot(first!, 'xxxxxxxxxxxxx1')] })).toEqual([])
    expect(differences(wanted, { ...found, orders__lines: [withRoot(first!, 'xxxxxxxxxxxxx2')] })).not.toEqual([])
  })

  it('belong to the load that they should', () => {
    const moved = found.orders.map((row) => ({ ...row, _dlt_load_id: firstLoad }))
    expect(differences({ orders }, { orders: moved })[1]).toContain('"_dlt_load_id":"@load1"')
  })

  it('are counted: one too many is found', () => {
    expect(differences({ orders: orders.slice(0, 1) }, { orders: found.orders })).toHaveLength(1)
    expect(differences({ orders }, { orders: found.orders.slice(0, 1) })[0]).toMatch(/^orders: expected/)
  })

  it('hold times of loads to the microsecond', () => {
    const wanted = { orders: [{ from: '@load1.created_at', _dlt_id: 'a' }] }
    const at = (time: string) => ({ orders: [{ from: time, _dlt_id: 'a' }] })
    expect(differences(wanted, at('2024-06-10T06:13:21.318523Z'))).toEqual([])
    expect(differences(wanted, at('2024-06-10T06:13:21.318423Z'))).not.toEqual([])
  })

  it('keep their ids from step to step', () => {
    const rowIds = new Map<string, string>()
    const after = (id: string) => {
      const rows = [{ id: 1, _dlt_load_id: firstLoad, _dlt_id: id }]
      const dataset = { tables: { orders: { columns: [], rows } }, dltTables: {} }
      const wanted = { tables: { orders: { rows: orders.slice(0, 1) } } }
      return compareStep(wanted, { ...nothing, dataset }, { ...context(), rowIds })
    }
    expect([after('a'), after('a')]).toEqual([[], []])
    expect(after('b')).toHaveLength(1)
  })

  it('of a table that was not expected are found', () => {
    expect(differences({ orders: [] }, { orders: [], others: [] })).toHaveLength(2)
  })
})

describe('columns', () => {
  const column = { name: 'id', type: 'BIGINT', nullable: true }
  const compare = (columns: readonly object[]) =>
    compareStep(
      { tables: { t: { columns: [column], rows: [] } } },
      { ...nothing, dataset: { tables: { t: { columns, rows: [] } }, dltTables: {} } },
      context(),
    ).length

  it('differ by type, by nullability, by uniqueness and by order', () => {
    expect(compare([column])).toBe(0)
    expect(compare([{ ...column, type: 'DOUBLE' }])).toBeGreaterThan(0)
    expect(compare([{ ...column, nullable: false }])).toBeGreaterThan(0)
    expect(compare([{ ...column, unique: true }])).toBeGreaterThan(0)
    expect(compare([{ ...column, name: 'a' }, column])).toBeGreaterThan(0)
  })
})

describe('errors', () => {
  const wanted = { error: { class: 'X', step: 'load', message_contains: ['ORDERS'] } }
  const failed = (step: string, message: string) => ({ ...nothing, error: Object.assign(new Error(message), { step }) })

  it('differ by step and by what the message says, not by class', () => {
    expect(compareStep(wanted, failed('load', 'table "orders" is gone'), context())).toEqual([])
    expect(compareStep(wanted, failed('extract', 'table "orders" is gone'), context())).toHaveLength(1)
    expect(compareStep(wanted, failed('load', 'gone'), context())).toHaveLength(1)
    expect(compareStep(wanted, nothing, context())).toHaveLength(1)
    expect(compareStep({ error: null }, failed('load', 'gone'), context())).toHaveLength(1)
  })
})

describe('state', () => {
  const state = (hashes: readonly string[]) => ({ version: 1, sources: { a: { unique_hashes: hashes } } })

  it('holds hashes of rows in any order, and anything where anything is expected', () => {
    const compare = (wanted: object, found: object) =>
      compareStep({ state: wanted }, { ...nothing, state: found }, context())
    expect(compare(state(['x', 'y']), state(['y', 'x']))).toEqual([])
    expect(compare(state(['x', 'y']), state(['x', 'z']))).toHaveLength(2)
    expect(compare({ ...state([]), version_hash: '@any' }, { ...state([]), version_hash: 'abc' })).toEqual([])
    expect(compare({ ...state([]), version_hash: 'xyz' }, { ...state([]), version_hash: 'abc' })).toHaveLength(2)
  })
})

describe("dlt's tables", () => {
  const compare = (rows: readonly Record<string, unknown>[]) =>
    compareStep(
      { dlt_tables: { _dlt_loads: { row_count: 1, rows: [{ load_id: '@load1', inserted_at: '@now' }] } } },
      { ...nothing, dataset: { tables: {}, dltTables: { _dlt_loads: { columns: [], rows } } } },
      context(),
    ).map(({ text }) => text)

  it('hold the load, at a time of the scenario', () => {
    expect(compare([{ load_id: firstLoad, inserted_at: '2024-06-10T06:13:22.000000Z' }])).toEqual([])
    expect(compare([{ load_id: secondLoad, inserted_at: '2024-06-10T06:13:22.000000Z' }])).toHaveLength(2)
    expect(compare([{ load_id: firstLoad, inserted_at: '2020-06-10T06:13:22.000000Z' }])).toHaveLength(2)
    expect(compare([])).toHaveLength(2)
  })
})

describe('steps', () => {
  const by = { $by: { duckdb: 'A', postgres: 'B' } }

  it('are resolved for an engine; what is left out is as in the step before', () => {
    const steps = stepsFor(
      {
        steps: [
          { run: {}, expect: { tables: { t: { columns: [by], rows: [] } }, remote_state: { v: by } } },
          { sql: { duckdb: ['x'], postgres: ['y'] } },
          { run: {}, expect: { tables: { t: { rows: [] } }, remote_state: '@unchanged' } },
        ],
      },
      'postgres',
    )
    expect(steps[1]).toMatchObject({ sql: ['y'] })
    expect(steps[2]).toMatchObject({ expect: { tables: { t: { columns: ['B'] } }, remote_state: { v: 'B' } } })
  })

  it('compare with what Gantry does on purpose, where it departs', () => {
    const scenario = {
      steps: [{ run: {}, expect: { error: null }, gantry_expect: { pending: 1 }, departure_destinations: ['duckdb'] }],
    }
    expect(stepsFor(scenario, 'duckdb')[0]).toMatchObject({ expect: { pending: 1 } })
    expect(stepsFor(scenario, 'postgres')[0]).toMatchObject({ expect: { error: null } })
  })
})
