import { CLOSE_LIST, CLOSE_OBJECT, COMMA, MINUS, OPEN_LIST, OPEN_OBJECT, QUOTE, digit, skipBlanks } from './chars'
import { copyShort } from './copy'
import { borrow } from './rows'
import { isEscaped, putString, stringEnd } from './strings'
import { printedEnd } from './whole'

/*
 * A row's own text with the keys of all its objects in order: what an id by content is a hash of. The row has been read
 * already, so that it is well formed.
 */

/** Members of the objects that are open, each an address, the bytes of its key and its own. More are the host's. */
const MEMBER_BYTES: usize = 12
const MOST_MEMBERS: usize = 4096
/** The members of one object are put in order one by one. */
const MOST_IN_ONE: usize = 256 * MEMBER_BYTES

let membersEnd: usize = 0
let membersLimit: usize = 0
let scratch: usize = 0
/** Where reading is. */
let place: usize = 0

/**
 * Writes the object at `at` as compact JSON; what its own keys have that begin with `_dlt` is left out.
 *
 * @param room  as much as the object takes, for what is being moved
 * @returns behind it, or 0
 */
export function putSorted(at: usize, out: usize, room: usize): usize {
  scratch = room
  membersEnd = borrow(MOST_MEMBERS * MEMBER_BYTES)
  if (membersEnd == 0) return 0
  membersLimit = membersEnd + MOST_MEMBERS * MEMBER_BYTES
  place = at
  return putObject(out, true)
}

function putValue(out: usize): usize {
  const from = place
  const char = load<u8>(from)
  if (char == OPEN_OBJECT) return putObject(out, false)
  if (char == OPEN_LIST) return putList(out)
  if (char == QUOTE) {
    place = stringEnd(from + 1) + 1
    return putString(from, place, out)
  }
  if (char == MINUS || digit(from) <= 9) {
    place = printedEnd(from)
    if (place == 0) return 0
  } else place += char == 0x66 ? 5 : 4
  copyShort(out, from, place - from)
  return out + (place - from)
}

function putList(out: usize): usize {
  store<u8>(out++, OPEN_LIST)
  place = skipBlanks(place + 1)
  while (load<u8>(place) != CLOSE_LIST) {
    out = putValue(out)
    if (out == 0) return 0
    place = skipBlanks(place)
    if (load<u8>(place) != COMMA) continue
    store<u8>(out++, COMMA)
    place = skipBlanks(place + 1)
  }
  place++
  store<u8>(out, CLOSE_LIST)
  return out + 1
}

function putObject(out: usize, isRow: bool): usize {
  store<u8>(out++, OPEN_OBJECT)
  const start = out
  const first = membersEnd
  place = skipBlanks(place + 1)
  while (load<u8>(place) != CLOSE_OBJECT) {
    const key = place
    const bytes = stringEnd(key + 1) + 1 - key
    if (isEscaped) return 0
    copyShort(out, key, bytes)
    store<u8>(out + bytes, 0x3a)
    // Behind the colon.
    place = skipBlanks(skipBlanks(key + bytes) + 1)
    const end = putValue(out + bytes + 1)
    if (end == 0) return 0
    // _dlt
    if (!isRow || load<u32>(key, 1) != 0x746c_645f) {
      if (!addMember(first, out, bytes, end - out)) return 0
      store<u8>(end, COMMA)
      out = end + 1
    }
    place = skipBlanks(place)
    if (load<u8>(place) == COMMA) place = skipBlanks(place + 1)
  }
  place++
  if (arrange(first)) {
    let copied = scratch
    for (let member = first; member < membersEnd; member += MEMBER_BYTES) {
      const length: usize = load<u32>(member, 8) + 1
      copyShort(copied, load<u32>(member), length)
      copied += length
    }
    memory.copy(start, scratch, out - start)
  }
  membersEnd = first
  // Over the last comma.
  if (out == start) out++
  store<u8>(out - 1, CLOSE_OBJECT)
  return out
}

function addMember(first: usize, text: usize, keyBytes: usize, bytes: usize): bool {
  if (membersEnd == membersLimit || membersEnd - first == MOST_IN_ONE) return false
  store<u32>(membersEnd, <u32>text)
  store<u32>(membersEnd, <u32>keyBytes, 4)
  store<u32>(membersEnd, <u32>bytes, 8)
  membersEnd += MEMBER_BYTES
  return true
}

/** Brings members into the order of their keys. @returns true where they had another */
function arrange(first: usize): bool {
  let hasMoved = false
  for (let next = first + MEMBER_BYTES; next < membersEnd; next += MEMBER_BYTES) {
    let at = next
    while (at > first && isBefore(next, at - MEMBER_BYTES)) at -= MEMBER_BYTES
    if (at == next) continue
    hasMoved = true
    const texts = load<u64>(next)
    const bytes = load<u32>(next, 8)
    memory.copy(at + MEMBER_BYTES, at, next - at)
    store<u64>(at, texts)
    store<u32>(at, bytes, 8)
  }
  return hasMoved
}

/** In order of code points, which is that of bytes; the closing quote counts for none of them. */
function isBefore(one: usize, other: usize): bool {
  const bytes: usize = load<u32>(one, 4)
  const otherBytes: usize = load<u32>(other, 4)
  const order = memory.compare(load<u32>(one), load<u32>(other), min(bytes, otherBytes) - 1)
  return order < 0 || (order == 0 && bytes < otherBytes)
}
