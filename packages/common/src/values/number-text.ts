import { strip } from '../naming/python-text.ts'

/*
 * Numbers in text as Python's `int` and `float` read them, because that is what dlt applies to strings: blanks around,
 * a sign, single `_` between digits, any Unicode decimal digit.
 */

/** First code point (the zero) of each run of ten decimal digits beyond ASCII, Unicode 14 as in CPython 3.11. */
const digitZeros: readonly number[] = [
  0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
  0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
  0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0,
  0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50,
  0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
]

/** The value 0–9 of a decimal digit of any script (category Nd), or -1. */
export function digitValue(codePoint: number): number {
  if (codePoint < 0x660) return codePoint >= 0x30 && codePoint <= 0x39 ? codePoint - 0x30 : -1
  let low = 0
  let high = digitZeros.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((digitZeros[middle] as number) <= codePoint) low = middle + 1
    else high = middle
  }
  const value = codePoint - (digitZeros[low - 1] as number)
  return value < 10 ? value : -1
}

/** `text` with the digits of all scripts as 0–9; other characters stay. The same string where it is ASCII. */
export function asciiDigits(text: string): string {
  let at = 0
  while (at < text.length && text.charCodeAt(at) < 0x80) at++
  if (at === text.length) return text
  let out = text.slice(0, at)
  for (const character of text.slice(at)) {
    const value = digitValue(character.codePointAt(0) as number)
    out += value < 0 ? character : String(value)
  }
  return out
}

/** An integer in the form that a {@link Value} gives it: a number where it is safe, else a bigint. */
export function integerValue(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value
}

// CPython refuses longer decimal texts, because reading them takes quadratic time (sys.set_int_max_str_digits).
const maxDecimalDigits = 4300

const integerForm = /^[+-]?\d+(?:_\d+)*$/
const hexForm = /^[+-]?(?:0[xX]_?)?[\da-fA-F]+(?:_[\da-fA-F]+)*$/
const floatForm = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/
const floatNameForm = /^([+-]?)(?:(nan)|inf|infinity)$/i

/** The integer that `text` holds, with blanks around allowed; undefined for any other text. */
export function tryInteger(text: string): number | bigint | undefined {
  const short = shortInteger(text)
  if (short >= 0) return short
  let digits = asciiDigits(strip(text))
  if (!integerForm.test(digits)) return undefined
  if (digits.includes('_')) digits = digits.replaceAll('_', '')
  const negative = digits.charCodeAt(0) === 0x2d
  if (negative || digits.charCodeAt(0) === 0x2b) digits = digits.slice(1)
  if (digits.length > maxDecimalDigits) return undefined
  if (digits.length <= 15) return negative ? 0 - Number(digits) : Number(digits)
  return integerValue(negative ? -BigInt(digits) : BigInt(digits))
}

/** The value of 1 to 15 ASCII digits, or -1 for any other text. */
function shortInteger(text: string): number {
  const length = text.length
  if (length === 0 || length > 15) return -1
  let value = 0
  for (let at = 0; at < length; at++) {
    const digit = text.charCodeAt(at) - 0x30
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

/**
 * The integer that `text` holds in base 16, as Python's `int(text, 16)` reads it: blanks around, a sign and a prefix
 * `0x` or `0X` are allowed, and digits of all scripts, but no full-width letters. Undefined for any other text.
 */
export function tryHexInteger(text: string): bigint | undefined {
  let digits = asciiDigits(strip(text))
  if (!hexForm.test(digits)) return undefined
  const negative = digits.charCodeAt(0) === 0x2d
  digits = digits.replace(/^[+-]?(?:0[xX])?/, '').replaceAll('_', '')
  const value = BigInt(`0x${digits}`)
  return negative ? -value : value
}

/**
 * The double that `text` holds, as Python's `float` reads it: also `nan`, `inf`, `infinity` in any case, `.5`, `5.`;
 * what is too large is infinite. Undefined for any other text.
 */
export function tryFloat(text: string): number | undefined {
  if (isPlainNumber(text)) {
    const value = Number(text)
    return Number.isNaN(value) ? undefined : value
  }
  const form = asciiDigits(strip(text))
  if (floatForm.test(form)) return Number(form.replaceAll('_', ''))
  const name = floatNameForm.exec(form)
  if (name === null) return undefined
  if (name[2] !== undefined) return NaN
  return name[1] === '-' ? -Infinity : Infinity
}

/** True for text of digits, signs, points and `e` alone: there JavaScript and Python accept the same numbers. */
function isPlainNumber(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 0x30 && code <= 0x39) continue
    if (code !== 0x2b && code !== 0x2d && code !== 0x2e && code !== 0x65 && code !== 0x45) return false
  }
  return text.length > 0
}
