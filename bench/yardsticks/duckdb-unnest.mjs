// node duckdb-unnest.mjs <JSON lines> <database> <table>: DuckDB by itself reads nested JSON and makes the same tables of
// it as Gantry does, a column for each scalar and a table for each list, linked by row numbers, in one transaction.
import { DuckDBInstance, DuckDBTypeId } from '@duckdb/node-api'

const [file, database, root] = process.argv.slice(2)
const instance = await DuckDBInstance.create(database, { preserve_insertion_order: 'false' })
const connection = await instance.connect()
const quote = (name) => `"${name.replaceAll('"', '""')}"`

await connection.run('BEGIN')
await connection.run(`CREATE TEMP TABLE raw AS SELECT * FROM read_json_auto('${file}', map_inference_threshold = -1)`)
const described = await connection.run('SELECT * FROM raw LIMIT 0')
const fields = described.columnNames().map((name, at) => ({ name, type: described.columnType(at) }))
await makeTable(root, 'raw', fields, quote, [])
await connection.run('COMMIT')
connection.closeSync()
instance.closeSync()

/**
 * @param source    temporary table with the rows
 * @param fieldSql  the SQL for a field of a row
 * @param links     columns that link the rows to their parents
 */
async function makeTable(table, source, fields, fieldSql, links) {
  const { columns, lists } = flatten(fields, fieldSql)
  const ids = lists.length > 0 ? ['rowid AS _dlt_id'] : []
  await connection.run(
    `CREATE TABLE ${quote(table)} AS SELECT ${[...ids, ...links, ...columns].join(', ')} FROM ${source}`,
  )
  for (const { name, sql, type } of lists) {
    const child = `${table}__${name}`
    await connection.run(`CREATE TEMP TABLE ${quote(`raw ${child}`)} AS
      SELECT rowid AS _dlt_parent_id, generate_subscripts(${sql}, 1) - 1 AS _dlt_list_idx, unnest(${sql}) AS item FROM ${source}`)
    const isObject = type.typeId === DuckDBTypeId.STRUCT
    const ofItem = isObject ? fieldsOf(type) : [{ name: 'value', type }]
    const itemSql = isObject ? (field) => `item.${quote(field)}` : () => 'item'
    await makeTable(child, quote(`raw ${child}`), ofItem, itemSql, ['_dlt_parent_id', '_dlt_list_idx'])
  }
}

/** Objects become columns named by their path; lists are for tables of their own. */
function flatten(fields, fieldSql, path = '') {
  const columns = []
  const lists = []
  for (const { name, type } of fields) {
    const sql = fieldSql(name)
    const column = path + nameOf(name)
    if (type.typeId === DuckDBTypeId.STRUCT) {
      const inner = flatten(fieldsOf(type), (field) => `${sql}.${quote(field)}`, `${column}__`)
      columns.push(...inner.columns)
      lists.push(...inner.lists)
    } else if (type.typeId === DuckDBTypeId.LIST) lists.push({ name: column, sql, type: type.valueType })
    else columns.push(`${sql} AS ${quote(column)}`)
  }
  return { columns, lists }
}

/** As Gantry and dlt name columns: reactions are counted under `+1` and `-1`. */
function nameOf(key) {
  return key.replace('+', 'x').replace('-', '_')
}

function fieldsOf(type) {
  return type.entryNames.map((name, at) => ({ name, type: type.entryTypes[at] }))
}
