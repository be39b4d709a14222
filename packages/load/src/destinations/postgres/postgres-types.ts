import { capabilitiesOf, type Column, type DataType } from '@gantry/common'
import { UnsupportedDataType } from '../../errors.ts'

type TypeText = (column: Column) => string

const { decimalPrecision, weiPrecision, timestampPrecision } = capabilitiesOf('postgres')

const types: Readonly<Record<DataType, TypeText>> = {
  text: ({ precision }) => (precision == null ? 'varchar' : `varchar(${precision})`),
  double: () => 'double precision',
  bool: () => 'boolean',
  bigint: integerType,
  decimal: (column) => numericType(column, decimalPrecision),
  wei: (column) => numericType(column, weiPrecision),
  timestamp: (column) => `timestamp${digitsText(column)} ${column.timezone === false ? 'without' : 'with'} time zone`,
  date: () => 'date',
  time: (column) => `time${digitsText(column)} without time zone`,
  binary: () => 'bytea',
  json: () => 'jsonb',
}

/**
 * PostgreSQL's type for a column, as dlt chooses it (`dlt/destinations/impl/postgres/factory.py`, `PostgresTypeMapper`).
 *
 * @throws {UnsupportedDataType} PostgreSQL has none of this precision
 */
export function postgresType(column: Column): string {
  return types[column.data_type ?? 'text'](column)
}

function integerType(column: Column): string {
  const bits = column.precision ?? 64
  if (bits <= 16) return 'smallint'
  if (bits <= 32) return 'integer'
  if (bits <= 64) return 'bigint'
  throw unsupported(column, `integers of ${bits} bits; at most 64, or let the column be of type wei or decimal`)
}

function numericType({ precision, scale }: Column, [standard, standardScale]: readonly [number, number]): string {
  return precision == null ? `numeric(${standard},${scale ?? standardScale})` : `numeric(${precision},${scale ?? 0})`
}

/** ` (3)`, or nothing for microseconds, which are PostgreSQL's default. */
function digitsText(column: Column): string {
  const digits = column.precision ?? timestampPrecision.standard
  if (digits > timestampPrecision.max) throw unsupported(column, `${digits} digits of a second; at most 6`)
  return digits === timestampPrecision.standard ? '' : ` (${digits})`
}

function unsupported(column: Column, what: string): UnsupportedDataType {
  return new UnsupportedDataType(
    `Column "${column.name}" of type ${column.data_type}: PostgreSQL has no ${what}. Change the column's precision.`,
    { column: column.name, dataType: column.data_type, precision: column.precision },
  )
}
