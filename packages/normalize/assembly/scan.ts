import {
  flagEmptyList,
  flagFraction,
  flagInexact,
  flagIntegers,
  flagMarked,
  flagNull,
  kindBool,
  kindDouble,
  kindDoubleText,
  kindInteger,
  kindNaiveTimestamp,
  kindText,
  kindTimestamp,
  listNode,
  listTable,
  listValue,
  listWrapped,
  nodeFirst,
  nodeTable,
  nodeTableMask,
  recordBit,
  recordFirst,
  recordFlags,
  recordKey,
  recordKeyBytes,
  recordKind,
  recordLast,
  recordList,
  recordMask,
  recordNext,
  recordNode,
  recordOrder,
  recordPresence,
  recordSlot,
  recordStamp,
  rowHeaderBytes,
  rowIndex,
  rowNext,
  rowOrdinal,
  rowParent,
  rowRoot,
  rowTable,
  spanFraction,
  spanReprint,
  stateClosed,
  stateComma,
  stateElement,
  stateOpened,
  stateOutside,
  statusDone,
  statusFull,
  statusMalformed,
  statusSlow,
  tableHead,
  tablePresenceBytes,
  tableRowBytes,
  tableRows,
  tableSavedRows,
  tableSavedTail,
  tableSerial,
  tableTail,
  tableTouched,
} from '../src/transcoder/layout'
import {
  BACKSLASH,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  MINUS,
  NEWLINE,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  digit,
  skipBlanks,
} from './chars'
import { isEscaped, stringEnd } from './strings'
import { digitCount, digits, doubleValue, isInteger, isNegative, isShortest, numberEnd } from './numbers'
import { micros, timestampEnd } from './timestamps'

/** Where the scan stopped. */
export let place: usize = 0
/** Ends of lines that it went over. */
export let lines: i32 = 0
/** Where it is in an array of rows; the host sets it where it has read a row itself. */
export let state: i32 = 0

/** Rows of the batch lie one behind the other, whatever their table. */
let rowsEnd: usize = 0
let rowsLimit: usize = 0
/** Why the row at hand cannot be taken. */
let failure: i32 = statusSlow
/** Strings may begin with a type marker. */
let hasMarkers: bool = false
/** Keys must come in the order of the plan. */
let isOrdered: bool = false
/** The object at hand, and the root row at hand. */
let objectSerial: u32 = 0
let rootSerial: u32 = 0
/** Where the rows of the root row at hand begin, and the tables that it has added rows to. */
let rootStart: usize = 0
let touched: usize = 0

const MOST_EXACT: u64 = 0x1f_ffff_ffff_ffff

/** Begins to gather rows in that part of memory; the host has emptied the tables. */
export function beginBatch(start: usize, limit: usize): void {
  rowsEnd = start
  rowsLimit = limit
}

/**
 * Reads rows from `at` on into the batch.
 *
 * @param isTyped  the lines are arrays of rows, whose strings may begin with type markers; else each line is a row
 * @param inOrder  the order of a row's keys shows in the output: rows that have another one are not taken
 * @returns how it ended; {@link place} is behind the last row that was taken
 */
export function scan(at: usize, end: usize, node: usize, table: usize, isTyped: bool, inOrder: bool): i32 {
  lines = 0
  hasMarkers = isTyped
  isOrdered = inOrder
  return isTyped ? scanArrays(at, end, node, table) : scanLines(at, end, node, table)
}

function scanLines(at: usize, end: usize, node: usize, table: usize): i32 {
  while (true) {
    at = skipBlanks(at)
    if (at >= end) break
    if (load<u8>(at) == NEWLINE) {
      lines++
      at++
      continue
    }
    let behind = readRow(at, node, table)
    if (behind != 0) {
      behind = skipBlanks(behind)
      if (load<u8>(behind) != NEWLINE && behind < end) {
        failure = statusSlow
        behind = 0
      }
    }
    if (behind == 0) {
      giveBack()
      place = at
      return failure
    }
    at = behind
  }
  place = at
  return statusDone
}

