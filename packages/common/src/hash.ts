import { createHash } from 'node:crypto'
import { JsonObject } from './json/object.ts'
import { compareCodePoints } from './json/sorted.ts'
import { Double, jsonFloatText } from './values/double.ts'

/** What {@link sortedJson} prints: JSON of any of the forms in which it is held here. */
export type Printable =
  | null
  | boolean
  | number
  | bigint
  | string
  | Double
  | JsonObject
  | readonly Printable[]
  | ReadonlyMap<string, Printable>
  | object
  | undefined

/** SHA3-256 of the texts in UTF-8, one after the other without separators, in padded base64 (44 characters). */
export function sha3Base64(...texts: readonly string[]): string {
  const hash = createHash('sha3-256')
  for (const text of texts) hash.update(text)
  return hash.digest('base64')
}

/** The first `bytes` bytes of SHAKE-128 of `text` in UTF-8, in base64 without padding. */
export function shake128(text: string, bytes: number): string {
  const encoded = createHash('shake128', { outputLength: bytes }).update(text).digest('base64')
  return encoded.slice(0, Math.ceil((bytes * 4) / 3))
}

/**
 * Compact JSON with the keys of all objects in code point order: the text that dlt hashes (orjson, `OPT_SORT_KEYS`).
 * Doubles print with a fraction or an exponent, integers as digits; a property that is undefined is absent.
 *
 * @throws {TypeError} a value that is none of JSON
 */
export function sortedJson(value: Printable): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Number.isInteger(value) ? String(value) : jsonFloatText(value)
    case 'boolean':
    case 'bigint':
      return String(value)
    default:
  }
  if (value === null) return 'null'
  if (value instanceof Double) return jsonFloatText(value.value)
  if (Array.isArray(value)) return `[${(value as readonly Printable[]).map(sortedJson).join(',')}]`
  if (value instanceof JsonObject || value instanceof Map) return sortedObject([...value.entries()])
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) {
    return sortedObject(Object.entries(value as Readonly<Record<string, Printable>>))
  }
  throw new TypeError(`No JSON form for ${Object.prototype.toString.call(value)}`)
}

function sortedObject(entries: [string, Printable][]): string {
  const printed = entries
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => compareCodePoints(a, b))
    .map(([key, value]) => `${JSON.stringify(key)}:${sortedJson(value)}`)
  return `{${printed.join(',')}}`
}
