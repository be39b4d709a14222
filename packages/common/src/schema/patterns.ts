import { TerminalError } from '../errors.ts'
import type { NamingConvention } from '../naming/naming-convention.ts'

/*
 * Patterns of column names in a schema's settings. Plain text stands for the whole name, `re:…` for a regular expression
 * (Python's syntax) that is searched anywhere in it.
 */

const regexPrefix = 're:'

/** A pattern in a schema's settings is no regular expression. */
export class InvalidPattern extends TerminalError {
  override readonly code = 'invalid_pattern'

  constructor(pattern: string, options?: ErrorOptions) {
    super(`Pattern "${pattern}" in the schema's settings is not a regular expression.`, { pattern }, options)
  }
}

/** True where the compiled pattern meets the name of a column. */
export type NameTest = (name: string) => boolean

/** @throws {InvalidPattern} */
export function compilePattern(pattern: string): NameTest {
  if (!pattern.startsWith(regexPrefix)) return (name) => name === pattern
  const regex = compileRegex(pattern)
  return (name) => regex.test(name)
}

/** What Python spells otherwise: named groups, `\A` and `\Z`, flags in front. */
function compileRegex(pattern: string): RegExp {
  let source = pattern.slice(regexPrefix.length)
  let flags = ''
  const inline = /^\(\?([ims]+)\)/.exec(source)
  if (inline !== null) {
    flags = inline[1] as string
    source = source.slice(inline[0].length)
  }
  source = source
    .replaceAll('(?P<', '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replace(/\\([\s\S])/g, (escape, letter) => (letter === 'A' ? '^' : letter === 'Z' ? '$' : escape))
  // Unicode mode refuses escapes such as `\-` that Python takes, so it is tried first and not insisted on.
  for (const mode of ['u', '']) {
    try {
      return new RegExp(source, flags + mode)
    } catch (cause) {
      if (mode === '') throw new InvalidPattern(pattern, { cause })
    }
  }
  throw new InvalidPattern(pattern)
}

/** What Python's `re.escape` escapes. */
const metaCharacters = /[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/

/**
 * The pattern with its name normalized as a path, where it names one thing: no character that could be meant as a
 * regular expression (for dlt a space and `-` are such, too) but a `^…$` pair. Other patterns are kept as they are.
 *
 * Follows dlt `dlt/common/schema/utils.py`, `normalize_simple_regex_column`.
 */
export function normalizePattern(pattern: string, naming: NamingConvention): string {
  const prefix = pattern.startsWith(regexPrefix) ? regexPrefix : ''
  const body = pattern.slice(prefix.length)
  const isAnchored = body.length > 1 && body.startsWith('^') && body.endsWith('$')
  const name = isAnchored ? body.slice(1, -1) : body
  if (name === '' || metaCharacters.test(name)) return pattern
  const normalized = naming.normalizePath(name)
  return prefix + (isAnchored ? `^${normalized}$` : normalized)
}

/** Two patterns that mean the same have the same canonical form: `x` is `re:^x$`. */
export function canonicalPattern(pattern: string): string {
  return pattern.startsWith(regexPrefix) ? pattern : `${regexPrefix}^${pattern}$`
}
