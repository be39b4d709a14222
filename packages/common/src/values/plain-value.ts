import { JsonObject } from '../json/object.ts'
import { HexBytes } from './binary.ts'
import type { DataType } from './data-type.ts'
import { Wei } from './decimal.ts'
import { Double } from './double.ts'
import { decodeMarkers } from './typed-json.ts'
import type { Value } from './value.ts'

/**
 * A value of typed JSON as JavaScript has it, nothing rounded: integers beyond 2^53 and wei as bigint, decimals and
 * temporal values as text, bytes as `Uint8Array`, json as plain objects and lists.
 *
 * @param type  of the column that it is in; undefined where that is not known
 */
export function plainValue(value: Value, type: DataType | undefined): unknown {
  // Text that begins with a character that marks types is text all the same.
  if (type === 'text') return value
  const plain = plainOf(decodeMarkers(value))
  if (type === 'wei' && typeof plain === 'number') return BigInt(plain)
  if (type === 'double' && typeof plain === 'bigint') return Number(plain)
  if (type === 'decimal' && typeof plain !== 'string') return String(plain)
  return plain
}

function plainOf(value: Value): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return (value as readonly Value[]).map(plainOf)
  if (value instanceof JsonObject) return plainObject(value)
  if (value instanceof Double) return value.value
  if (value instanceof HexBytes) return value.bytes
  if (value instanceof Wei && typeof value.value === 'bigint') return value.value
  return value.toString()
}

function plainObject(object: JsonObject): Record<string, unknown> {
  // Made of entries, which lets a key be called `__proto__`.
  return Object.fromEntries([...object.entries()].map(([key, value]) => [key, plainOf(value)]))
}
