import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  MINUS,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  digit,
  skipBlanks,
} from './chars'
import { digitCount, digits, isInteger, isNegative, isShortest, numberEnd } from './numbers'
import { putShortest } from './print-double'
import { borrow } from './rows'
import { isEscaped, mayBeMarker, putString, stringEnd } from './strings'

/*
 * Objects and lists that go into a column as they are, as text: that of compact JSON. Numbers are only taken as they are
 * printed; blanks are left out and escapes put right where the text is written.
 */

/** The value that was read last has blanks or escapes. */
export let isToPrint: bool = false

/** Strings may begin with a type marker. */
let hasMarkers: bool = false

/** Deeper than this, and with more keys than this in an object, a value is the host's. */
const MOST_LEVELS: i32 = 64
const MOST_KEYS: usize = 128

/** Behind the keys of the objects that are open, each an address and a length: one that comes twice is the host's. */
let keysEnd: usize = 0
const KEY_BYTES: usize = 8

/** Room for a double. */
const printed = memory.data(64)

/** Behind the object or list at `at`; 0 where it is not taken. */
export function wholeEnd(at: usize, isTyped: bool): usize {
  hasMarkers = isTyped
  isToPrint = false
  keysEnd = borrow(<usize>MOST_LEVELS * MOST_KEYS * KEY_BYTES)
  return keysEnd == 0 ? 0 : valueEnd(at, 0)
}

function valueEnd(at: usize, level: i32): usize {
  const char = load<u8>(at)
  if (char == QUOTE) {
    if (hasMarkers && mayBeMarker(at + 1)) return 0
    const end = stringEnd(at + 1)
    if (end == 0) return 0
    if (isEscaped) isToPrint = true
    return end + 1
  }
  if (char == MINUS || digit(at) <= 9) return printedEnd(at)
  switch (char) {
    case OPEN_OBJECT:
      return level == MOST_LEVELS ? 0 : objectEnd(at + 1, level + 1)
    case OPEN_LIST:
      return level == MOST_LEVELS ? 0 : listEnd(at + 1, level + 1)
    case 0x6e:
      return load<u32>(at) == 0x6c6c_756e ? at + 4 : 0
    case 0x74:
      return load<u32>(at) == 0x6575_7274 ? at + 4 : 0
    case 0x66:
      return load<u32>(at, 1) == 0x6573_6c61 ? at + 5 : 0
    default:
      return 0
  }
}

function objectEnd(at: usize, level: i32): usize {
  const first = keysEnd
  at = leaveOut(at)
  if (load<u8>(at) == CLOSE_OBJECT) return at + 1
  while (true) {
    if (load<u8>(at) != QUOTE) return 0
    const key = at + 1
    at = stringEnd(key)
    if (at == 0 || isEscaped || !addKey(first, key, at - key)) return 0
    at = leaveOut(at + 1)
    if (load<u8>(at) != COLON) return 0
    at = valueEnd(leaveOut(at + 1), level)
    if (at == 0) return 0
    at = leaveOut(at)
    const char = load<u8>(at)
    if (char == CLOSE_OBJECT) {
      keysEnd = first
      return at + 1
    }
    if (char != COMMA) return 0
    at = leaveOut(at + 1)
  }
}

function listEnd(at: usize, level: i32): usize {
  at = leaveOut(at)
  if (load<u8>(at) == CLOSE_LIST) return at + 1
  while (true) {
    at = valueEnd(at, level)
    if (at == 0) return 0
    at = leaveOut(at)
    const char = load<u8>(at)
    if (char == CLOSE_LIST) return at + 1
    if (char != COMMA) return 0
    at = leaveOut(at + 1)
  }
}

function leaveOut(at: usize): usize {
  const end = skipBlanks(at)
  if (end != at) isToPrint = true
  return end
}

/** @returns false where the object has the key already, or too many */
function addKey(first: usize, key: usize, bytes: usize): bool {
  if (keysEnd - first == MOST_KEYS * KEY_BYTES) return false
  for (let entry = first; entry < keysEnd; entry += KEY_BYTES) {
    if (load<u32>(entry, 4) == <u32>bytes && memory.compare(load<u32>(entry), key, bytes) == 0) return false
  }
  store<u32>(keysEnd, <u32>key)
  store<u32>(keysEnd, <u32>bytes, 4)
  keysEnd += KEY_BYTES
  return true
}

/** Behind a number that has the text which it is printed with; else 0. */
export function printedEnd(at: usize): usize {
  const end = numberEnd(at)
  if (end == 0) return 0
  if (isInteger) return digitCount > 18 || (isNegative && digits == 0) ? 0 : end
  if (isShortest) return end
  const bytes = end - at
  if (bytes > 24) return 0
  const printedBytes = putShortest(at, bytes, printed) - printed
  return printedBytes == bytes && memory.compare(printed, at, bytes) == 0 ? end : 0
}

/** Writes a value that was read, without blanks and with the escapes of `JSON.stringify`. @returns behind it */
export function putWhole(from: usize, end: usize, out: usize): usize {
  while (from < end) {
    const char = load<u8>(from)
    if (char == QUOTE) {
      const behind = stringEnd(from + 1) + 1
      out = putString(from, behind, out)
      from = behind
      continue
    }
    if (char != 0x20 && char != 0x09 && char != 0x0d) store<u8>(out++, char)
    from++
  }
  return out
}
