import { strip } from '../naming/python-text.ts'
import { asciiDigits } from './number-text.ts'

/** What a decimal is when it is no number. `sNaN` is Python's signalling NaN. */
export type SpecialDecimal = 'NaN' | 'sNaN' | 'Infinity'

/**
 * An exact decimal: `±coefficient × 10^exponent`, trailing zeros kept (`1.10` is not `1.1` in text). Immutable, of any
 * size, never rounded. NaN and infinities as in Python's `decimal.Decimal`.
 */
export class Decimal {
  readonly negative: boolean
  /** Digits without sign and point; the payload of a NaN. */
  readonly coefficient: bigint
  readonly exponent: number
  readonly special: SpecialDecimal | undefined

  constructor(negative: boolean, coefficient: bigint, exponent: number, special?: SpecialDecimal) {
    this.negative = negative
    this.coefficient = coefficient
    this.exponent = exponent
    this.special = special
  }

  /** The decimal of an integer, with exponent 0. */
  static ofInteger(value: number | bigint): Decimal {
    const integer = BigInt(value)
    return integer < 0n ? new Decimal(true, -integer, 0) : new Decimal(false, integer, 0)
  }

  /** The exact value of a double: 0.1 is `0.1000000000000000055511151231257827021181583404541015625`. */
  static ofDouble(value: number): Decimal {
    if (Number.isNaN(value)) return new Decimal(false, 0n, 0, 'NaN')
    const negative = value < 0 || Object.is(value, -0)
    if (!Number.isFinite(value)) return new Decimal(negative, 0n, 0, 'Infinity')
    if (Number.isInteger(value)) return new Decimal(negative, BigInt(Math.abs(value)), 0)
    let numerator = Math.abs(value)
    let halvings = 0
    // Doubling is exact until the fraction is gone; a subnormal gets there after 1074 steps.
    while (!Number.isInteger(numerator)) {
      numerator *= 2
      halvings++
    }
    return new Decimal(negative, BigInt(numerator) * 5n ** BigInt(halvings), -halvings)
  }

  /** The coefficient with its sign: the integer which a fixed-scale column of scale `-exponent` stores. */
  get unscaled(): bigint {
    return this.negative ? -this.coefficient : this.coefficient
  }

  get isFinite(): boolean {
    return this.special === undefined
  }

  get isNaN(): boolean {
    return this.special === 'NaN' || this.special === 'sNaN'
  }

  /** True for zero of either sign and any exponent. */
  get isZero(): boolean {
    return this.special === undefined && this.coefficient === 0n
  }

  /** Exponent of the first digit: 2 for 123, -3 for 0.00123. */
  get adjustedExponent(): number {
    return this.exponent + this.coefficient.toString().length - 1
  }

  /** The nearest double; infinite where there is none so large. */
  toNumber(): number {
    if (this.special !== undefined) return this.isNaN ? NaN : this.negative ? -Infinity : Infinity
    return Number(this.toString())
  }

  /**
   * The integer of the same value; undefined where there is a fraction, or no number, or the integer has more than
   * `maxDigits` digits, which keeps `1E+999999` from filling the memory.
   */
  tryInteger(maxDigits: number): bigint | undefined {
    if (this.special !== undefined) return undefined
    if (this.coefficient === 0n) return 0n
    if (this.adjustedExponent >= maxDigits) return undefined
    if (this.exponent >= 0) return this.unscaled * 10n ** BigInt(this.exponent)
    // A number below one has a fraction; the check spares a huge power of ten.
    if (this.adjustedExponent < 0) return undefined
    const unit = 10n ** BigInt(-this.exponent)
    return this.coefficient % unit === 0n ? this.unscaled / unit : undefined
  }

