import { encodeMarker } from '../values/typed-json.ts'
import type { Value } from '../values/value.ts'
import { stringifyWith } from './writer.ts'

/**
 * Compact JSON in which what JSON has no form for is a string that begins with a private-use character, as in dlt's
 * extracted files and state documents (`dlt/common/json/__init__.py`).
 */
export function typedJson(value: Value): string {
  return stringifyWith(value, (scalar) => JSON.stringify(encodeMarker(scalar)))
}
