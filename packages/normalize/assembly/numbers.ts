import { MINUS, PLUS, POINT, ZERO, digit } from './chars'
import { parseDouble } from './host'
import { multiply, productHigh, productLow } from './multiply'
import { LEAST_POWER, MOST_POWER, lowerOfPower, upperOfPower } from './powers-of-five'

/** What the number that was read last is; only valid where it was read to its end. */
export let isInteger: bool = false
export let isNegative: bool = false
/** The digits as one number, without sign, point and exponent; valid up to 19 of them. */
export let digits: u64 = 0
export let digitCount: i32 = 0
/** Power of ten by which the digits are to be multiplied. */
export let exponent: i32 = 0
/** The text is that which a double with this value has in JSON and in Python alike. */
export let isShortest: bool = false

/** Behind the number at `at`; 0 where there is no number, as JSON has them. */
export function numberEnd(at: usize): usize {
  isNegative = load<u8>(at) == MINUS
  if (isNegative) at++
  const start = at
  let value: u64 = 0
  let next = digit(at)
  while (next <= 9) {
    value = value * 10 + next
    next = digit(++at)
  }
  const whole = <i32>(at - start)
  if (whole == 0 || (whole > 1 && load<u8>(start) == ZERO)) return 0
  const char = load<u8>(at)
  isInteger = char != POINT && (char | 0x20) != 0x65
  digits = value
  digitCount = whole
  exponent = 0
  return isInteger ? at : fractionEnd(at, start, whole)
}

function fractionEnd(at: usize, start: usize, whole: i32): usize {
  let value = digits
  let zeros = 0
  let fraction = 0
  if (load<u8>(at) == POINT) {
    const first = ++at
    let next = digit(at)
    while (next <= 9) {
      if (value == 0 && next == 0) zeros++
      value = value * 10 + next
      next = digit(++at)
    }
    fraction = <i32>(at - first)
    if (fraction == 0) return 0
  }
  let power = 0
  let hasExponent = false
  if ((load<u8>(at) | 0x20) == 0x65) {
    hasExponent = true
    const sign = load<u8>(++at)
    if (sign == MINUS || sign == PLUS) at++
    const first = at
    let next = digit(at)
    while (next <= 9) {
      if (power < 10_000) power = power * 10 + next
      next = digit(++at)
    }
    if (at == first) return 0
    if (sign == MINUS) power = -power
  }
  digits = value
  digitCount = whole + fraction
  exponent = power - fraction
  isShortest = !hasExponent && isShortestFixed(at, start, whole, fraction, zeros)
  return at
}

/**
 * With at most 15 digits no other number of as few digits has the same double, so that they are its shortest text where no
 * zero could be left out.
 */
function isShortestFixed(end: usize, start: usize, whole: i32, fraction: i32, zeros: i32): bool {
  if (load<u8>(end - 1) == ZERO && fraction > 1) return false
  if (load<u8>(start) != ZERO) return whole + fraction <= 15
  // Below 0.0001 Python goes over to an exponent. Zero itself is written `0.0`, its negative is left to the host.
  if (zeros == fraction) return fraction == 1 && !isNegative
  return zeros <= 3 && fraction - zeros <= 15
}

const powersOfTen: StaticArray<f64> = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]

/** @param power  up to 18: its double is exact */
export function powerOfTen(power: i32): u64 {
  return <u64>unchecked(powersOfTen[power])
}

/**
 * The double of the number that was read last, whose text begins at `text`. Where digits and power of ten are exact
 * doubles, their product or quotient is the nearest double (W. D. Clinger, How to Read Floating Point Numbers
 * Accurately, 1990); else the product with 128 bits of a power of five tells in nearly all cases (D. Lemire, Number
 * Parsing at a Gigabyte per Second, 2021). The rest is the host's.
 */
export function doubleValue(text: usize, end: usize): f64 {
  if (digitCount <= 19) {
    if (digits <= 0x20_0000_0000_0000 && exponent >= -22 && exponent <= 22) {
      const value = <f64>digits
      const scaled = exponent < 0 ? value / unchecked(powersOfTen[-exponent]) : value * unchecked(powersOfTen[exponent])
      return isNegative ? -scaled : scaled
    }
    if (digits != 0 && exponent >= LEAST_POWER && exponent <= MOST_POWER) {
      const bits = nearestDouble(digits, exponent)
      if (bits != 0) return reinterpret<f64>(isNegative ? bits | 0x8000_0000_0000_0000 : bits)
    }
  }
  return parseDouble(text, <i32>(end - text))
}

/** Bits of the double that is nearest to `value * 10 ** power`; 0 where they are not certain. */
function nearestDouble(value: u64, power: i32): u64 {
  const zeros = clz(value)
  const shifted = value << zeros
  multiply(shifted, upperOfPower(power))
  let high = productHigh
  let low = productLow
  if ((high & 0x1ff) == 0x1ff) {
    multiply(shifted, lowerOfPower(power))
    low += productHigh
    if (productHigh > low) high++
    if (low == u64.MAX_VALUE && (power < -27 || power > 55)) return 0
  }
  const upperBit = high >> 63
  const shift = upperBit + 9
  let mantissa = high >> shift
  let power2 = <i64>((217_706 * power) >> 16) + 63 + <i64>upperBit - <i64>zeros + 1023
  // Exactly between two doubles, the even one.
  if (low <= 1 && power >= -4 && power <= 23 && (mantissa & 3) == 1 && mantissa << shift == high) {
    mantissa &= ~1
  }
  mantissa = (mantissa + (mantissa & 1)) >> 1
  if (mantissa >= 0x20_0000_0000_0000) {
    mantissa = 0x10_0000_0000_0000
    power2++
  }
  return power2 <= 0 || power2 >= 0x7ff ? 0 : (mantissa & 0xf_ffff_ffff_ffff) | ((<u64>power2) << 52)
}

/** `00` to `99`, as they stand in memory. */
const pairs = memory.data(200)
for (let value = 0; value < 100; value++) {
  store<u16>(pairs + ((<usize>value) << 1), <u16>(0x3030 | (value / 10) | ((value % 10) << 8)))
}

/** Writes two digits. */
export function putPair(value: u32, out: usize): void {
  store<u16>(out, load<u16>(pairs + ((<usize>value) << 1)))
}

/** Writes an integer. @returns behind it */
export function putInteger(value: i64, out: usize): usize {
  let rest: u64 = value
  if (value < 0) {
    store<u8>(out++, MINUS)
    rest = 0 - rest
  }
  const length = decimalDigits(rest)
  let at = out + length
  while (rest >= 100) {
    const quotient = rest / 100
    at -= 2
    putPair(<u32>(rest - quotient * 100), at)
    rest = quotient
  }
  if (rest >= 10) putPair(<u32>rest, out)
  else store<u8>(out, <u8>(ZERO + <u8>rest))
  return out + length
}

/** How many digits a number has. */
export function decimalDigits(value: u64): usize {
  let count: usize = 1
  for (let bound: u64 = 10; value >= bound; bound *= 10) {
    count++
    if (count == 20) break
  }
  return count
}
