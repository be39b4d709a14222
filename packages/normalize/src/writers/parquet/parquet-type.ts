import type { Column, DataType } from '@gantry/common'
import type { ColumnState } from '../../table-state.ts'
import { bool, i32, struct, type ThriftValue } from './thrift-compact.ts'

/*
 * Which type of Parquet each column type becomes. Source: Apache Parquet, `LogicalTypes.md`; for precision and scale
 * dlt, `dlt/common/libs/pyarrow.py`, `get_py_arrow_datatype`.
 */

/** What a writer has to know of the destination. */
export interface NumericDefaults {
  /** Precision and scale of decimals whose column does not say. */
  readonly decimalPrecision: readonly [precision: number, scale: number]
  readonly weiPrecision: readonly [precision: number, scale: number]
}

/** How values are stored, with the number of the type in Parquet's metadata. */
export const physicalTypes = { boolean: 0, int32: 1, int64: 2, double: 5, bytes: 6, fixed: 7 } as const
export type PhysicalType = keyof typeof physicalTypes

/** How the values of a column become bytes; `printed`: as the text of whatever they are. */
export type ValueKind =
  | 'text'
  | 'json'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bool'
  | 'timestamp'
  | 'date'
  | 'time'
  | 'binary'
  | 'decimal'
  | 'printed'

/** A column's type in a file. */
export interface ParquetType {
  readonly kind: ValueKind
  readonly physical: PhysicalType
  /** Integers: bits. Fixed: bytes. Timestamps: digits of a second's fraction. Decimals: the precision. Else 0. */
  readonly size: number
  /** Decimals: digits behind the point. */
  readonly scale: number
  /** Bytes of a value of physical type `fixed`. */
  readonly fixedBytes: number
  /** What the values mean, in the old form and in the new one. */
  readonly converted: number | undefined
  readonly logical: ThriftValue | undefined
}

const convertedTypes = {
  utf8: 0,
  decimal: 5,
  date: 6,
  timeMicros: 8,
  timestampMicros: 10,
  int8: 15,
  int16: 16,
  int32: 17,
} as const

/** Fields of the union of logical types. */
const logicalTypes = { string: 1, decimal: 5, date: 6, time: 7, timestamp: 8, integer: 10 } as const

const empty = struct()
const micros = struct([2, empty])
const nanos = struct([3, empty])
const string = { converted: convertedTypes.utf8, logical: struct([logicalTypes.string, empty]) }

const text = parquetType('text', 'bytes', string)
const json = parquetType('json', 'bytes', string)
const binary = parquetType('binary', 'bytes')
const printed = parquetType('printed', 'bytes', string)
const bigint = parquetType('int64', 'int64', { size: 64 })
export const double: ParquetType = parquetType('double', 'double')
const bool_ = parquetType('bool', 'boolean')
const date = parquetType('date', 'int32', {
  converted: convertedTypes.date,
  logical: struct([logicalTypes.date, empty]),
})
// A time of day has no zone, and microseconds hold each there is: a precision would only cut.
const time = parquetType('time', 'int64', {
  converted: convertedTypes.timeMicros,
  logical: struct([logicalTypes.time, struct([1, bool(false)], [2, micros])]),
})

const types: Readonly<Record<DataType, (column: Column, defaults: NumericDefaults) => ParquetType>> = {
  text: () => text,
  json: () => json,
  binary: () => binary,
  bool: () => bool_,
  double: () => double,
  bigint: integerType,
  date: () => date,
  time: () => time,
  timestamp: timestampType,
  decimal: ({ precision, scale }, { decimalPrecision: [standard, standardScale] }) =>
    decimalType(precision ?? standard, scale ?? (precision == null ? standardScale : 0)),
  wei: (_, { weiPrecision: [precision, scale] }) => decimalType(precision, scale),
}

/**
 * The type that the values of a column have in a file; the column has a type. Where one of them exceeds that type they are
 * text, as in other formats: what becomes of it is for the destination to say, which knows the column.
 */
export function parquetTypeOf(state: ColumnState, defaults: NumericDefaults): ParquetType {
  if (state.exceedsType) return printed
  return types[state.type!](state.column ?? { name: state.name }, defaults)
}

/** All types have all fields, in one order, so that the writer meets objects of one shape. */
function parquetType(kind: ValueKind, physical: PhysicalType, more: Partial<ParquetType> = {}): ParquetType {
  const { size = 0, scale = 0, fixedBytes = 0, converted, logical } = more
  return { kind, physical, size, scale, fixedBytes, converted, logical }
}

/** Precision counts bits, as in dlt. */
function integerType({ precision }: Column): ParquetType {
  const bits = precision ?? 64
  if (bits <= 8) return shortInteger(8, convertedTypes.int8)
  if (bits <= 16) return shortInteger(16, convertedTypes.int16)
  return bits <= 32 ? shortInteger(32, convertedTypes.int32) : bigint
}

function shortInteger(bits: number, converted: number): ParquetType {
  const logical = struct([logicalTypes.integer, struct([1, { type: 'i8', value: bits }], [2, bool(true)])])
  return parquetType('int32', 'int32', { size: bits, converted, logical })
}

/**
 * Microseconds up to a precision of 6: whatever a column says, no value loses digits here, and the destination rounds as
 * it does with the other formats. The old form says the same for times with and without a zone, as Parquet asks.
 */
function timestampType({ precision, timezone }: Column): ParquetType {
  const isNanos = (precision ?? 6) > 6
  const meaning = struct([1, bool(timezone !== false)], [2, isNanos ? nanos : micros])
  return parquetType('timestamp', 'int64', {
    size: isNanos ? 9 : 6,
    converted: isNanos ? undefined : convertedTypes.timestampMicros,
    logical: struct([logicalTypes.timestamp, meaning]),
  })
}

/** Digits that 256 bits hold; a larger precision keeps its digits before the point, as in dlt. */
const mostDigits = 76

function decimalType(wantedPrecision: number, wantedScale: number): ParquetType {
  const isTooLarge = wantedPrecision > mostDigits
  const precision = isTooLarge ? mostDigits : wantedPrecision
  const scale = isTooLarge ? Math.max(0, mostDigits - (wantedPrecision - wantedScale)) : wantedScale
  const physical = precision <= 9 ? 'int32' : precision <= 18 ? 'int64' : 'fixed'
  return parquetType('decimal', physical, {
    size: precision,
    scale,
    fixedBytes: physical === 'fixed' ? bytesOfDigits(precision) : 0,
    converted: convertedTypes.decimal,
    logical: struct([logicalTypes.decimal, struct([1, i32(scale)], [2, i32(precision)])]),
  })
}

/** The fewest bytes whose signed integers hold all numbers of that many digits. */
function bytesOfDigits(digits: number): number {
  const bits = (10n ** BigInt(digits) - 1n).toString(2).length + 1
  return Math.ceil(bits / 8)
}
