import type { Column, DataType } from '@gantry/common'

type TypeText = (column: Column) => string

const types: Readonly<Record<DataType, TypeText>> = {
  text: () => 'VARCHAR',
  double: () => 'DOUBLE',
  bool: () => 'BOOLEAN',
  bigint: integerType,
  decimal: (column) => `DECIMAL(${column.precision ?? 38},${column.scale ?? (column.precision == null ? 9 : 0)})`,
  wei: () => 'DECIMAL(38,0)',
  timestamp: (column) => (column.timezone === false ? naiveType(column.precision ?? 6) : 'TIMESTAMP WITH TIME ZONE'),
  date: () => 'DATE',
  time: () => 'TIME',
  binary: () => 'BLOB',
  json: () => 'JSON',
}

/** DuckDB's type for a column, as dlt chooses it (`dlt/destinations/impl/duckdb/factory.py`). */
export function duckdbType(column: Column): string {
  return types[column.data_type ?? 'text'](column)
}

function integerType(column: Column): string {
  const bits = column.precision ?? 64
  if (bits <= 8) return 'TINYINT'
  if (bits <= 16) return 'SMALLINT'
  if (bits <= 32) return 'INTEGER'
  return bits <= 64 ? 'BIGINT' : 'HUGEINT'
}

function naiveType(digits: number): string {
  if (digits === 0) return 'TIMESTAMP_S'
  if (digits <= 3) return 'TIMESTAMP_MS'
  return digits <= 6 ? 'TIMESTAMP' : 'TIMESTAMP_NS'
}
