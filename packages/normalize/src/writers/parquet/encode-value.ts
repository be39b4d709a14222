import {
  Decimal,
  Double,
  pythonFloatText,
  stringifyJson,
  Wei,
  type DateValue,
  type HexBytes,
  type Timestamp,
  type TimeValue,
  type Value,
} from '@gantry/common'
import type { ColumnChunk } from './column-chunk.ts'
import { tryUnscaled } from './unscaled.ts'

const microsPerDay = 86_400_000_000
const microsPerMinute = 60_000_000
/** Instants within so many days of 1970 are safe integers in microseconds. */
const safeDays = 104_000

/**
 * Adds a value of the column's type, which the normalizer has made sure of, and that its type in the file holds, to the
 * page that is being filled.
 *
 * @returns the bytes it took
 */
export function addValue(chunk: ColumnChunk, value: Value): number {
  const { values, type } = chunk
  switch (type.kind) {
    case 'text':
      return values.addText(value as string)
    case 'int64':
      return typeof value === 'number' ? values.addInt64(value) : values.addBigint64(value as bigint)
    case 'int32':
      return values.addInt32(Number(value))
    case 'double':
      return values.addDouble(typeof value === 'number' ? value : doubleOf(value as Double | bigint))
    case 'timestamp':
      return addTimestamp(chunk, value as Timestamp)
    case 'bool':
      return values.addBool(value as boolean, chunk.valuesOfPage)
    case 'json':
      return values.addText(stringifyJson(value))
    case 'date':
      return values.addInt32((value as DateValue).days)
    case 'time':
      return values.addInt64((value as TimeValue).microsOfDay)
    case 'binary':
      return values.addBytes(value instanceof Uint8Array ? value : (value as HexBytes).bytes)
    case 'decimal':
      return addDecimal(chunk, value as Decimal | Wei | number | bigint)
    case 'printed':
      return values.addText(value instanceof Double ? pythonFloatText(value.value) : String(value))
  }
}

function doubleOf(value: Double | bigint): number {
  return typeof value === 'bigint' ? Number(value) : value.value
}

function addTimestamp({ values, type }: ColumnChunk, value: Timestamp): number {
  const { days } = value
  if (type.size > 6) return values.addBigint64(unixMicros(value) * 1000n)
  if (days >= safeDays || days <= -safeDays) return values.addBigint64(unixMicros(value))
  return values.addInt64(days * microsPerDay + microsOfDay(value))
}

/** Microseconds since 1970 in UTC. */
export function unixMicros(value: Timestamp): bigint {
  return BigInt(value.days) * BigInt(microsPerDay) + BigInt(microsOfDay(value))
}

function microsOfDay({ microsOfDay: ofDay, offsetMinutes = 0 }: Timestamp): number {
  return ofDay - offsetMinutes * microsPerMinute
}

function addDecimal({ values, type }: ColumnChunk, value: Decimal | Wei | number | bigint): number {
  const unscaled = tryUnscaled(decimalOf(value), type.size, type.scale) as bigint
  switch (type.physical) {
    case 'int32':
      return values.addInt32(Number(unscaled))
    case 'int64':
      return values.addBigint64(unscaled)
    default:
      return values.addFixed(unscaled, type.fixedBytes)
  }
}

export function decimalOf(value: Decimal | Wei | number | bigint): Decimal {
  if (value instanceof Decimal) return value
  return value instanceof Wei ? value.decimal : Decimal.ofInteger(value)
}
