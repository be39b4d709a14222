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

function normalized(key: string): string {
  return key.replaceAll(/[_-]/g, '').toLowerCase()
}
