import { QUOTE } from './chars'
import { multiply, productHigh, productLow } from './multiply'
import { decimalDigits, digitCount, digits, exponent, isInteger, isNegative, numberEnd, powerOfTen } from './numbers'

/** So many digits are held in full. */
const MOST_DIGITS: i32 = 18
/** A decimal below this power of ten is printed with an exponent. */
const LEAST_POWER: i32 = -6

/**
 * The closing quote of the decimal at `at`, of at most so many digits before and behind its point; 0 for any other text,
 * and for a decimal that is printed in another form.
 */
export function decimalEnd(at: usize, before: i32, behind: i32): usize {
  const end = numberEnd(at)
  if (end == 0 || load<u8>(end) != QUOTE || digitCount > MOST_DIGITS) return 0
  const fraction = -exponent
  const signs = <i32>isNegative + <i32>!isInteger
  // One with an exponent has more characters than these.
  if (<i32>(end - at) != digitCount + signs || fraction > behind || digitCount - fraction > before) return 0
  const first = digits == 0 ? exponent : exponent + <i32>decimalDigits(digits) - 1
  return first < LEAST_POWER ? 0 : end
}

/**
 * Writes the decimal at `at` as the integer that a column of that many digits behind the point stores: little-endian in 4
 * or 8 bytes, big-endian in more, up to 16.
 */
export function putUnscaled(at: usize, behind: i32, bytes: i32, out: usize): usize {
  numberEnd(at)
  multiply(digits, powerOfTen(behind + exponent))
  let low = productLow
  let high = productHigh
  if (isNegative) {
    low = 0 - low
    high = ~high + <u64>(low == 0)
  }
  if (bytes == 4) store<u32>(out, <u32>low)
  else if (bytes == 8) store<u64>(out, low)
  else {
    store<u64>(out + bytes - 8, bswap(low))
    for (let left = bytes - 8; left > 0; high >>= 8) store<u8>(out + --left, <u8>high)
  }
  return out + bytes
}
