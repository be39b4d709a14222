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
  const problem = unknownKeyProblem(given, known, place, isFree)
  if (problem !== undefined) throw new InvalidHint(problem.message, { key: problem.key, known })
}

/** What is to be said of the first key that is none of the known ones; undefined where all are known. */
export function unknownKeyProblem(
  given: object,
  known: readonly string[],
  place: string,
  isFree: (key: string) => boolean = () => false,
): { readonly key: string; readonly message: string } | undefined {
  const key = Object.keys(given).find((one) => !known.includes(one) && !isFree(one))
  if (key === undefined) return undefined
  const meant = known.find((name) => normalized(name) === normalized(key))
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`
  const own = isFree('x-') ? '; hints of your own begin with x-' : ''
  return { key, message: `"${key}" of ${place} is not known.${hint} Known: ${known.join(', ')}${own}.` }
}

/** True for hints that dlt does not know and passes on. */
export function isOwnHint(key: string): boolean {
  return key.startsWith('x-')
}

function normalized(key: string): string {
  return key.replaceAll(/[_-]/g, '').toLowerCase()
}
