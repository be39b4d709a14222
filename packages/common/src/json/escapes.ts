import { JsonSyntaxError } from './syntax-error.ts'

/** The string that a JSON literal stands for; undefined where it has an unknown escape. */
export function unescaped(literal: string): string | undefined {
  try {
    return JSON.parse(literal) as string
  } catch {
    return undefined
  }
}

/** What is wrong with the first bad escape between two positions of a text. */
export function escapeError(text: string, from: number, end: number): JsonSyntaxError {
  let pos = text.indexOf('\\', from)
  for (; pos >= 0 && pos < end; pos = text.indexOf('\\', pos + 2)) {
    const escape = text[pos + 1] as string
    if (escape === 'u') {
      if (!/^[0-9a-fA-F]{4}$/.test(text.slice(pos + 2, Math.min(pos + 6, end)))) {
        return new JsonSyntaxError('"\\u" needs four hexadecimal digits', pos)
      }
    } else if (!'"\\/bfnrt'.includes(escape)) break
  }
  return new JsonSyntaxError('unknown escape inside a string', pos)
}
