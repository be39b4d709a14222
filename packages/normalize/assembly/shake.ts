/*
 * SHAKE-128 (FIPS 202): a state of 25 lanes of 64 bits, into which text goes by blocks of 168 bytes. The last block ends in
 * the bits that stand for SHAKE and for the end of its padding.
 */

const STATE_BYTES: usize = 200
const BLOCK_BYTES: usize = 168
const SUFFIX: u8 = 0x1f
const LAST_BIT: u8 = 0x80

const state = memory.data(200, 16)
/** The lanes on their way from one round to the next. */
const moved = memory.data(200, 16)

const constants = memory.data<u64>([
  0x0000_0000_0000_0001, 0x0000_0000_0000_8082, 0x8000_0000_0000_808a, 0x8000_0000_8000_8000, 0x0000_0000_0000_808b,
  0x0000_0000_8000_0001, 0x8000_0000_8000_8081, 0x8000_0000_0000_8009, 0x0000_0000_0000_008a, 0x0000_0000_0000_0088,
  0x0000_0000_8000_8009, 0x0000_0000_8000_000a, 0x0000_0000_8000_808b, 0x8000_0000_0000_008b, 0x8000_0000_0000_8089,
  0x8000_0000_0000_8003, 0x8000_0000_0000_8002, 0x8000_0000_0000_0080, 0x0000_0000_0000_800a, 0x8000_0000_8000_000a,
  0x8000_0000_8000_8081, 0x8000_0000_0000_8080, 0x0000_0000_8000_0001, 0x8000_0000_8000_8008,
])
const CONSTANTS_END: usize = constants + 24 * 8

/** @returns where the first bytes of the text's hash stand, up to 168 of them, until the next one */
export function shake128(text: usize, bytes: usize): usize {
  memory.fill(state, 0, STATE_BYTES)
  for (; bytes >= BLOCK_BYTES; text += BLOCK_BYTES, bytes -= BLOCK_BYTES) {
    absorb(text, BLOCK_BYTES)
    permute()
  }
  absorb(text, bytes)
  flip(bytes, SUFFIX)
  flip(BLOCK_BYTES - 1, LAST_BIT)
  permute()
  return state
}

function absorb(text: usize, bytes: usize): void {
  let at: usize = 0
  for (; at + 8 <= bytes; at += 8) store<u64>(state + at, load<u64>(state + at) ^ load<u64>(text + at))
  for (; at < bytes; at++) flip(at, load<u8>(text + at))
}

function flip(at: usize, bits: u8): void {
  store<u8>(state + at, load<u8>(state + at) ^ bits)
}

function permute(): void {
  for (let constant = constants; constant < CONSTANTS_END; constant += 8) {
    const c0 = parity(state)
    const c1 = parity(state + 8)
    const c2 = parity(state + 16)
    const c3 = parity(state + 24)
    const c4 = parity(state + 32)
    const d0 = c4 ^ rotl(c1, 1)
    const d1 = c0 ^ rotl(c2, 1)
    const d2 = c1 ^ rotl(c3, 1)
    const d3 = c2 ^ rotl(c4, 1)
    const d4 = c3 ^ rotl(c0, 1)
    store<u64>(moved, load<u64>(state) ^ d0)
    store<u64>(moved, rotl(load<u64>(state, 48) ^ d1, 44), 8)
    store<u64>(moved, rotl(load<u64>(state, 96) ^ d2, 43), 16)
    store<u64>(moved, rotl(load<u64>(state, 144) ^ d3, 21), 24)
    store<u64>(moved, rotl(load<u64>(state, 192) ^ d4, 14), 32)
    store<u64>(moved, rotl(load<u64>(state, 24) ^ d3, 28), 40)
    store<u64>(moved, rotl(load<u64>(state, 72) ^ d4, 20), 48)
    store<u64>(moved, rotl(load<u64>(state, 80) ^ d0, 3), 56)
    store<u64>(moved, rotl(load<u64>(state, 128) ^ d1, 45), 64)
    store<u64>(moved, rotl(load<u64>(state, 176) ^ d2, 61), 72)
    store<u64>(moved, rotl(load<u64>(state, 8) ^ d1, 1), 80)
    store<u64>(moved, rotl(load<u64>(state, 56) ^ d2, 6), 88)
    store<u64>(moved, rotl(load<u64>(state, 104) ^ d3, 25), 96)
    store<u64>(moved, rotl(load<u64>(state, 152) ^ d4, 8), 104)
    store<u64>(moved, rotl(load<u64>(state, 160) ^ d0, 18), 112)
    store<u64>(moved, rotl(load<u64>(state, 32) ^ d4, 27), 120)
    store<u64>(moved, rotl(load<u64>(state, 40) ^ d0, 36), 128)
    store<u64>(moved, rotl(load<u64>(state, 88) ^ d1, 10), 136)
    store<u64>(moved, rotl(load<u64>(state, 136) ^ d2, 15), 144)
    store<u64>(moved, rotl(load<u64>(state, 184) ^ d3, 56), 152)
    store<u64>(moved, rotl(load<u64>(state, 16) ^ d2, 62), 160)
    store<u64>(moved, rotl(load<u64>(state, 64) ^ d3, 55), 168)
    store<u64>(moved, rotl(load<u64>(state, 112) ^ d4, 39), 176)
    store<u64>(moved, rotl(load<u64>(state, 120) ^ d0, 41), 184)
    store<u64>(moved, rotl(load<u64>(state, 168) ^ d1, 2), 192)
    for (let row: usize = 0; row < STATE_BYTES; row += 40) {
      const b0 = load<u64>(moved + row)
      const b1 = load<u64>(moved + row, 8)
      const b2 = load<u64>(moved + row, 16)
      const b3 = load<u64>(moved + row, 24)
      const b4 = load<u64>(moved + row, 32)
      store<u64>(state + row, b0 ^ (~b1 & b2))
      store<u64>(state + row, b1 ^ (~b2 & b3), 8)
      store<u64>(state + row, b2 ^ (~b3 & b4), 16)
      store<u64>(state + row, b3 ^ (~b4 & b0), 24)
      store<u64>(state + row, b4 ^ (~b0 & b1), 32)
    }
    store<u64>(state, load<u64>(state) ^ load<u64>(constant))
  }
}

function parity(column: usize): u64 {
  return (
    load<u64>(column) ^ load<u64>(column, 40) ^ load<u64>(column, 80) ^ load<u64>(column, 120) ^ load<u64>(column, 160)
  )
}
