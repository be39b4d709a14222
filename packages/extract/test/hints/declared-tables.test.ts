import { describe, expect, it } from 'vitest'
import { namingConvention, type Table } from '@gantry/common'
import { declaredTables } from '../../src/hints/declared-tables.ts'
import type { StaticHints } from '../../src/hints/hints.ts'

const naming = namingConvention('snake_case', 63)

function declare(hints: StaticHints): Table[] {
  return declaredTables('Orders', 'Orders', hints, naming)
}

function columnsOf(table: Table | undefined): unknown[] {
  return [...(table?.columns.values() ?? [])]
}

describe('hints of a table', () => {
  it('name it, and append by default', () => {
    expect(declare({})).toEqual([
      { name: 'orders', columns: new Map(), hints: { write_disposition: 'append', resource: 'Orders' } },
    ])
  })

  it('are stored in dlt’s spelling', () => {
    const [table] = declare({
      writeDisposition: 'replace',
      schemaContract: { columns: 'freeze', dataType: 'discard_row' },
      tableFormat: 'delta',
      fileFormat: 'parquet',
      maxTableNesting: 2,
      references: [{ referencedTable: 'Customers', columns: ['customerId'], referencedColumns: ['ID'] }],
      additionalTableHints: { description: 'all orders', 'x-owner': { team: ['a'] } },
    })
    expect(table?.hints).toEqual({
      write_disposition: 'replace',
      resource: 'Orders',
      schema_contract: { columns: 'freeze', data_type: 'discard_row' },
      table_format: 'delta',
      file_format: 'parquet',
      'x-normalizer': { max_nesting: 2 },
      references: [{ referenced_table: 'customers', columns: ['customer_id'], referenced_columns: ['id'] }],
      description: 'all orders',
      'x-owner': { team: ['a'] },
    })
  })

  it.each([
    [{ write_disposition: 'append' }, '"write_disposition" is spelled "writeDisposition"'],
    [{ writeDisposition: 'upsert' }, 'It takes append, replace, merge, skip'],
    [
      { writeDisposition: { disposition: 'merge', strategy: 'scd3' } },
      'It takes delete-insert, upsert, insert-only, scd2',
    ],
    [{ writeDisposition: { disposition: 'append', strategy: 'upsert' } }, '"strategy" of the writeDisposition'],
    [{ writeDisposition: { disposition: 'merge', validityColumnNames: ['a', 'b'] } }, '"validityColumnNames" of'],
    [{ schemaContract: 'frieze' }, 'It takes evolve, freeze, discard_row, discard_value'],
    [{ schemaContract: { data_type: 'freeze' } }, 'Did you mean "dataType"?'],
    [{ schemaContract: { columns: 'no' } }, '"columns" in the schemaContract of table "orders" is "no"'],
    [{ primaryKey: [1] }, '"primaryKey" of table "orders" takes the name of a column'],
    [{ tableFormat: 'parquet' }, '"tableFormat" of table "orders" must be one of iceberg, delta, hive, native'],
    [{ fileFormat: 'xlsx' }, '"fileFormat" of table "orders" must be one of preferred, jsonl'],
    [{ maxTableNesting: -1 }, 'takes a whole number from 0, not -1'],
    [{ references: [{ columns: ['a'] }] }, 'needs "referencedTable"'],
    [{ references: [{ referencedTable: 't', columns: ['a'], referencedColumns: [] }] }, 'has 1 columns for 0 there'],
    [{ additionalTableHints: { parent: 'x' } }, '"parent" of the additionalTableHints'],
    [{ additionalTableHints: { 'x-when': new Date(0) } }, 'must be a value that JSON can hold'],
  ])('%j is refused: %s', (hints, message) => {
    expect(() => declare(hints as StaticHints)).toThrow(message)
  })
})

describe('hints of columns', () => {
  it('are a map or a list, and keep order and hints of one’s own', () => {
    const wanted = [
      { name: 'z_price', data_type: 'decimal', precision: 10, scale: 2, nullable: false },
      { name: 'a', unique: true, 'x-mine': [1] },
    ]
    const price = { dataType: 'decimal', precision: 10, scale: 2, nullable: false } as const
    const own = { unique: true, 'x-mine': [1] }
    expect(columnsOf(declare({ columns: { zPrice: price, a: own } })[0])).toEqual(wanted)
    expect(
      columnsOf(
        declare({
          columns: [
            { name: 'zPrice', ...price },
            { name: 'a', ...own },
          ],
        })[0],
      ),
    ).toEqual(wanted)
  })

  it.each([
    [
      { id: { data_type: 'text' } },
      '"data_type" of column "id" of table "orders" is not known. Did you mean "dataType"?',
    ],
    [{ id: { type: 'text' } }, 'Known: name, dataType, nullable'],
    [{ id: { dataType: 'money' } }, '"dataType" of column "id" of table "orders" must be one of text, bigint'],
    [{ id: { nullable: 'no' } }, 'must be true or false'],
    [{ id: { dedupSort: 'up' } }, 'must be one of asc, desc'],
    [{ id: { 'x-f': () => 1 } }, 'must be a value that JSON can hold'],
    [{ id: 'text' }, 'column "id" of table "orders" takes a map of hints'],
    [{ id: { name: 'other' } }, 'calls itself "other"'],
    [[{ dataType: 'text' }], 'item 1 in "columns" of table "orders" has no "name"'],
    [[{ name: 'a' }, { name: 'a' }], 'has two columns "a"'],
    ['id', '"columns" of table "orders" takes a map'],
  ])('%j are refused: %s', (columns, message) => {
    expect(() => declare({ columns: columns as unknown as NonNullable<StaticHints['columns']> })).toThrow(message)
  })

  it('that get one name are put together, and that is told', () => {
    const told: string[] = []
    const [table] = declaredTables(
      't',
      't',
      { columns: { userId: { dataType: 'bigint' }, user_id: { unique: true } } },
      naming,
      (name, column) => told.push(`${name}.${column}`),
    )
    expect(columnsOf(table)).toEqual([{ name: 'user_id', data_type: 'bigint', unique: true }])
    expect(told).toEqual(['t.user_id'])
  })
})

