import { BACKSLASH, QUOTE } from './chars'
import { copyShort } from './copy'

/** The string that was read last has escapes. */
export let isEscaped: bool = false

/**
 * The closing quote of the string whose first character is at `at`; 0 where there is no such string: a control character,
 * an escape that JSON does not have, a lone surrogate.
 */
export function stringEnd(at: usize): usize {
  isEscaped = false
  const quote = i8x16.splat(QUOTE)
  const backslash = i8x16.splat(BACKSLASH)
  const control = i8x16.splat(0x20)
  while (true) {
    const bytes = v128.load(at)
    const found = i8x16.bitmask(
      v128.or(v128.or(i8x16.eq(bytes, quote), i8x16.eq(bytes, backslash)), i8x16.lt_u(bytes, control)),
    )
    if (found == 0) {
      at += 16
      continue
    }
    at += ctz(found)
    const char = load<u8>(at)
    if (char == QUOTE) return at
    if (char != BACKSLASH) return 0
    isEscaped = true
    at = escapeEnd(at)
    if (at == 0) return 0
  }
}

/** Behind the escape at `at`; that of a pair of surrogates is one. */
function escapeEnd(at: usize): usize {
  const char = load<u8>(at, 1)
  if (char != 0x75) {
    const isShort =
      char == QUOTE ||
      char == BACKSLASH ||
      char == 0x2f ||
      char == 0x62 ||
      char == 0x66 ||
      char == 0x6e ||
      char == 0x72 ||
      char == 0x74
    return isShort ? at + 2 : 0
  }
  const unit = hexUnit(at + 2)
  if (unit < 0) return 0
  if (unit < 0xd800 || unit > 0xdfff) return at + 6
  if (unit > 0xdbff || load<u16>(at, 6) != 0x755c) return 0
  const low = hexUnit(at + 8)
  return low >= 0xdc00 && low <= 0xdfff ? at + 12 : 0
}

/** The number of four hexadecimal digits; less than 0 where they are none. */
function hexUnit(at: usize): i32 {
  let unit = 0
  for (let end = at + 4; at < end; at++) {
    const char = <i32>load<u8>(at)
    const letter = char | 0x20
    const value = <u32>(char - 0x30) <= 9 ? char - 0x30 : <u32>(letter - 0x61) <= 5 ? letter - 0x57 : -1
    if (value < 0) return -1
    unit = (unit << 4) | value
  }
  return unit
}

/** Writes a valid string of JSON without its escapes. @returns behind what was written */
export function unescape(from: usize, end: usize, out: usize): usize {
  while (from < end) {
    const char = load<u8>(from)
    if (char != BACKSLASH) {
      store<u8>(out++, char)
      from++
      continue
    }
    const mark = load<u8>(from, 1)
    if (mark != 0x75) {
      store<u8>(out++, shortEscape(mark))
      from += 2
      continue
    }
    let point = hexUnit(from + 2)
    from += 6
    if (point >= 0xd800 && point <= 0xdbff) {
      point = 0x1_0000 + ((point - 0xd800) << 10) + (hexUnit(from + 2) - 0xdc00)
      from += 6
    }
    out = utf8(point, out)
  }
  return out
}

function shortEscape(mark: u8): u8 {
  switch (mark) {
    case 0x62:
      return 0x08
    case 0x66:
      return 0x0c
    case 0x6e:
      return 0x0a
    case 0x72:
      return 0x0d
    case 0x74:
      return 0x09
    default:
      return mark
  }
}

function utf8(point: i32, out: usize): usize {
  if (point < 0x80) {
    store<u8>(out, <u8>point)
    return out + 1
  }
  if (point < 0x800) store<u8>(out++, <u8>(0xc0 | (point >> 6)))
  else {
    if (point < 0x1_0000) store<u8>(out++, <u8>(0xe0 | (point >> 12)))
    else {
      store<u8>(out++, <u8>(0xf0 | (point >> 18)))
      store<u8>(out++, <u8>(0x80 | ((point >> 12) & 0x3f)))
    }
    store<u8>(out++, <u8>(0x80 | ((point >> 6) & 0x3f)))
  }
  store<u8>(out, <u8>(0x80 | (point & 0x3f)))
  return out + 1
}

/** Writes bytes as a JSON string without its quotes, escaped as `JSON.stringify` does. @returns behind what was written */
export function escape(from: usize, end: usize, out: usize): usize {
  for (; from < end; from++) out = putEscaped(load<u8>(from), out)
  return out
}

/** The same of a valid string of JSON, which is not shorter. @returns behind what was written */
function putCanonical(from: usize, end: usize, out: usize): usize {
  while (from < end) {
    const char = load<u8>(from)
    const behind = char == BACKSLASH ? escapeEnd(from) : from + 1
    const written = unescape(from, behind, out)
    // A character of more than a byte is there by now; others may have to be escaped again.
    out = written > out + 1 ? written : putEscaped(load<u8>(out), out)
    from = behind
  }
  return out
}

/**
 * Writes the string that was read last, of which `from` is the first quote and `end` is behind the last one, as
 * `JSON.stringify` has it. @returns behind it
 */
export function putString(from: usize, end: usize, out: usize): usize {
  if (!isEscaped) {
    copyShort(out, from, end - from)
    return out + (end - from)
  }
  store<u8>(out, QUOTE)
  out = putCanonical(from + 1, end - 1, out + 1)
  store<u8>(out, QUOTE)
  return out + 1
}

function putEscaped(char: u8, out: usize): usize {
  if (char >= 0x20 && char != QUOTE && char != BACKSLASH) {
    store<u8>(out, char)
    return out + 1
  }
  store<u8>(out, BACKSLASH)
  let mark: u8 = char
  switch (char) {
    case QUOTE:
    case BACKSLASH:
      break
    case 0x08:
      mark = 0x62
      break
    case 0x0c:
      mark = 0x66
      break
    case 0x0a:
      mark = 0x6e
      break
    case 0x0d:
      mark = 0x72
      break
    case 0x09:
      mark = 0x74
      break
    default:
      // `\u00` and two digits.
      store<u32>(out, 0x3030_755c)
      store<u8>(out, hexDigit(char >> 4), 4)
      store<u8>(out, hexDigit(char & 15), 5)
      return out + 6
  }
  store<u8>(out, mark, 1)
  return out + 2
}

/** The string at `at` begins with a type marker, or with an escape that may be one. */
export function mayBeMarker(at: usize): bool {
  // From U+F000 on; `\u`.
  return load<u16>(at) == 0x80ef || load<u16>(at) == 0x755c
}

function hexDigit(value: u8): u8 {
  return value < 10 ? 0x30 + value : 0x57 + value
}
