import { HexBytes } from '../values/binary.ts'
import { Decimal, Wei } from '../values/decimal.ts'
import { Double, jsonFloatText } from '../values/double.ts'
import { DateValue, TimeValue, Timestamp } from '../values/temporal.ts'
import type { MarkedValue } from '../values/typed-json.ts'
import type { Value } from '../values/value.ts'
import { JsonObject } from './object.ts'

/**
 * Compact JSON of a value: key order kept, integers with all digits, doubles with a fraction or exponent, decimals,
 * wei and temporal values as strings, bytes as base64, non-ASCII characters as they are.
 */
export function stringifyJson(value: Value): string {
  return stringifyWith(value, plainScalar)
}

/** Text of a value that plain JSON has no form for, already quoted. */
export type ScalarText = (value: Exclude<MarkedValue, bigint>) => string

/** Compact JSON with `scalar` writing what plain JSON has no form for. */
export function stringifyWith(value: Value, scalar: ScalarText): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Number.isInteger(value) ? String(value) : jsonFloatText(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'bigint':
      return value.toString()
    default:
  }
  if (value === null) return 'null'
  if (value instanceof JsonObject) {
    const { keys, values } = value
    let text = '{'
    for (let index = 0; index < values.length; index++) {
      if (index > 0) text += ','
      text += JSON.stringify(keys[index]) + ':' + stringifyWith(values[index] as Value, scalar)
    }
    return text + '}'
  }
  if (Array.isArray(value)) {
    let text = '['
    for (let index = 0; index < value.length; index++) {
      if (index > 0) text += ','
      text += stringifyWith(value[index] as Value, scalar)
    }
    return text + ']'
  }
  if (value instanceof Double) return jsonFloatText(value.value)
  return scalar(value as Parameters<ScalarText>[0])
}

function plainScalar(value: Parameters<ScalarText>[0]): string {
  if (value instanceof Uint8Array)
    return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}"`
  if (
    value instanceof Decimal ||
    value instanceof Wei ||
    value instanceof Timestamp ||
    value instanceof DateValue ||
    value instanceof TimeValue ||
    value instanceof HexBytes
  ) {
    return `"${value.toString()}"`
  }
  throw new TypeError(`no JSON form for ${String(value)}`)
}
