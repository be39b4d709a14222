import {
  compareCodePoints,
  compareDecimals,
  DateValue,
  Decimal,
  Double,
  encodeMarker,
  HexBytes,
  JsonObject,
  kindOf,
  microsPerDay,
  parseDecimal,
  parseJson,
  Timestamp,
  TimeValue,
  tryDecodeMarker,
  tryTimestampOfJsDate,
  typedJson,
  sortedKeys,
  Wei,
  type Value,
} from '@gantry/common'
import { isDecimalJs, isExactValue, temporalMarker } from '../scalar-objects.ts'
import { typedRowText } from '../typed-row.ts'

/*
 * Values of a cursor in the exact form in which they are compared. Scalars are decoded; what only a function of the user's
 * can compare, lists and objects, is kept as read, markers included.
 */

/**
 * The exact value of what a user gave, or of what stands in a row or in the state. Undefined where it is absent; null also
 * for numbers that are not finite, which become null in a table.
 */
export function cursorValueOf(given: unknown): Value | undefined {
  switch (typeof given) {
    case 'string':
      return tryDecodeMarker(given)
    case 'number':
      return Number.isFinite(given) ? given : null
    case 'bigint':
      return Number.isSafeInteger(Number(given)) ? Number(given) : given
    case 'object':
      return given === null ? null : valueOfObject(given)
    case 'boolean':
      return given
    default:
      return undefined
  }
}

function valueOfObject(given: object): Value {
  if (given instanceof Date) {
    const timestamp = tryTimestampOfJsDate(given)
    if (timestamp === undefined) throw new TypeError('the date is invalid, or outside the years 1 to 9999')
    return timestamp
  }
  if (isExactValue(given)) return given
  const temporal = temporalMarker(given)
  if (temporal !== undefined) return tryDecodeMarker(temporal)
  if (isDecimalJs(given)) return parseDecimal(String(given))
  return parseJson(typedRowText(given, { notFinite: 0 }))
}

/** The value as it stands in the state document. */
export function stateValueOf(value: Value): Value {
  if (typeof value === 'bigint') return kindOf(value) === 'wei' ? encodeMarker(value) : value
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof JsonObject || Array.isArray(value) || value instanceof Double) return value
  return encodeMarker(value as Parameters<typeof encodeMarker>[0])
}

/**
 * The value as a user's code gets it: timestamps as `Date`, cut to milliseconds in the direction of `rounding`; dates,
 * times, timestamps without zone and decimals as text; each in the class of `sample`, where that has one for it (Temporal,
 * decimal.js, bigint).
 */
export function userValueOf(value: Value, sample?: unknown, rounding: 'down' | 'up' = 'down'): unknown {
  switch (typeof value) {
    case 'string': {
      const decoded = tryDecodeMarker(value)
      return typeof decoded === 'string' ? decoded : userValueOf(decoded, sample, rounding)
    }
    case 'number':
      return typeof sample === 'bigint' && Number.isInteger(value) ? BigInt(value) : value
    case 'object':
      return value === null ? null : userObjectOf(value, sample, rounding)
    default:
      return value
  }
}

function userObjectOf(value: Value & object, sample: unknown, rounding: 'down' | 'up'): unknown {
  if (value instanceof JsonObject) {
    return Object.fromEntries([...value.entries()].map(([key, item]) => [key, userValueOf(item)]))
  }
  if (Array.isArray(value)) return (value as readonly Value[]).map((item) => userValueOf(item))
  if (value instanceof Double) return value.value
  if (value instanceof Wei) return typeof value.value === 'bigint' ? value.value : String(value)
  if (value instanceof Uint8Array || value instanceof HexBytes) return value
  return (
    (value instanceof Decimal ? decimalLike : temporalLike)(String(value), sample) ?? plainUserValue(value, rounding)
  )
}

function plainUserValue(value: Value & object, rounding: 'down' | 'up'): unknown {
  const utc = value instanceof Timestamp && value.offsetMinutes !== undefined ? value.tryUtc() : undefined
  if (utc === undefined) return String(value)
  const millis = utc.microsOfDay / 1000
  return new Date(utc.days * 86_400_000 + (rounding === 'down' ? Math.floor(millis) : Math.ceil(millis)))
}