function scanArrays(at: usize, end: usize, node: usize, table: usize): i32 {
  while (true) {
    at = skipBlanks(at)
    if (at >= end) break
    const char = load<u8>(at)
    if (state == stateOutside) {
      if (char == NEWLINE) lines++
      else if (char == OPEN_LIST) state = stateOpened
      else return stop(at)
      at++
    } else if (state == stateElement) {
      if (char == COMMA) state = stateComma
      else if (char == CLOSE_LIST) state = stateClosed
      else return stop(at)
      at++
    } else if (state == stateClosed) {
      if (char != NEWLINE) return stop(at)
      lines++
      at++
      state = stateOutside
    } else if (state == stateOpened && char == CLOSE_LIST) {
      state = stateClosed
      at++
    } else {
      const behind = readRow(at, node, table)
      if (behind == 0) {
        giveBack()
        place = at
        return failure
      }
      state = stateElement
      at = behind
    }
  }
  place = at
  return state == stateOutside || state == stateClosed ? statusDone : statusMalformed
}

function stop(at: usize): i32 {
  place = at
  return statusMalformed
}

/** Reads the row at `at`. @returns behind it, or 0 */
function readRow(at: usize, node: usize, table: usize): usize {
  rootSerial++
  rootStart = rowsEnd
  touched = 0
  failure = statusSlow
  if (node == 0 || load<u8>(at) != OPEN_OBJECT) return 0
  const row = addRow(table, 0, 0)
  return row == 0 ? 0 : readObject(at + 1, node, row)
}

/** A new row at the end of a table; 0 where the batch is full. */
function addRow(table: usize, parent: usize, index: u32): usize {
  const row = rowsEnd
  const next = row + load<u32>(table, tableRowBytes)
  if (next > rowsLimit) {
    failure = statusFull
    return 0
  }
  rowsEnd = next
  const ordinal = load<u32>(table, tableRows)
  const tail = load<u32>(table, tableTail)
  if (load<u32>(table, tableSerial) != rootSerial) {
    store<u32>(table, rootSerial, tableSerial)
    store<u32>(table, ordinal, tableSavedRows)
    store<u32>(table, tail, tableSavedTail)
    store<u32>(table, touched, tableTouched)
    touched = table
  }
  if (tail == 0) store<u32>(table, row, tableHead)
  else store<u32>(tail, row, rowNext)
  store<u32>(table, row, tableTail)
  store<u32>(table, ordinal + 1, tableRows)
  store<u32>(row, 0, rowNext)
  store<u32>(row, parent, rowParent)
  store<u32>(row, index, rowIndex)
  store<u32>(row, ordinal, rowOrdinal)
  store<u32>(row, parent == 0 ? row : load<u32>(parent, rowRoot), rowRoot)
  store<u32>(row, table, rowTable)
  memory.fill(row + rowHeaderBytes, 0, load<u32>(table, tablePresenceBytes))
  return row
}

/** Takes out all that the root row at hand has added. */
function giveBack(): void {
  rowsEnd = rootStart
  while (touched != 0) {
    const table = touched
    const tail = load<u32>(table, tableSavedTail)
    if (tail == 0) store<u32>(table, 0, tableHead)
    else store<u32>(tail, 0, rowNext)
    store<u32>(table, tail, tableTail)
    store<u32>(table, load<u32>(table, tableSavedRows), tableRows)
    store<u32>(table, 0, tableSerial)
    touched = load<u32>(table, tableTouched)
  }
}

/** Reads the object whose brace is in front of `at` into a row. @returns behind it, or 0 */
function readObject(at: usize, node: usize, row: usize): usize {
  const serial = ++objectSerial
  let prediction = node + nodeFirst
  let before: i32 = -1
  at = skipBlanks(at)
  if (load<u8>(at) == CLOSE_OBJECT) return at + 1
  while (true) {
    if (load<u8>(at) != QUOTE) return 0
    at++
    let record: usize = load<u32>(prediction)
    if (record == 0 || !isAt(at, record)) {
      record = find(node, at)
      if (record == 0) return 0
      store<u32>(prediction, <u32>record)
    }
    // A key that an object has twice: which one counts is for the host to say.
    if (load<u32>(record, recordStamp) == serial) return 0
    store<u32>(record, serial, recordStamp)
    if (isOrdered) {
      const order = load<i32>(record, recordOrder)
      if (order < before) return 0
      before = order
    }
    at += load<u32>(record, recordKeyBytes)
    if (load<u8>(at) != COLON) {
      at = skipBlanks(at)
      if (load<u8>(at) != COLON) return 0
    }
    at = readValue(skipBlanks(at + 1), record, row)
    if (at == 0) return 0
    at = skipBlanks(at)
    const char = load<u8>(at)
    if (char == CLOSE_OBJECT) return at + 1
    if (char != COMMA) return 0
    at = skipBlanks(at + 1)
    prediction = record + recordNext
  }
}