describe('keys', () => {
  it('are found under any spelling, not nullable unless the column says so, and replace those in columns', () => {
    const [table] = declare({
      columns: { orderId: { dataType: 'bigint' }, old: { primaryKey: true }, line: { nullable: true } },
      primaryKey: ['order_id', 'line'],
      mergeKey: 'day',
    })
    expect(columnsOf(table)).toEqual([
      { name: 'order_id', data_type: 'bigint', nullable: false, primary_key: true },
      { name: 'old' },
      { name: 'line', nullable: true, primary_key: true },
      { name: 'day', nullable: false, merge_key: true },
    ])
  })
})

describe('scd2', () => {
  it('adds its columns, and times as text', () => {
    const [table] = declare({
      columns: { v: { dataType: 'text' } },
      writeDisposition: {
        disposition: 'merge',
        strategy: 'scd2',
        deduplicated: true,
        validityColumnNames: ['validFrom', 'validTo'],
        activeRecordTimestamp: new Date('9999-12-31T00:00:00Z'),
        boundaryTimestamp: '2024-01-01',
        rowVersionColumnName: 'v',
      },
    })
    expect(table?.hints).toMatchObject({
      write_disposition: 'merge',
      'x-merge-strategy': 'scd2',
      'x-stage-data-deduplicated': true,
      'x-boundary-timestamp': '2024-01-01',
    })
    expect(columnsOf(table)).toEqual([
      { name: 'v', data_type: 'text', nullable: false, 'x-row-version': true, unique: false, row_key: false },
      { name: 'valid_from', data_type: 'timestamp', nullable: true, 'x-valid-from': true },
      {
        name: 'valid_to',
        data_type: 'timestamp',
        nullable: true,
        'x-valid-to': true,
        'x-active-record-timestamp': '9999-12-31T00:00:00+00:00',
      },
    ])
    const wrong = { disposition: 'merge', strategy: 'scd2', boundaryTimestamp: 'soon' } as const
    expect(() => declare({ writeDisposition: wrong })).toThrow('"boundaryTimestamp" of the writeDisposition')
  })
})

describe('nested hints', () => {
  const hintsOf = (tables: readonly Table[]): unknown =>
    Object.fromEntries(tables.map(({ name, hints }) => [name, hints]))

  it('make tables under the one they are nested in, by field, joined name or path', () => {
    const tables = declare({
      nestedHints: new Map<string | readonly string[], object>([
        [['Items', 'subItems'], { columns: { qty: { dataType: 'double' } } }],
        ['Items', {}],
        ['address__phones', { schemaContract: 'freeze' }],
      ]),
    })
    expect(hintsOf(tables)).toEqual({
      orders: { write_disposition: 'append', resource: 'Orders' },
      orders__items: { parent: 'orders' },
      orders__address__phones: { parent: 'orders', schema_contract: 'freeze' },
      orders__items__sub_items: { parent: 'orders__items' },
    })
    expect(columnsOf(tables.at(-1))).toEqual([{ name: 'qty', data_type: 'double' }])
  })

  it('with a key make a table of its own, of the same resource and disposition', () => {
    const [, items] = declare({
      writeDisposition: 'merge',
      primaryKey: 'id',
      nestedHints: { items: { primaryKey: 'line' } },
    })
    expect(items?.hints).toEqual({ write_disposition: 'merge', resource: 'Orders' })
  })

  it('shorten the name of a table as a whole, as for data', () => {
    const field = 'a_field_with_a_name_that_is_too_long_for_a_table_below_another'
    const [, nested] = declare({ nestedHints: { [field]: {} } })
    expect(nested?.name).toBe(naming.shortenFragments(['orders', field]))
    expect(nested?.name).toHaveLength(63)
  })

  it.each([
    [{ items: { tableName: 'x' } }, '"tableName" of the nestedHints of "items" is not known'],
    [new Map([[['a', 'b'], {}]]), '"nestedHints" has ["a","b"], but not ["a"] above it'],
    [new Map([[[], {}]]), 'must be a field, or a list of fields'],
    [{ items: {}, Items: {} }, '"nestedHints" has "Items" twice'],
  ])('%j are refused: %s', (nestedHints, message) => {
    expect(() => declare({ nestedHints: nestedHints as unknown as NonNullable<StaticHints['nestedHints']> })).toThrow(
      message,
    )
  })
})
