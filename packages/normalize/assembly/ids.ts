import { idBytes } from '../src/transcoder/layout'

/** The characters of base64, and those that the last character of ten bytes may be. */
const alphabet = memory.data<u8>([
  65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 97, 98, 99,
  100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 48,
  49, 50, 51, 52, 53, 54, 55, 56, 57, 43, 47,
])

/** Writes `count` row ids: the nine characters of a prefix, then a number of 26 bits that counts up from `first`. */
export function countIds(out: usize, count: i32, prefix: usize, first: u32): void {
  const start = load<u64>(prefix)
  const ninth = load<u8>(prefix, 8)
  for (let end = first + count; first < end; first++, out += idBytes) {
    store<u64>(out, start)
    store<u8>(out, ninth, 8)
    store<u8>(out, load<u8>(alphabet + (first >> 20)), 9)
    store<u8>(out, load<u8>(alphabet + ((first >> 14) & 63)), 10)
    store<u8>(out, load<u8>(alphabet + ((first >> 8) & 63)), 11)
    store<u8>(out, load<u8>(alphabet + ((first >> 2) & 63)), 12)
    store<u8>(out, load<u8>(alphabet + ((first & 3) << 4)), 13)
  }
}
/** Writes ten bytes as a row id. */
export function putId(bytes: usize, out: usize): void {
  for (let group = 0; group < 3; group++, bytes += 3, out += 4) {
    const bits = ((<u32>load<u8>(bytes)) << 16) | ((<u32>load<u8>(bytes, 1)) << 8) | load<u8>(bytes, 2)
    store<u8>(out, load<u8>(alphabet + (bits >> 18)))
    store<u8>(out, load<u8>(alphabet + ((bits >> 12) & 63)), 1)
    store<u8>(out, load<u8>(alphabet + ((bits >> 6) & 63)), 2)
    store<u8>(out, load<u8>(alphabet + (bits & 63)), 3)
  }
  const last: u32 = load<u8>(bytes)
  store<u8>(out, load<u8>(alphabet + (last >> 2)))
  store<u8>(out, load<u8>(alphabet + ((last & 3) << 4)), 1)
}
