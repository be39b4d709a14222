import { UsageError } from '@gantry/common'

/** Something declared about a table or column that makes no sense; the message says where, and what would. */
export class InvalidHint extends UsageError {
  override readonly code = 'invalid_hint'
}

/**
 * Refuses keys that are none of the known ones, so that a misspelled hint is not a hint without effect.
 *
 * @param place  what the keys belong to, e.g. `column "id" of table "orders"`
 * @throws {InvalidHint} names the key that may be meant, and all there are
 */
export function checkKeys(
  given: object,
  known: readonly string[],
  place: string,
  isFree: (key: string) => boolean = isOwnHint,
): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key) || isFree(key)) continue
    const meant = known.find((name) => normalized(name) === normalized(key))
    const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`
    throw new InvalidHint(
      `"${key}" of ${place} is not known.${hint} Known: ${known.join(', ')}${isFree('x-') ? '; hints of your own begin with x-' : ''}.`,
      { key, known },
    )
  }
}

/** True for hints that dlt does not know and passes on. */
export function isOwnHint(key: string): boolean {
  return key.startsWith('x-')
}

/** `dataType` as it is spelled in a schema: `data_type`. */
export function snakeCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** `data_type` as it is spelled in TypeScript: `dataType`. */
export function camelCase(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function normalized(key: string): string {
  return key.replaceAll(/[_-]/g, '').toLowerCase()
}
