import { TerminalError } from '../errors.ts'
import { shake128 } from '../hash.ts'

/** Bytes of hash in a tag: enough for a collision probability of 0.001 (`floor(3 * log2(1 / 0.001) / 8) + 1`). */
const tagBytes = 4
/** Characters of a tag: 4 bytes in base64 without padding. */
const tagLength = 6

/** A name has to be shortened to fewer characters than the tag in its middle takes. */
export class NameLimitTooSmall extends TerminalError {
  override readonly code = 'name_limit_too_small'

  constructor(name: string, maxLength: number) {
    super(
      `Name "${name}" must be shortened to ${maxLength} characters, but names have to be allowed at least ${tagLength}.`,
      { name, maxLength },
    )
  }
}

/** Six letters and digits that stand for `text` in the middle of a shortened name. */
export function shorteningTag(text: string): string {
  return shake128(text, tagBytes).replaceAll('/', 'a').replaceAll('+', 'b').toLowerCase()
}

/**
 * `name` cut to `maxLength` code points by putting a tag of `original` in place of its middle; unchanged where it fits
 * or no limit is set.
 *
 * @throws {NameLimitTooSmall} the name is too long and the limit below 6
 * Follows dlt `dlt/common/normalizers/naming/naming.py`, `NamingConvention.shorten_identifier`.
 */
export function shortenName(name: string, original: string, maxLength: number | undefined): string {
  if (maxLength === undefined || name.length <= maxLength) return name
  const points = Array.from(name)
  if (points.length <= maxLength) return name
  if (maxLength < tagLength) throw new NameLimitTooSmall(name, maxLength)
  const kept = maxLength - tagLength
  const tail = Math.floor(kept / 2)
  const head = kept - tail
  return points.slice(0, head).join('') + shorteningTag(original) + points.slice(points.length - tail).join('')
}
