import { DuckDBInstance } from '@duckdb/node-api'

/** Rows of a query as arrays of text, booleans, numbers and nulls; opens and closes the file. */
export async function query(path, sql) {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  try {
    await connection.run("SET TimeZone = 'UTC'")
    return (await connection.runAndReadAll(sql)).getRowsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** The tables of a dataset: columns in order, and rows as objects with values as text. */
export async function readDataset(path, dataset) {
  const tables = {}
  const columns = await query(
    path,
    `SELECT table_name, column_name, data_type, is_nullable = 'YES' FROM information_schema.columns
     WHERE table_schema = '${dataset}' ORDER BY table_name, ordinal_position`,
  )
  for (const [table, name, type, nullable] of columns) {
    tables[table] ??= { columns: [], rows: [] }
    tables[table].columns.push({ name, type, nullable })
  }
  for (const [name, table] of Object.entries(tables)) {
    const list = table.columns.map((column) => selectText(column)).join(', ')
    const rows = await query(path, `SELECT ${list} FROM "${dataset}"."${name}"`)
    table.rows = rows.map((values) =>
      Object.fromEntries(
        table.columns.map((column, index) => [column.name, values[index]]).filter(([, value]) => value !== null),
      ),
    )
  }
  return tables
}

/** Instants as `YYYY-MM-DDTHH:MM:SS.ffffffZ`, everything else in DuckDB's own words. */
function selectText({ name, type }) {
  return type === 'TIMESTAMP WITH TIME ZONE' ? `strftime("${name}", '%Y-%m-%dT%H:%M:%S.%fZ')` : `"${name}"`
}

/** Replaces random row ids by the place of the row, so that two loads of the same data compare equal. */
export function withoutIds(tables, keyOf = {}) {
  const placeOf = new Map()
  const result = {}
  // Parents have shorter names than what is below them.
  for (const name of Object.keys(tables).toSorted((a, b) => a.length - b.length)) {
    if (name.startsWith('_dlt')) continue
    const rows = tables[name].rows.map((row) => {
      const { _dlt_id, _dlt_load_id, _dlt_parent_id, _dlt_root_id, ...data } = row
      const place =
        _dlt_parent_id === undefined
          ? `${name}[${keyOf[name] === undefined ? JSON.stringify(data) : data[keyOf[name]]}]`
          : `${placeOf.get(_dlt_parent_id)}.${name}[${row._dlt_list_idx}]`
      placeOf.set(_dlt_id, place)
      return { '@place': place, ...(_dlt_root_id === undefined ? {} : { '@root': placeOf.get(_dlt_root_id) }), ...data }
    })
    result[name] = rows.map((row) => JSON.stringify(row)).toSorted()
  }
  return result
}
