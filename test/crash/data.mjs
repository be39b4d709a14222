// What crash tests load: a table of each way in which rows are written, first in one state, then in another.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const rows = 1_200

const tags = (id, version) => [{ a: id }, { a: -id, v: version }]
const merge = (strategy, rest = {}) => ({
  writeDisposition: { disposition: 'merge', strategy },
  primaryKey: 'id',
  ...rest,
})

/** Hints of each table, and its rows by the number of the load. */
const tables = {
  log: {
    hints: {},
    rows: (load) =>
      many(rows, (id) => ({
        id: id + load * rows,
        name: `row ${id}`,
        at: '2024-01-01T00:00:00Z',
        list: tags(id, load),
      })),
  },
  snapshot: {
    hints: { writeDisposition: 'replace' },
    rows: (load) =>
      many(rows / 2, (id) => ({ id, load, nested: { x: id / 2 }, list: load === 1 ? tags(id, load) : [] })),
  },
  orders: {
    hints: merge('delete-insert'),
    rows: (load) => many(rows, (id) => ({ id: id + (load - 1) * (rows / 2), total: id * load, lines: tags(id, load) })),
  },
  accounts: {
    hints: merge('delete-insert', { columns: { gone: { dataType: 'bool', hardDelete: true } } }),
    rows: (load) =>
      many(rows / 2, (id) => ({ id, total: id * load, gone: load === 2 && id % 7 === 0, lines: tags(id, load) })),
  },
  customers: {
    hints: merge('upsert'),
    rows: (load) =>
      many(rows / 2, (id) => ({ id: id + (load - 1) * 100, name: `customer ${id} ${load}`, lines: tags(id, load) })),
  },
  seen: {
    hints: merge('insert-only'),
    rows: (load) => many(rows / 2, (id) => ({ id: id + (load - 1) * 100, load, list: tags(id, load) })),
  },
  history: {
    hints: { writeDisposition: { disposition: 'merge', strategy: 'scd2' } },
    rows: (load) => many(rows / 2, (id) => ({ id, name: `name ${id % 3 === 0 ? load : 0}` })),
  },
}

/** Fields that name a row of a root table. */
export const keys = Object.fromEntries(Object.keys(tables).map((name) => [name, 'id']))

/** Files in the order in which a command has them. */
export const files = Object.keys(tables).map((name) => `${name}.jsonl`)

/** Name, hints and rows of each table of a load. */
export function tablesOf(load) {
  return Object.entries(tables).map(([name, table]) => ({ name, hints: table.hints, rows: table.rows(load) }))
}

/** Writes the rows of a load as files. */
export async function writeFiles(home, load) {
  for (const { name, rows: list } of tablesOf(load)) {
    await writeFile(join(home, `${name}.jsonl`), list.map((row) => `${JSON.stringify(row)}\n`).join(''))
  }
}

function many(count, of) {
  return Array.from({ length: count }, (_, id) => of(id))
}
