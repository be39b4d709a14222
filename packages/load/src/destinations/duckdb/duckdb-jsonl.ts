import type { Column, DataType } from '@gantry/common'
import { quoteIdentifier } from '../../sql/identifier.ts'
import { quoteText } from '../../sql/literal.ts'
import { byCompression, insertSelect, readCall, type FilesToLoad } from './duckdb-files.ts'
import { rowLimitBytes } from './duckdb-row-size.ts'
import { duckdbType } from './duckdb-types.ts'

/*
 * JSONL load files are read with declared types: what DuckDB would guess from the first rows never counts. Values that
 * JSON holds as text are read as text and cast, so that a value that does not fit names itself in the error.
 */

/** How the JSON reader takes a column before the cast. */
const jsonForms: Readonly<Record<DataType, string>> = {
  text: 'VARCHAR',
  bigint: 'BIGINT',
  double: 'DOUBLE',
  bool: 'BOOLEAN',
  json: 'JSON',
  timestamp: 'VARCHAR',
  date: 'VARCHAR',
  time: 'VARCHAR',
  binary: 'VARCHAR',
  decimal: 'VARCHAR',
  wei: 'VARCHAR',
}

export async function* jsonlStatements(load: FilesToLoad): AsyncGenerator<string> {
  const forms = load.columns.map(
    (column) => `${quoteText(column.name)}: ${quoteText(jsonForms[column.data_type ?? 'text'])}`,
  )
  for (const [compression, paths] of await byCompression(load.paths)) {
    const call = readCall('read_json', paths, {
      format: "'newline_delimited'",
      compression: quoteText(compression),
      columns: `{${forms.join(', ')}}`,
      maximum_object_size: String(await rowLimitBytes(paths, compression, false)),
    })
    yield insertSelect(load, valueOf, call)
  }
}

function valueOf(column: Column): string {
  const name = quoteIdentifier(column.name)
  const type = column.data_type ?? 'text'
  if (type === 'binary') return `from_base64(${name})`
  return jsonForms[type] === duckdbType(column) ? name : `CAST(${name} AS ${duckdbType(column)})`
}
