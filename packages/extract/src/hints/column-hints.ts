import { codeSpelling, storedSpelling, columnHintNames, hintProblem, type Column, type JsonValue } from '@gantry/common'
import type { Columns } from './hints.ts'
import { checkKeys, InvalidHint, isOwnHint } from './invalid-hint.ts'

const knownHints = columnHintNames.map(codeSpelling)

/**
 * Declared columns as they stand in a schema, by the name they were given, in their order.
 *
 * @param place  whose columns they are, e.g. `table "orders"`
 * @throws {InvalidHint} an unknown hint, a value of another kind than the hint takes, a name that is missing or twice
 */
export function columnsOf(given: Columns, place: string): Map<string, Column> {
  if (typeof given !== 'object' || given === null) {
    throw new InvalidHint(
      `"columns" of ${place} takes a map from name to hints, a list of hints with "name", or a schema.`,
    )
  }
  const columns = new Map<string, Column>()
  for (const [key, hints] of Array.isArray(given) ? given.entries() : Object.entries(given)) {
    const name = nameOf(key, hints, place)
    if (columns.has(name))
      throw new InvalidHint(`${place} has two columns "${name}". Put their hints together.`, { name })
    columns.set(name, columnOf(name, hints as object, `column "${name}" of ${place}`))
  }
  return columns
}

function nameOf(key: string | number, hints: unknown, place: string): string {
  const what = typeof key === 'number' ? `item ${key + 1} in "columns" of ${place}` : `column "${key}" of ${place}`
  if (typeof hints !== 'object' || hints === null || Array.isArray(hints)) {
    throw new InvalidHint(`${what} takes a map of hints, such as { dataType: 'text' }.`, { key })
  }
  const { name } = hints as { name?: unknown }
  if (typeof key === 'number') {
    if (typeof name !== 'string') throw new InvalidHint(`${what} has no "name".`, { key })
    return name
  }
  if (name !== undefined && name !== key) {
    throw new InvalidHint(`${what} calls itself ${JSON.stringify(name)}. Leave "name" out.`, { key, name })
  }
  return key
}

function columnOf(name: string, given: object, place: string): Column {
  checkKeys(given, knownHints, place)
  const hints: Record<string, JsonValue> = {}
  for (const [key, value] of Object.entries(given) as [string, unknown][]) {
    if (value === undefined) continue
    const hint = isOwnHint(key) ? key : storedSpelling(key)
    const problem = isJsonValue(value) ? hintProblem('column', hint, value) : 'must be a value that JSON can hold'
    if (problem !== undefined) throw new InvalidHint(`"${key}" of ${place} ${problem}.`, { key, value: String(value) })
    hints[hint] = value as JsonValue
  }
  return { ...hints, name }
}

/** True for what JSON gives back as it was. */
export function isJsonValue(value: unknown): value is JsonValue {
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (Array.isArray(value)) return value.every(isJsonValue)
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return false
  return Object.values(value).every(isJsonValue)
}