  /**
   * The "scientific string" of the General Decimal Arithmetic specification, as Python prints: `1.10`, `-0.00`,
   * `1E+3`, `1E-7`, `NaN`, `-Infinity`.
   */
  toString(): string {
    const sign = this.negative ? '-' : ''
    if (this.special !== undefined) {
      return sign + this.special + (this.coefficient === 0n ? '' : this.coefficient.toString())
    }
    const digits = this.coefficient.toString()
    const exponent = this.exponent
    if (exponent === 0) return sign + digits
    const adjusted = exponent + digits.length - 1
    if (exponent < 0 && adjusted >= -6) {
      const point = digits.length + exponent
      return point > 0
        ? `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
        : `${sign}0.${'0'.repeat(-point)}${digits}`
    }
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
    return `${sign}${digits.charAt(0)}${fraction}E${adjusted < 0 ? '' : '+'}${adjusted}`
  }
}

/** Order of two decimals by value (negative, 0, positive; 1.0 equals 1); NaN where one of them is NaN. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.isNaN || b.isNaN) return NaN
  const sign = signOf(a)
  if (sign !== signOf(b)) return sign - signOf(b)
  if (sign === 0) return 0
  if (!a.isFinite || !b.isFinite) return sign * (Number(!a.isFinite) - Number(!b.isFinite))
  // Exponents first: powers of ten are only built for numbers of like size.
  const size = a.adjustedExponent - b.adjustedExponent
  if (size !== 0) return sign * size
  const shift = a.exponent - b.exponent
  const left = shift > 0 ? a.coefficient * 10n ** BigInt(shift) : a.coefficient
  const right = shift < 0 ? b.coefficient * 10n ** BigInt(-shift) : b.coefficient
  return left === right ? 0 : left < right ? -sign : sign
}

function signOf(decimal: Decimal): -1 | 0 | 1 {
  if (decimal.isZero) return 0
  return decimal.negative ? -1 : 1
}

const numberForm = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/
const specialForm = /^([+-]?)(?:(inf(?:inity)?)|(s?)nan(\d*))$/i

/**
 * The decimal that `text` holds, as Python's `Decimal` reads it: blanks around and `_` anywhere are dropped, digits of
 * any script, exponents, `NaN`, `Infinity`. Undefined for any other text, and for exponents beyond 2^53.
 */
export function tryDecimal(text: string): Decimal | undefined {
  const plain = tryPlainDecimal(text)
  if (plain !== undefined) return plain
  let form = asciiDigits(strip(text))
  if (form.includes('_')) form = form.replaceAll('_', '')
  const number = numberForm.exec(form)
  if (number === null) return trySpecialDecimal(form)
  const fraction = number[3] ?? number[4] ?? ''
  const exponent = Number(number[5] ?? '0') - fraction.length
  if (!Number.isSafeInteger(exponent)) return undefined
  return new Decimal(number[1] === '-', BigInt((number[2] ?? '') + fraction), exponent)
}

/** The usual form, an optional `-` and up to 15 digits with an optional point, without a regular expression. */
function tryPlainDecimal(text: string): Decimal | undefined {
  const length = text.length
  if (length === 0 || length > 17) return undefined
  const negative = text.charCodeAt(0) === 0x2d
  let at = negative ? 1 : 0
  let coefficient = 0
  let digits = 0
  let point = -1
  for (; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 0x30 && code <= 0x39) {
      coefficient = coefficient * 10 + (code - 0x30)
      digits++
    } else if (code === 0x2e && point < 0) point = digits
    else return undefined
  }
  if (digits === 0 || digits > 15) return undefined
  return new Decimal(negative, BigInt(coefficient), point < 0 ? 0 : point - digits)
}

function trySpecialDecimal(form: string): Decimal | undefined {
  const special = specialForm.exec(form)
  if (special === null) return undefined
  const negative = special[1] === '-'
  if (special[2] !== undefined) return new Decimal(negative, 0n, 0, 'Infinity')
  return new Decimal(negative, BigInt(special[4] === '' ? 0 : (special[4] ?? 0)), 0, special[3] === '' ? 'NaN' : 'sNaN')
}

/**
 * As {@link tryDecimal}.
 *
 * @throws {SyntaxError} `text` is no decimal
 */
export function parseDecimal(text: string): Decimal {
  const decimal = tryDecimal(text)
  if (decimal === undefined) throw new SyntaxError(`Not a decimal number: ${JSON.stringify(text.slice(0, 100))}`)
  return decimal
}

/**
 * A number of a `wei` column: an integer of up to 256 bits or a decimal, in text like a {@link Decimal}. Integers of
 * JSON beyond 64 bits count as wei too, but stay bare bigints until they are coerced.
 */
export class Wei {
  readonly value: Decimal | bigint

  constructor(value: Decimal | bigint) {
    this.value = value
  }

  /** The value as a decimal, exact. */
  get decimal(): Decimal {
    return typeof this.value === 'bigint' ? Decimal.ofInteger(this.value) : this.value
  }

  toString(): string {
    return this.value.toString()
  }
}
