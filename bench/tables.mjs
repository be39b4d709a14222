// Whether two databases hold the same tables, whatever ids link their rows: a row is known by the root row's own id and
// its place in each list above it.
import { DuckDBInstance } from '@duckdb/node-api'

/**
 * Compares row counts, and for each column the number of values and the sum of hashes of (row, value). Of fractions, it is
 * the sum of values, each weighted by its row: some engines parse them through decimals, which moves the last bit.
 *
 * @param expected, found  `database` (a DuckDB file) and `schema`; tables are linked as dlt links them
 * @param root             name of the root table, which has an `id` of its own
 * @returns rows of each table
 * @throws what differs first: a table, a count, a column
 */
export async function compareTables(expected, found, root) {
  const [one, other] = [await digest(expected, root), await digest(found, root, await typesOf(expected))]
  const places = `${expected.database} and ${found.database}`
  const names = [...new Set([...one.keys(), ...other.keys()])]
  for (const table of names) {
    const [rows, otherRows] = [one.get(table)?.rows ?? 0, other.get(table)?.rows ?? 0]
    if (rows !== otherRows) throw new Error(`Table ${table} has ${rows} and ${otherRows} rows in ${places}.`)
    const columns = new Map(other.get(table)?.columns)
    for (const [column, digested] of one.get(table)?.columns ?? []) {
      const its = columns.get(column) ?? { count: '0', sum: 'null' }
      if (!isSame(digested, its)) {
        throw new Error(`Column ${table}.${column} differs, ${textOf(digested)} and ${textOf(its)}: ${places}.`)
      }
      columns.delete(column)
    }
    const extra = [...columns].find(([, { count }]) => count !== '0')
    if (extra !== undefined) throw new Error(`Only one has values in column ${table}.${extra[0]}: ${places}.`)
  }
  return Object.fromEntries([...one].map(([table, { rows }]) => [table, rows]))
}

function isSame(one, other) {
  if (one.count !== other.count) return false
  if (!one.isFraction) return one.sum === other.sum
  return Math.abs(one.sum - other.sum) <= 1e-12 * Math.abs(one.sum)
}

const textOf = ({ count, sum }) => `${count} values with the sum ${sum}`

const links = new Set(['_dlt_id', '_dlt_parent_id', '_dlt_list_idx', '_dlt_root_id', '_dlt_load_id'])
const quote = (name) => `"${name.replaceAll('"', '""')}"`

/** Types by table and column. */
async function typesOf({ database, schema }) {
  return read(database, (rows) => catalogOf(rows, schema))
}

async function catalogOf(rows, schema) {
  const types = new Map()
  const found = await rows(
    `SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = '${schema}' AND NOT starts_with(table_name, '_dlt')`,
  )
  for (const [table, column, type] of found) types.set(table, (types.get(table) ?? new Map()).set(column, type))
  return types
}

/** @param wanted  types in whose terms values are compared; undefined: its own */
async function digest({ database, schema }, root, wanted) {
  return read(database, async (rows) => {
    const types = await catalogOf(rows, schema)
    const digests = new Map()
    for (const [table, columns] of types) {
      const names = [...columns.keys()].filter((column) => !links.has(column))
      const typeOf = (column) => wanted?.get(table)?.get(column) ?? columns.get(column)
      const sums = names.flatMap((column) => {
        const value = canonical(quote(column), columns.get(column), typeOf(column))
        const term = typeOf(column) === 'DOUBLE' ? `${value} * (1 + hash(key) % 1009)` : `hash(key, ${value})`
        return [`count(${quote(column)})`, `sum(${term}) FILTER (${quote(column)} IS NOT NULL)`]
      })
      const [[count, ...found]] = await rows(`WITH keyed AS (${keyed(table, root, types, schema)})
        SELECT ${['count(*)', ...sums].join(', ')} FROM keyed`)
      const digested = names.map((column, at) => {
        const [values, sum] = [String(found[2 * at]), String(found[2 * at + 1])]
        return [column, { count: values, sum, isFraction: typeOf(column) === 'DOUBLE' }]
      })
      digests.set(table, { rows: Number(count), columns: new Map(digested) })
    }
    return digests
  })
}

/** The rows of a table with `key`, the way to them from the root. */
function keyed(table, root, types, schema) {
  const from = `${quote(schema)}.${quote(table)}`
  if (table === root) return `SELECT *, CAST(id AS VARCHAR) AS key FROM ${from}`
  const parent = [...types.keys()]
    .filter((name) => table.startsWith(`${name}__`))
    .toSorted((a, b) => b.length - a.length)[0]
  return `SELECT child.*, parent.key || '/' || child._dlt_list_idx AS key FROM ${from} AS child
    JOIN (${keyed(parent, root, types, schema)}) AS parent ON child._dlt_parent_id = parent._dlt_id`
}

/** A value in the terms of the wanted type, so that engines that chose another one can be compared. */
function canonical(column, type, wanted) {
  const text = type === 'JSON' ? `(${column} ->> '$')` : column
  if (wanted.startsWith('TIMESTAMP')) return `epoch_us(CAST(${text} AS TIMESTAMPTZ))`
  if (/^(DOUBLE|BIGINT|INTEGER|UBIGINT|HUGEINT)/.test(wanted)) return `CAST(${text} AS DOUBLE)`
  return `CAST(${text} AS VARCHAR)`
}

async function read(database, work) {
  const instance = await DuckDBInstance.create(database, { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  try {
    await connection.run("SET TimeZone = 'UTC'")
    return await work(async (sql) => (await connection.runAndReadAll(sql)).getRows())
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
