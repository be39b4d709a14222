import { isComplete, type Column, type DataType } from '@gantry/common'
import { qualifiedName, quoteIdentifier } from '../../sql/identifier.ts'
import { quoteText } from '../../sql/literal.ts'
import type { TableLoad } from '../destination.ts'
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

/**
 * Brings the rows of a table's files into the table.
 *
 * @param rowBytes  as long as a row may be
 */
export function insertStatement(dataset: string, load: TableLoad, rowBytes: number): string {
  const columns = [...load.table.columns.values()].filter(isComplete)
  const names = columns.map((column) => quoteIdentifier(column.name)).join(', ')
  return `INSERT INTO ${qualifiedName(dataset, load.table.name)} (${names}) ${selectStatement(
    columns,
    load.jobs.map((job) => job.path),
    rowBytes,
  )}`
}

/** The rows of files, each column in its type. */
export function selectStatement(columns: readonly Column[], paths: readonly string[], rowBytes: number): string {
  const forms = columns.map(
    (column) => `${quoteText(column.name)}: ${quoteText(jsonForms[column.data_type ?? 'text'])}`,
  )
  const files = paths.map(quoteText).join(', ')
  const options = [
    "format = 'newline_delimited'",
    `columns = {${forms.join(', ')}}`,
    `maximum_object_size = ${rowBytes}`,
  ]
  return `SELECT ${columns.map(castColumn).join(', ')} FROM read_json([${files}], ${options.join(', ')})`
}

/** Empties a table. Not TRUNCATE, which DuckDB treats as the same. */
export function deleteStatement(dataset: string, table: string): string {
  return `DELETE FROM ${qualifiedName(dataset, table)}`
}

function castColumn(column: Column): string {
  const name = quoteIdentifier(column.name)
  const type = column.data_type ?? 'text'
  if (type === 'binary') return `from_base64(${name})`
  return jsonForms[type] === duckdbType(column) ? name : `CAST(${name} AS ${duckdbType(column)})`
}
