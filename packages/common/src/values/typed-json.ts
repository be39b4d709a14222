import { JsonObject } from '../json/object.ts'
import { base64Text, HexBytes, tryHexBytes, tryLenientBase64 } from './binary.ts'
import { tryDate, tryTime, tryTimestamp } from './datetime-text.ts'
import { Decimal, tryDecimal, Wei } from './decimal.ts'
import { DateValue, TimeValue, Timestamp } from './temporal.ts'
import type { Value } from './value.ts'

/*
 * Type markers of typed-jsonl: a string that begins with a character of the private use area stands for a value that
 * JSON has no form for (`dlt/common/json/__init__.py`). They hold in values at any depth, never in keys.
 */

const decimalMarker = '\uf026'
const timestampMarker = '\uf027'
const dateMarker = '\uf028'
const hexBytesMarker = '\uf02a'
const bytesMarker = '\uf02b'
const weiMarker = '\uf02c'
const timeMarker = '\uf02d'

const firstMarker = 0xf026
const lastMarker = 0xf02d
/** One beyond the markers that have a meaning: dlt's removal is off by one, and json sent to text shows it. */
const lastStripped = 0xf02e

/** The values that are written with a marker; a bigint is written as wei. */
export type MarkedValue = Decimal | Timestamp | DateValue | TimeValue | Uint8Array | HexBytes | Wei | bigint

/** Marker and text of `value`: decimal and wei digits, temporal values with their own offset, base64, `0x…`. */
export function encodeMarker(value: MarkedValue): string {
  if (value instanceof Decimal) return decimalMarker + value.toString()
  if (value instanceof Timestamp) return timestampMarker + value.toString()
  if (value instanceof DateValue) return dateMarker + value.toString()
  if (value instanceof TimeValue) return timeMarker + value.toString()
  if (value instanceof HexBytes) return hexBytesMarker + value.toString()
  if (value instanceof Uint8Array) return bytesMarker + base64Text(value)
  return weiMarker + value.toString()
}

/**
 * The value that a string with a marker stands for. The same string where there is no marker, nothing after it, or text
 * that does not parse. UUIDs, which dlt reads but never writes, become plain strings.
 */
export function tryDecodeMarker(text: string): Value {
  const marker = text.charCodeAt(0)
  if (!(marker >= firstMarker && marker <= lastMarker) || text.length < 2) return text
  return decoders[marker - firstMarker]?.(text.slice(1)) ?? text
}

/** One for each marker, in the order of their characters. */
const decoders: readonly ((payload: string) => Value | undefined)[] = [
  tryDecimal,
  tryTimestamp,
  tryDate,
  tryUuid,
  tryHexBytes,
  tryLenientBase64,
  tryWei,
  tryTime,
]

function tryWei(payload: string): Wei | undefined {
  const decimal = tryDecimal(payload)
  if (decimal === undefined) return undefined
  // Integers in plain digits are held as such, which prints the same.
  return new Wei(decimal.isFinite && decimal.exponent === 0 && !isNegativeZero(decimal) ? decimal.unscaled : decimal)
}

function isNegativeZero(decimal: Decimal): boolean {
  return decimal.negative && decimal.isZero
}

const uuidForm = /^[\da-f]{32}$/

function tryUuid(payload: string): string | undefined {
  const digits = payload
    .replace(/^urn:uuid:/, '')
    .replaceAll(/[{}-]/g, '')
    .toLowerCase()
  if (!uuidForm.test(digits)) return undefined
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`
}

/**
 * `value` with the markers of all strings in it decoded, see {@link tryDecodeMarker}. Objects are changed in place,
 * because decoding follows reading at once; arrays in which something changes are copied.
 */
export function decodeMarkers(value: Value): Value {
  if (typeof value === 'string') return tryDecodeMarker(value)
  if (value instanceof JsonObject) {
    const { values } = value
    for (let at = 0; at < values.length; at++) values[at] = decodeMarkers(values[at] as Value)
    return value
  }
  return Array.isArray(value) ? mapped(value, decodeMarkers) : value
}

/**
 * `value` without the marker characters that begin strings in it (of more than one character), for json that turns into
 * text. The value itself stays as it is; parts in which nothing changes are shared.
 */
export function stripMarkers(value: Value): Value {
  if (typeof value === 'string') return stripMarker(value)
  if (value instanceof JsonObject) {
    const values = mapped(value.values, stripMarkers)
    return values === value.values ? value : new JsonObject(value.shape, values)
  }
  return Array.isArray(value) ? mapped(value, stripMarkers) : value
}

/** The mapped items; the same array where none changed. */
function mapped(items: Value[], map: (item: Value) => Value): Value[] {
  let copy: Value[] | undefined
  for (let at = 0; at < items.length; at++) {
    const item = items[at] as Value
    const result = map(item)
    if (result === item) continue
    copy ??= [...items]
    copy[at] = result
  }
  return copy ?? items
}

function stripMarker(text: string): string {
  const marker = text.charCodeAt(0)
  return marker >= firstMarker && marker <= lastStripped && text.length > 1 ? text.slice(1) : text
}
