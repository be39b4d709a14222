import type { Decimal } from '@gantry/common'

/** Powers of ten that are needed all the time. */
const powers: readonly bigint[] = Array.from({ length: 80 }, (_, exponent) => 10n ** BigInt(exponent))

function powerOfTen(exponent: number): bigint {
  return powers[exponent] ?? 10n ** BigInt(exponent)
}

/**
 * The integer that a column of fixed scale stores: the value times 10^scale, rounded half away from zero. Exact for
 * numbers of any size. Undefined where that has more than `precision` digits, and for NaN and infinities.
 */
export function tryUnscaled(decimal: Decimal, precision: number, scale: number): bigint | undefined {
  if (decimal.special !== undefined) return undefined
  const { coefficient } = decimal
  if (coefficient === 0n) return 0n
  const shift = decimal.exponent + scale
  let unscaled: bigint
  if (shift >= 0) {
    // One digit at least, and as many zeros: no power of ten larger than this is ever built.
    if (shift >= precision) return undefined
    unscaled = coefficient * powerOfTen(shift)
  } else {
    // A number below a tenth of the last digit is nothing, however many zeros it begins with.
    if (shift < -precision && decimal.adjustedExponent + scale < -1) return 0n
    const unit = powerOfTen(-shift)
    unscaled = (coefficient * 2n + unit) / (unit * 2n)
  }
  if (unscaled >= powerOfTen(precision)) return undefined
  return decimal.negative ? -unscaled : unscaled
}
