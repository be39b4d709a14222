import type { HexBytes } from './binary.ts'
import { JsonObject } from '../json/object.ts'
import { Decimal, Wei } from './decimal.ts'
import type { DataType } from './data-type.ts'
import { DateValue, TimeValue, Timestamp } from './temporal.ts'
import { Double } from './double.ts'

/**
 * A value of one field, exact, on its way from extracted file to load file.
 *
 * Numbers are told apart by form: a `number` that is a safe integer is an integer, one with a fraction a double; a
 * double without a fraction (`1.0`, `1e30`, `-0.0`) is a {@link Double}; integers beyond 2^53 are `bigint`, and those
 * outside [-2^63, 2^63-1] count as wei.
 */
export type Value =
  | null
  | boolean
  | string
  | number
  | bigint
  | Double
  | Decimal
  | Wei
  | Timestamp
  | DateValue
  | TimeValue
  | Uint8Array
  | HexBytes
  | JsonObject
  | readonly Value[]

const minBigint = -(2n ** 63n)
const maxBigint = 2n ** 63n - 1n

/**
 * The data type that a value has by its form, before detections look at it
 * (`dlt/common/data_types/type_helpers.py`, `py_type_to_sc_type`).
 */
export function kindOf(value: Exclude<Value, null>): DataType {
  switch (typeof value) {
    case 'string':
      return 'text'
    case 'number':
      return Number.isInteger(value) ? 'bigint' : 'double'
    case 'boolean':
      return 'bool'
    case 'bigint':
      return value >= minBigint && value <= maxBigint ? 'bigint' : 'wei'
    default:
  }
  if (value instanceof JsonObject || Array.isArray(value)) return 'json'
  if (value instanceof Double) return 'double'
  if (value instanceof Decimal) return 'decimal'
  if (value instanceof Wei) return 'wei'
  if (value instanceof Timestamp) return 'timestamp'
  if (value instanceof DateValue) return 'date'
  if (value instanceof TimeValue) return 'time'
  return 'binary'
}
