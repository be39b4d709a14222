import { JsonObject } from '../../src/json/object.ts'
import { Double } from '../../src/values/double.ts'
import type { Value } from '../../src/values/value.ts'

/** The value as `JSON.parse` would have given it, with the digits that it loses. */
export function plainJson(value: Value): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Double) return value.value
  if (Array.isArray(value)) return value.map(plainJson)
  if (!(value instanceof JsonObject)) return value
  // As own properties, also where a key is called __proto__.
  return Object.fromEntries([...value.entries()].map(([key, item]) => [key, plainJson(item)]))
}
