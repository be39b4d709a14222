import { JsonObject, parseJson, stringifyJson, type Value } from '@gantry/common'
import { isPlainObject } from '../plain-values.ts'

/**
 * Reads JSON into plain objects and lists, without loss: integers beyond 2^53 are `bigint`, `1.0` is a `Double`.
 *
 * @throws {JsonSyntaxError}
 */
export function readJson(text: string): unknown {
  return plain(parseJson(text))
}

/** JSON of plain objects and lists, with the exact values of {@link readJson}. What is undefined is left out. */
export function writeJson(value: unknown): string {
  return stringifyJson(exact(value))
}

function plain(value: Value): unknown {
  if (Array.isArray(value)) return (value as readonly Value[]).map(plain)
  if (!(value instanceof JsonObject)) return value
  const object: Record<string, unknown> = {}
  for (const [key, item] of value.entries()) {
    // Assigning `__proto__` would not make a key of that name.
    if (key === '__proto__')
      Object.defineProperty(object, key, { value: plain(item), enumerable: true, configurable: true, writable: true })
    else object[key] = plain(item)
  }
  return object
}

function exact(value: unknown): Value {
  if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : exact(item)))
  if (value instanceof Date) return value.toISOString()
  if (!isPlainObject(value)) return value as Value
  return JsonObject.of(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, exact(item)] as const),
  )
}