function temporalLike(text: string, sample: unknown): unknown {
  if (typeof sample !== 'object' || sample === null || temporalMarker(sample) === undefined) return undefined
  const { constructor } = sample as unknown as { constructor: { from(text: string): unknown } }
  return constructor.from(Object.prototype.toString.call(sample).includes('Zoned') ? `${text}[UTC]` : text)
}

function decimalLike(text: string, sample: unknown): unknown {
  if (typeof sample !== 'object' || sample === null || !isDecimalJs(sample)) return undefined
  const { constructor } = sample as unknown as { constructor: new (text: string) => unknown }
  return new constructor(text)
}

/**
 * Order of two values: numbers of all kinds, texts by code point, timestamps, dates, times.
 *
 * @throws {TypeError} they are of different kinds, or of one that has no order; the message says which
 */
export function compareCursorValues(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b)
  if (a instanceof Timestamp && b instanceof Timestamp) return compareTimestamps(a, b)
  if (a instanceof DateValue && b instanceof DateValue) return a.days - b.days
  if (a instanceof TimeValue && b instanceof TimeValue) return a.microsOfDay - b.microsOfDay
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b)
  throw new TypeError(`${describe(a)} and ${describe(b)} have no order`)
}

function compareTimestamps(a: Timestamp, b: Timestamp): number {
  const { offsetMinutes: offsetA } = a
  const { offsetMinutes: offsetB } = b
  if ((offsetA === undefined) !== (offsetB === undefined)) {
    throw new TypeError(`of ${describe(a)} and ${describe(b)} only one has a time zone`)
  }
  const micros = a.microsOfDay - b.microsOfDay - ((offsetA ?? 0) - (offsetB ?? 0)) * 60_000_000
  // Not exact for far days, but its sign is, and it is zero for none but equal instants.
  return (a.days - b.days) * microsPerDay + micros
}

type Numeric = number | bigint | Double | Decimal | Wei

function isNumeric(value: Value): value is Numeric {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    value instanceof Double ||
    value instanceof Decimal ||
    value instanceof Wei
  )
}

function compareNumbers(a: Numeric, b: Numeric): number {
  const left = a instanceof Double ? a.value : a
  const right = b instanceof Double ? b.value : b
  if (typeof left !== 'object' && typeof right !== 'object') return left < right ? -1 : left > right ? 1 : 0
  return compareDecimals(decimalOf(left), decimalOf(right))
}

function decimalOf(value: Exclude<Numeric, Double>): Decimal {
  if (value instanceof Decimal) return value
  if (value instanceof Wei) return value.decimal
  return typeof value === 'number' && !Number.isInteger(value) ? Decimal.ofDouble(value) : Decimal.ofInteger(value)
}

/** True for values that are one: 1 and 1.0, an instant in two zones. Values of different kinds are not. */
export function isSameCursorValue(a: Value, b: Value): boolean {
  if (a === b) return true
  if (isComposite(a) || isComposite(b)) return typedJson(sortedKeys(a)) === typedJson(sortedKeys(b))
  try {
    return compareCursorValues(a, b) === 0
  } catch {
    return false
  }
}

function isComposite(value: Value): boolean {
  return value instanceof JsonObject || Array.isArray(value)
}

/** Kind and text of a value, for messages. */
export function describe(value: Value): string {
  if (value === null) return 'null'
  const text = isComposite(value) ? '' : ` ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`
  return `${kindOf(value)}${text.length > 100 ? `${text.slice(0, 100)}…` : text}`
}

/** A timestamp moved by microseconds, in its own offset. */
export function shiftTimestamp({ days, microsOfDay, offsetMinutes }: Timestamp, micros: number): Timestamp {
  const total = microsOfDay + micros
  const dayShift = Math.floor(total / microsPerDay)
  return new Timestamp(days + dayShift, total - dayShift * microsPerDay, offsetMinutes)
}

/** The bound with or without a zone as the row's timestamp is; without one it counts as UTC. */
export function inZoneOf(bound: Timestamp, row: Timestamp): Timestamp {
  if ((bound.offsetMinutes === undefined) === (row.offsetMinutes === undefined)) return bound
  const utc = bound.tryUtc() ?? bound
  if (row.offsetMinutes === undefined) return utc.toNaive()
  const { days, microsOfDay } = shiftTimestamp(utc, row.offsetMinutes * 60_000_000)
  return new Timestamp(days, microsOfDay, row.offsetMinutes)
}
