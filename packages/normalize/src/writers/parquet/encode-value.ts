import {
  Decimal,
  type Double,
  stringifyJson,
  TerminalError,
  Wei,
  type DateValue,
  type HexBytes,
  type Timestamp,
  type TimeValue,
  type Value,
} from '@gantry/common'
import type { ColumnChunk } from './column-chunk.ts'
import { tryUnscaled } from './unscaled.ts'

/** A value that the type of its column in a Parquet file does not hold. */
export class ParquetValueError extends TerminalError {
  override readonly code = 'parquet_value'
}

const microsPerDay = 86_400_000_000
const microsPerMinute = 60_000_000
/** Instants within so many days of 1970 are safe integers in microseconds. */
const safeDays = 104_000
const two63 = 2 ** 63
const shownDigits = 60

/**
 * Adds a value of the column's type, which the normalizer has made sure of, to the page that is being filled.
 *
 * @returns the bytes it took
 * @throws {ParquetValueError} a value that the column's precision does not hold
 */
export function addValue(chunk: ColumnChunk, value: Value): number {
  const { values, type } = chunk
  switch (type.kind) {
    case 'text':
      return values.addText(value as string)
    case 'int64':
      return typeof value === 'number' && value >= -two63 && value < two63
        ? values.addInt64(value)
        : addWide(chunk, value as number | bigint)
    case 'int32':
      return addShort(chunk, value as number | bigint)
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
  }
}

function doubleOf(value: Double | bigint): number {
  return typeof value === 'bigint' ? Number(value) : value.value
}

function addWide(chunk: ColumnChunk, value: number | bigint): number {
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return chunk.values.addBigint64(value)
  throw integerError(chunk, value, 'Declare it as decimal, wei or text, or correct the data.')
}

function addShort(chunk: ColumnChunk, value: number | bigint): number {
  const number = Number(value)
  const end = 2 ** (chunk.type.size - 1)
  if (number >= -end && number < end) return chunk.values.addInt32(number)
  throw integerError(chunk, value, 'Declare it with a larger precision, or correct the data.')
}

function integerError(chunk: ColumnChunk, value: number | bigint, next: string): ParquetValueError {
  return new ParquetValueError(
    `${nameOf(chunk)} holds integers of ${chunk.type.size} bits, and a row has ${shown(String(value))} there. ${next}`,
    detailsOf(chunk),
  )
}

function addTimestamp(chunk: ColumnChunk, value: Timestamp): number {
  const { days } = value
  const micros = value.microsOfDay - (value.offsetMinutes ?? 0) * microsPerMinute
  if (chunk.type.size > 6) return addNanos(chunk, value, BigInt(days) * BigInt(microsPerDay) + BigInt(micros))
  if (days < safeDays && days > -safeDays) return chunk.values.addInt64(days * microsPerDay + micros)
  return chunk.values.addBigint64(BigInt(days) * BigInt(microsPerDay) + BigInt(micros))
}

function addNanos(chunk: ColumnChunk, value: Timestamp, micros: bigint): number {
  const nanos = micros * 1000n
  if (BigInt.asIntN(64, nanos) === nanos) return chunk.values.addBigint64(nanos)
  throw new ParquetValueError(
    `${nameOf(chunk)} holds nanoseconds, which reach from 1677 to 2262, and a row has ${value.toString()} there. ` +
      'Declare it with precision 6, or correct the data.',
    detailsOf(chunk),
  )
}

function addDecimal(chunk: ColumnChunk, value: Decimal | Wei | number | bigint): number {
  const { values, type } = chunk
  const decimal = decimalOf(value)
  const unscaled = tryUnscaled(decimal, type.size, type.scale)
  if (unscaled === undefined) {
    throw new ParquetValueError(
      `${nameOf(chunk)} holds decimals of ${type.size} digits, ${type.scale} of them behind the point, and a row has ` +
        `${shown(decimal.toString())} there. Declare it with a larger precision, as text or as double, or correct the data.`,
      detailsOf(chunk),
    )
  }
  switch (type.physical) {
    case 'int32':
      return values.addInt32(Number(unscaled))
    case 'int64':
      return values.addBigint64(unscaled)
    default:
      return values.addFixed(unscaled, type.fixedBytes)
  }
}

function decimalOf(value: Decimal | Wei | number | bigint): Decimal {
  if (value instanceof Decimal) return value
  return value instanceof Wei ? value.decimal : Decimal.ofInteger(value)
}

function nameOf({ table, column }: ColumnChunk): string {
  return `Column "${column.name}" of table "${table}"`
}

function detailsOf({ table, column }: ColumnChunk): Readonly<Record<string, unknown>> {
  return { table, column: column.name }
}

function shown(text: string): string {
  return text.length <= shownDigits ? text : `${text.slice(0, shownDigits)}… (${text.length} characters)`
}
