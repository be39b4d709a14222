/** The product of the last call, all 128 bits of it. */
export let productHigh: u64 = 0
export let productLow: u64 = 0

export function multiply(a: u64, b: u64): void {
  const aLow = a & 0xffff_ffff
  const aHigh = a >> 32
  const bLow = b & 0xffff_ffff
  const bHigh = b >> 32
  const low = aLow * bLow
  const middle = aHigh * bLow + (low >> 32)
  const other = aLow * bHigh + (middle & 0xffff_ffff)
  productHigh = aHigh * bHigh + (middle >> 32) + (other >> 32)
  productLow = (other << 32) | (low & 0xffff_ffff)
}
