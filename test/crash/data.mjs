// What crash tests load: a table of each write disposition, first in one state, then in another.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bumpVersion, namingConvention, newSchema, newTable, stringifySchema, updateTable } from '@gantry/common'

const rows = 6_000

const line = (row) => `${JSON.stringify(row)}\n`
const tags = (id, version) => [{ a: id }, { a: -id, v: version }]

/** Rows of each table by the number of the load. */
const tables = {
  log: (load) =>
    many(rows, (id) => ({ id: id + load * rows, name: `row ${id}`, at: '2024-01-01T00:00:00Z', list: tags(id, load) })),
  snapshot: (load) =>
    many(rows / 2, (id) => ({ id, load, nested: { x: id / 2 }, list: load === 1 ? tags(id, load) : [] })),
  orders: (load) => many(rows, (id) => ({ id: id + (load - 1) * (rows / 2), total: id * load, lines: tags(id, load) })),
  customers: (load) =>
    many(rows / 2, (id) => ({ id: id + (load - 1) * 100, name: `customer ${id} ${load}`, lines: tags(id, load) })),
  seen: (load) => many(rows / 2, (id) => ({ id: id + (load - 1) * 100, load, list: tags(id, load) })),
  history: (load) => many(rows / 2, (id) => ({ id, name: `name ${id % 3 === 0 ? load : 0}` })),
}

/** Fields that name a row of a root table. */
export const keys = Object.fromEntries(Object.keys(tables).map((name) => [name, 'id']))

/** Writes the schema that says how each table is written. */
export async function writeSchema(home) {
  const key = [{ name: 'id', data_type: 'bigint', nullable: false, primary_key: true }]
  const merge = (strategy, columns = key) => [{ write_disposition: 'merge', 'x-merge-strategy': strategy }, columns]
  const declared = {
    log: [{ write_disposition: 'append' }, []],
    snapshot: [{ write_disposition: 'replace' }, []],
    orders: merge('delete-insert'),
    customers: merge('upsert'),
    seen: merge('insert-only'),
    history: merge('scd2', [
      { name: '_dlt_valid_from', data_type: 'timestamp', nullable: true, 'x-valid-from': true },
      {
        name: '_dlt_valid_to',
        data_type: 'timestamp',
        nullable: true,
        'x-valid-to': true,
        'x-active-record-timestamp': null,
      },
      { name: '_dlt_id', data_type: 'text', nullable: false, 'x-row-version': true, unique: false, row_key: false },
    ]),
  }
  let schema = newSchema('crash', namingConvention('snake_case'))
  for (const [name, [hints, columns]] of Object.entries(declared)) {
    const named = new Map(columns.map((column) => [column.name, column]))
    schema = updateTable(schema, { ...newTable(name), columns: named, hints: { resource: name, ...hints } })
  }
  await mkdir(join(home, 'import'), { recursive: true })
  await writeFile(join(home, 'import/crash.schema.yaml'), stringifySchema(bumpVersion(schema), { pretty: true }))
}

/** Writes the files of a load. */
export async function writeData(home, load) {
  for (const [name, of] of Object.entries(tables))
    await writeFile(join(home, `${name}.jsonl`), of(load).map(line).join(''))
}

/** Files in the order in which the command has them. */
export const files = Object.keys(tables).map((name) => `${name}.jsonl`)

function many(count, of) {
  return Array.from({ length: count }, (_, id) => of(id))
}
