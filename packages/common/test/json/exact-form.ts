import { JsonObject } from '../../src/json/object.ts'
import { Double } from '../../src/values/double.ts'
import type { Value } from '../../src/values/value.ts'

/** Everything that tells a value from others, in a form that can be compared: order of keys, `1.0` from `1`, `-0.0`. */
export function exactForm(value: Value): unknown {
  if (value instanceof JsonObject) return { entries: [...value.entries()].map(([key, item]) => [key, exactForm(item)]) }
  if (value instanceof Double) return { double: value.value }
  return Array.isArray(value) ? value.map(exactForm) : value
}
