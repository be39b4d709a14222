import { MINUS, POINT, ZERO } from './chars'
import { multiply, productHigh, productLow } from './multiply'
import { decimalDigits, doubleValue, numberEnd, putInteger } from './numbers'
import { lowerOfPower, upperOfPower } from './powers-of-five'

const SIGNIFICAND: u64 = 0xf_ffff_ffff_ffff
const HIDDEN_BIT: u64 = 0x10_0000_0000_0000

/** The shortest digits that read back to the double which was looked at last, and the power of ten that goes with them. */
let digits: u64 = 0
let power: i32 = 0

/**
 * Writes a number's text as that of its double, where JSON and Python write the same: with a fraction, and without an
 * exponent, from 0.0001 up to 1e16.
 *
 * @returns behind what was written; 0 for any other double
 */
export function putShortest(text: usize, length: usize, out: usize): usize {
  if (numberEnd(text) != text + length) return 0
  const bits = reinterpret<u64>(doubleValue(text, text + length))
  if (!findShortest(bits & 0x7fff_ffff_ffff_ffff)) return 0
  while (digits % 10 == 0) {
    digits /= 10
    power++
  }
  const count = <i32>decimalDigits(digits)
  const whole = count + power
  if (whole < -3 || whole > 16) return 0
  if (bits >> 63 != 0) store<u8>(out++, MINUS)
  if (power >= 0) {
    out = putZeros(putInteger(digits, out), power)
    store<u16>(out, 0x302e)
    return out + 2
  }
  if (whole <= 0) {
    store<u16>(out, 0x2e30)
    return putInteger(digits, putZeros(out + 2, -whole))
  }
  // The digits in front of the point go one to the left, for which they make room.
  const end = putInteger(digits, out + 1)
  for (let left = whole; left > 0; left--, out++) store<u8>(out, load<u8>(out, 1))
  store<u8>(out, POINT)
  return end
}

function putZeros(out: usize, count: i32): usize {
  for (; count > 0; count--) store<u8>(out++, ZERO)
  return out
}

/**
 * Finds the shortest digits of a positive double, and of those of one length the nearest (R. Giulietti, The Schubfach way
 * to render doubles, 2020).
 *
 * @returns false for one that is not normal, or beyond the powers of five that are exact in 128 bits
 */
function findShortest(bits: u64): bool {
  const biased = <i32>(bits >> 52)
  if (biased == 0 || biased == 0x7ff) return false
  const fraction = bits & SIGNIFICAND
  const significand = fraction | HIDDEN_BIT
  const exponent = biased - 1075
  if (exponent <= 0 && exponent > -53 && (significand & (((<u64>1) << (<u64>-exponent)) - 1)) == 0) {
    digits = significand >> (<u64>-exponent)
    power = 0
    return true
  }
  // Below a power of two, the next double is half as far away.
  const isUneven = fraction == 0
  // Floors of logarithms, exact for all doubles: of 2 ** exponent or three quarters of it to 10, and of 10 ** -tens to 2.
  const tens = (exponent * 1_262_611 - (isUneven ? 524_031 : 0)) >> 22
  if (tens > 0 || tens < -55) return false
  const shift = <u64>(exponent + ((-tens * 1_741_647) >> 19) + 1)
  const upperPower = upperOfPower(-tens)
  const lowerPower = lowerOfPower(-tens)
  // Four times the double and the bounds between which numbers read back to it, in units of the last digit.
  const value = scaled(upperPower, lowerPower, (significand << 2) << shift)
  const isOpen: u64 = significand & 1
  const least = scaled(upperPower, lowerPower, ((significand << 2) - (isUneven ? 1 : 2)) << shift) + isOpen
  const most = scaled(upperPower, lowerPower, ((significand << 2) + 2) << shift) - isOpen
  const low = value >> 2
  if (low >= 10) {
    const shorter = low / 10
    const isLowInside = least <= 40 * shorter
    const isHighInside = 40 * shorter + 40 <= most
    if (isLowInside != isHighInside) {
      digits = shorter + <u64>isHighInside
      power = tens + 1
      return true
    }
  }
  power = tens
  const isLowInside = least <= low << 2
  const isHighInside = (low << 2) + 4 <= most
  if (isLowInside != isHighInside) {
    digits = low + <u64>isHighInside
    return true
  }
  const middle = (low << 2) + 2
  digits = low + <u64>(value > middle || (value == middle && (low & 1) != 0))
  return true
}

/** A number times a power of five of 128 bits, without its lower bits; the last one says that they were not all 0. */
function scaled(upperPower: u64, lowerPower: u64, number: u64): u64 {
  multiply(lowerPower, number)
  const carried = productHigh
  multiply(upperPower, number)
  const low = productLow + carried
  const high = productHigh + <u64>(low < carried)
  return high | (<u64>(low > 1))
}
