/*
 * Parquet's encodings by differences. Of integers they are those to the value before, in blocks that each take as many bits
 * as their largest needs (DELTA_BINARY_PACKED). Of texts the lengths are encoded so and the bytes follow in one piece
 * (DELTA_LENGTH_BYTE_ARRAY), be it without what a text shares with the one before (DELTA_BYTE_ARRAY). Source: Apache
 * Parquet, `Encodings.md`.
 */
import { copyShort } from './copy'

const BLOCK: i32 = 128
const MINIBLOCKS: u32 = 4
const MINIBLOCK: i32 = 32

/** The differences of a block. */
const differences = memory.data(1024)

/**
 * Encodes integers of 8 bytes.
 *
 * @returns behind what was written; 0 where a difference has more than 64 bits, which not all readers take
 */
export function encodeIntegers(from: usize, count: i32, out: usize): usize {
  return encode<i64>(from, count, out)
}

function encode<T>(from: usize, count: i32, out: usize): usize {
  out = putVarint(<u64>BLOCK, out)
  out = putVarint(<u64>MINIBLOCKS, out)
  out = putVarint(<u64>count, out)
  let before: i64 = count > 0 ? <i64>load<T>(from) : 0
  out = putZigzag(before, out)
  for (let left = count - 1; left > 0; left -= BLOCK) {
    const values = min(left, BLOCK)
    let least: i64 = i64.MAX_VALUE
    let at = differences
    for (let end = at + ((<usize>values) << 3); at < end; at += 8) {
      from += sizeof<T>()
      const value = <i64>load<T>(from)
      const difference = value - before
      if (sizeof<T>() == 8 && ((value ^ before) & (value ^ difference)) < 0) return 0
      before = value
      store<i64>(at, difference)
      least = min(least, difference)
    }
    // The last miniblock is filled up.
    for (const end = differences + ((<usize>((values + MINIBLOCK - 1) & -MINIBLOCK)) << 3); at < end; at += 8) {
      store<i64>(at, least)
    }
    out = putZigzag(least, out)
    const widths = out
    store<u32>(widths, 0)
    out += MINIBLOCKS
    for (let index: usize = 0, first = differences; first < at; index++, first += MINIBLOCK << 3) {
      const width = widthOf(first, least)
      store<u8>(widths + index, <u8>width)
      out = pack(first, least, width, out)
    }
  }
  return out
}

/** Bits of the largest difference of a miniblock, counted from the block's least. */
function widthOf(from: usize, least: i64): u64 {
  let used: u64 = 0
  for (const end = from + (MINIBLOCK << 3); from < end; from += 8) used |= <u64>(load<i64>(from) - least)
  return 64 - clz(used)
}

function pack(from: usize, least: i64, width: u64, out: usize): usize {
  if (width == 0) return out
  let word: u64 = 0
  let bits: u64 = 0
  for (const end = from + (MINIBLOCK << 3); from < end; from += 8) {
    const value = <u64>(load<i64>(from) - least)
    word |= value << bits
    bits += width
    if (bits < 64) continue
    store<u64>(out, word)
    out += 8
    bits -= 64
    word = bits == 0 ? 0 : value >> (width - bits)
  }
  if (bits == 0) return out
  // Half a word: a miniblock has 32 values.
  store<u64>(out, word)
  return out + 4
}

/**
 * Decodes what {@link encodeIntegers} has written.
 *
 * @returns behind the integers; 0 where it is another's: with blocks of another size, or more than fit
 */
