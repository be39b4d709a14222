/**
 * A double without a fraction (`1.0`, `1e30`, `-0.0`), told apart from an integer by its class. A double with a
 * fraction, and NaN and the infinities, are plain numbers.
 */
export class Double {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  toString(): string {
    return pythonFloatText(this.value)
  }
}

/** `value` as a double: `double(1)` is 1.0, where the bare number 1 is an integer. */
export function double(value: number): Double | number {
  return Number.isInteger(value) ? new Double(value) : value
}

/**
 * Text of a double as Python prints it: shortest digits that read back to the same double, always with a fraction or
 * an exponent; exponent form below 1e-4 and from 1e16 (`1.0`, `1e-05`, `1e+16`, `nan`, `-inf`).
 */
export function pythonFloatText(n: number): string {
  const size = Math.abs(n)
  if (size >= 1e-4 && size < 1e16) return fixedText(n)
  if (n === 0) return zeroText(n)
  if (!Number.isFinite(n)) return Number.isNaN(n) ? 'nan' : n > 0 ? 'inf' : '-inf'
  const text = n.toExponential()
  const at = text.length - 2
  // Python writes two digits of exponent at least; JavaScript writes one.
  return isSign(text.charCodeAt(at)) ? `${text.slice(0, at + 1)}0${text.slice(at + 1)}` : text
}

/**
 * Text of a double in JSON files and hashes: as {@link pythonFloatText}, but fixed down to 1e-5 and with the exponent
 * unpadded below (`0.00001`, `1e-6`, `1e+16`). NaN and the infinities are `null`. Follows orjson, as dlt writes.
 */
export function jsonFloatText(n: number): string {
  const size = Math.abs(n)
  if (size >= 1e-5 && size < 1e16) return fixedText(n)
  if (n === 0) return zeroText(n)
  return Number.isFinite(n) ? n.toExponential() : 'null'
}

function fixedText(n: number): string {
  const text = String(n)
  return Number.isInteger(n) ? `${text}.0` : text
}

function zeroText(zero: number): string {
  return Object.is(zero, -0) ? '-0.0' : '0.0'
}

function isSign(code: number): boolean {
  return code === 0x2b || code === 0x2d
}