// @ts-ignore: decorator
@inline
function isAt(at: usize, record: usize): bool {
  if (((load<u64>(at) ^ load<u64>(record, recordFirst)) & load<u64>(record, recordMask)) != 0) return false
  const bytes: usize = load<u32>(record, recordKeyBytes)
  if (bytes <= 8) return true
  if (load<u64>(at + bytes - 8) != load<u64>(record, recordLast)) return false
  return bytes <= 16 || memory.compare(at + 8, load<u32>(record, recordKey) + 8, bytes - 16) == 0
}

/** The record of the key at `at`; 0 where the plan does not have it. */
function find(node: usize, at: usize): usize {
  const quote = stringEnd(at)
  if (quote == 0) return 0
  const bytes = quote + 1 - at
  const first = bytes >= 8 ? load<u64>(at) : load<u64>(at) & ((<u64>1 << (<u64>bytes * 8)) - 1)
  const last = bytes > 8 ? load<u64>(quote - 7) : 0
  const table: usize = load<u32>(node, nodeTable)
  const mask = load<u32>(node, nodeTableMask)
  let cell = hash(first, last, <u32>bytes) & mask
  while (true) {
    const record: usize = load<u32>(table + (<usize>cell << 2))
    if (record == 0) return 0
    if (load<u32>(record, recordKeyBytes) == <u32>bytes && isAt(at, record)) return record
    cell = (cell + 1) & mask
  }
}

/** The host computes the same. */
function hash(first: u64, last: u64, bytes: u32): u32 {
  const low = <u32>first ^ <u32>(last >> 32) ^ bytes
  const high = <u32>(first >> 32) ^ <u32>last
  return ((low * 0x9e37_79b1) ^ (high * 0x85eb_ca77)) >>> 7
}

/** Reads a value into its place. @returns behind it, or 0 */
function readValue(at: usize, record: usize, row: usize): usize {
  const char = load<u8>(at)
  if (char == QUOTE) return readString(at + 1, record, row)
  if (char == MINUS || digit(at) <= 9) return readNumber(at, record, row)
  switch (char) {
    case OPEN_OBJECT: {
      const node: usize = load<u32>(record, recordNode)
      return node == 0 ? 0 : readObject(at + 1, node, row)
    }
    case OPEN_LIST:
      return readList(skipBlanks(at + 1), record, row)
    case 0x6e:
      // null
      if (load<u32>(at) != 0x6c6c_756e || !(load<u8>(record, recordFlags) & flagNull)) return 0
      return at + 4
    case 0x74:
      // true
      if (load<u32>(at) != 0x6575_7274 || load<u8>(record, recordKind) != kindBool) return 0
      store<u64>(present(record, row), 1)
      return at + 4
    case 0x66:
      // false
      if (load<u32>(at, 1) != 0x6573_6c61 || load<u8>(record, recordKind) != kindBool) return 0
      store<u64>(present(record, row), 0)
      return at + 5
    default:
      return 0
  }
}

/** The slot of a value that is there from now on. */
// @ts-ignore: decorator
@inline
function present(record: usize, row: usize): usize {
  const bits = row + load<u32>(record, recordPresence)
  store<u8>(bits, load<u8>(bits) | load<u8>(record, recordBit))
  return row + load<u32>(record, recordSlot)
}

