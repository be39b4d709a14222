const replacements: Readonly<Record<string, string>> = { '+': 'x', '-': '_', '*': 'x', '@': 'a', '|': 'l' }

/**
 * dlt's default naming, without shortening: lower-case words of ASCII letters and Unicode digits, joined by single
 * underscores. `identifier` is stripped and not empty.
 *
 * Follows dlt `dlt/common/normalizers/naming/snake_case.py`.
 */
export function snakeCase(identifier: string): string {
  const words = identifier
    .replace(/[-+*@|]/g, (character) => replacements[character] as string)
    .replace(/[^a-zA-Z\p{Nd}_]+/gu, '_')
    .replace(/([^_])([A-Z][a-z]+)/gu, '$1_$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
  const named = startsWithDigit(words) ? `_${words}` : words
  // Trailing underscores become letters, so that a name cannot end like a path separator.
  let end = named.length
  while (end > 0 && named.charCodeAt(end - 1) === 0x5f) end--
  return contractUnderscores(named.slice(0, end) + 'x'.repeat(named.length - end))
}

/** True where `text` begins with a decimal digit of any script. */
export function startsWithDigit(text: string): boolean {
  return /^\p{Nd}/u.test(text)
}

/** `text` with each run of underscores made one. */
export function contractUnderscores(text: string): string {
  return text.includes('__') ? text.replace(/_{2,}/g, '_') : text
}
