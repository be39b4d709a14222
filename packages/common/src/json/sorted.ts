import type { Value } from '../values/value.ts'
import { JsonObject } from './object.ts'

/** The value with the keys of all its objects in code-point order, as hashes need them. */
export function sortedKeys(value: Value): Value {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (!(value instanceof JsonObject)) return value
  const entries = [...value.entries()].toSorted(([a], [b]) => compareCodePoints(a, b))
  return JsonObject.of(entries.map(([key, item]) => [key, sortedKeys(item)] as const))
}

/** Order by Unicode code point, which UTF-16's own order is not. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index)
    const y = b.charCodeAt(index)
    if (x === y) continue
    // Surrogates stand for code points above every other unit.
    const isHighX = x >= 0xd800 && x <= 0xdfff
    const isHighY = y >= 0xd800 && y <= 0xdfff
    return isHighX === isHighY ? x - y : isHighX ? 1 : -1
  }
  return a.length - b.length
}