function readString(at: usize, record: usize, row: usize): usize {
  const kind = load<u8>(record, recordKind)
  if (kind == kindText) {
    if (hasMarkers && mayBeMarker(at)) return 0
    const end = stringEnd(at)
    if (end == 0) return 0
    const slot = present(record, row)
    store<u32>(slot, <u32>at)
    store<u32>(slot, <u32>(end - at) | (isEscaped ? spanReprint : 0), 4)
    return end + 1
  }
  if (kind == kindTimestamp || kind == kindNaiveTimestamp) {
    // In a typed file: U+F027, the marker of timestamps.
    const isMarked = hasMarkers && (load<u32>(at) & 0xff_ffff) == 0xa7_80ef
    if (!isMarked && (load<u8>(record, recordFlags) & flagMarked) != 0) return 0
    const end = timestampEnd(isMarked ? at + 3 : at)
    if (end == 0) return 0
    store<i64>(present(record, row), micros)
    return end + 1
  }
  return 0
}

/** The string begins with a type marker, or with an escape that may be one. */
// @ts-ignore: decorator
@inline
function mayBeMarker(at: usize): bool {
  return load<u16>(at) == 0x80ef || load<u8>(at) == BACKSLASH
}

function readNumber(at: usize, record: usize, row: usize): usize {
  const end = numberEnd(at)
  if (end == 0) return 0
  const kind = load<u8>(record, recordKind)
  const flags = load<u8>(record, recordFlags)
  if (!isInteger) {
    if (kind == kindDouble) {
      const value = doubleValue(at, end)
      if (!isFinite(value)) return 0
      store<f64>(present(record, row), value)
      return end
    }
    if (kind != kindDoubleText || (!isShortest && !isFinite(doubleValue(at, end)))) return 0
    putSpan(record, row, at, end, isShortest ? 0 : spanReprint)
    return end
  }
  // Minus zero, and what has more digits than surely fit.
  if (digitCount > 18 || (isNegative && digits == 0)) return 0
  if (kind == kindInteger) {
    if (digits > MOST_EXACT && !(flags & flagInexact)) return 0
    store<i64>(present(record, row), isNegative ? -(<i64>digits) : <i64>digits)
    return end
  }
  if (!(flags & flagIntegers) || digits > MOST_EXACT) return 0
  if (kind == kindDouble) store<f64>(present(record, row), isNegative ? -(<f64>digits) : <f64>digits)
  else if (kind == kindDoubleText) putSpan(record, row, at, end, flags & flagFraction ? spanFraction : 0)
  else return 0
  return end
}

function putSpan(record: usize, row: usize, at: usize, end: usize, flags: u32): void {
  const slot = present(record, row)
  store<u32>(slot, <u32>at)
  store<u32>(slot, <u32>(end - at) | flags, 4)
}

/** Reads the list whose first character is at `at`; each element becomes a row. @returns behind it, or 0 */
function readList(at: usize, record: usize, row: usize): usize {
  const list: usize = load<u32>(record, recordList)
  if (load<u8>(at) == CLOSE_LIST) return load<u8>(record, recordFlags) & flagEmptyList ? at + 1 : 0
  return list == 0 ? 0 : readElements(at, list, row)
}

function readElements(at: usize, list: usize, parent: usize): usize {
  const table: usize = load<u32>(list, listTable)
  const node: usize = load<u32>(list, listNode)
  const value: usize = load<u32>(list, listValue)
  let index: u32 = 0
  while (true) {
    const row = addRow(table, parent, index++)
    if (row == 0) return 0
    const char = load<u8>(at)
    if (char == OPEN_OBJECT) at = node == 0 ? 0 : readObject(at + 1, node, row)
    else if (char == OPEN_LIST) {
      // A list in a list is a row whose only column is a list.
      const wrapped: usize = load<u32>(list, listWrapped)
      at = wrapped == 0 ? 0 : readList(skipBlanks(at + 1), wrapped, row)
    } else at = value == 0 ? 0 : readValue(at, value, row)
    if (at == 0) return 0
    at = skipBlanks(at)
    const next = load<u8>(at)
    if (next == CLOSE_LIST) return at + 1
    if (next != COMMA) return 0
    at = skipBlanks(at + 1)
  }
}