export function decodeIntegers(from: usize, out: usize, limit: usize): usize {
  place = from
  if (takeVarint() != <u64>BLOCK || takeVarint() != <u64>MINIBLOCKS) return 0
  const count = takeVarint()
  if (count == 0) return out
  if (count > (limit - out) >> 3) return 0
  let left = <i32>count - 1
  let value = takeZigzag()
  store<i64>(out, value)
  out += 8
  while (left > 0) {
    const least = takeZigzag()
    const widths = place
    place += MINIBLOCKS
    for (let index: usize = 0; index < MINIBLOCKS && left > 0; index++) {
      const width: usize = load<u8>(widths + index)
      const values = min(left, MINIBLOCK)
      for (let at = 0, bit: usize = 0; at < values; at++, bit += width) {
        value += least + bitsAt(place, bit, width)
        store<i64>(out, value)
        out += 8
      }
      place += width << 2
      left -= MINIBLOCK
    }
  }
  return out
}

/** A number of `width` bits, 0 of none, from the bit at `bit` on. */
function bitsAt(from: usize, bit: usize, width: usize): i64 {
  const at = from + (bit >> 3)
  const shift = <u64>(bit & 7)
  let value = load<u64>(at) >> shift
  if (shift + width > 64) value |= (<u64>load<u8>(at, 8)) << (64 - shift)
  return width == 64 ? <i64>value : <i64>(value & (((<u64>1) << (<u64>width)) - 1))
}

/** The texts that were encoded last share enough with the ones before: they are in DELTA_BYTE_ARRAY. */
export let isShared: bool = false

/**
 * Encodes texts, each of which has its length in 4 bytes in front.
 *
 * @param lengths  as much room as 8 bytes for each text
 * @returns behind what was written
 */
export function encodeTexts(from: usize, count: i32, lengths: usize, out: usize): usize {
  const shares = lengths + ((<usize>count) << 2)
  const shared = measure(from, count, lengths, shares)
  // Telling what is shared takes up to a byte of each text.
  isShared = shared > count << 1
  if (isShared) {
    out = encode<i32>(shares, count, out)
    for (let index = 0; index < count; index++) {
      const at = (<usize>index) << 2
      store<i32>(lengths + at, load<i32>(lengths + at) - load<i32>(shares + at))
    }
  }
  out = encode<i32>(lengths, count, out)
  for (let index = 0; index < count; index++) {
    const share: u32 = isShared ? load<u32>(shares + ((<usize>index) << 2)) : 0
    const length = load<u32>(from)
    copyShort(out, from + 4 + share, length - share)
    out += length - share
    from += 4 + length
  }
  return out
}

/** Writes down how long each text is, and how many bytes it begins with as the one before does. @returns the latter's sum */
function measure(from: usize, count: i32, lengths: usize, shares: usize): i32 {
  let sum = 0
  let before = from
  let lengthBefore: u32 = 0
  for (let index: usize = 0; index < <usize>count; index++) {
    const length = load<u32>(from)
    const share = shareOf(from + 4, before + 4, min(length, lengthBefore))
    store<u32>(lengths + (index << 2), length)
    store<u32>(shares + (index << 2), share)
    sum += share
    before = from
    lengthBefore = length
    from += 4 + length
  }
  return sum
}

function shareOf(text: usize, other: usize, most: u32): u32 {
  let at: u32 = 0
  while (at < most) {
    const difference = load<u64>(text + at) ^ load<u64>(other + at)
    if (difference != 0) return min(most, at + <u32>(ctz(difference) >> 3))
    at += 8
  }
  return most
}

function putVarint(value: u64, out: usize): usize {
  while (value >= 0x80) {
    store<u8>(out++, <u8>(value | 0x80))
    value >>= 7
  }
  store<u8>(out, <u8>value)
  return out + 1
}

function putZigzag(value: i64, out: usize): usize {
  return putVarint(<u64>((value << 1) ^ (value >> 63)), out)
}

let place: usize = 0

function takeVarint(): u64 {
  let value: u64 = 0
  for (let shift: u64 = 0; shift < 64; shift += 7) {
    const byte = load<u8>(place++)
    value |= (<u64>(byte & 0x7f)) << shift
    if (byte < 0x80) break
  }
  return value
}

function takeZigzag(): i64 {
  const value = takeVarint()
  return (<i64>(value >> 1)) ^ -(<i64>(value & 1))
}
