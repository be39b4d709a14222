import {
  flagEmptyList,
  flagFraction,
  flagInexact,
  flagIntegers,
  flagMarked,
  flagNull,
  idsByHost,
  kindBool,
  kindDate,
  kindDecimal,
  kindDouble,
  kindDoubleText,
  kindInteger,
  kindJson,
  kindNaiveTimestamp,
  kindText,
  kindTimestamp,
  listNode,
  listTable,
  listValue,
  listWrapped,
  nodeFirst,
  recordBefore,
  recordBehind,
  recordBit,
  recordFlags,
  recordKeyBytes,
  recordKind,
  recordList,
  recordNext,
  recordNode,
  recordOrder,
  recordPresence,
  recordSlot,
  recordStamp,
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
  tableIdRule,
} from '../src/transcoder/layout'
import {
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
import { decimalEnd } from './decimals'
import { giveId } from './fixed-ids'
import { find, isAt } from './keys'
import { addRow, beginRoot, giveBack, isFull } from './rows'
import { isEscaped, mayBeMarker, stringEnd } from './strings'
import { digitCount, digits, doubleValue, isInteger, isNegative, isShortest, numberEnd } from './numbers'
import { dateEnd, micros, timestampEnd } from './timestamps'
import { isToPrint, wholeEnd } from './whole'

/** Where the scan stopped. */
export let place: usize = 0
/** Ends of lines that it went over. */
export let lines: i32 = 0
/** Where it is in an array of rows; the host sets it where it has read a row itself. */
export let state: i32 = 0

/** Strings may begin with a type marker. */
let hasMarkers: bool = false
/** Keys must come in the order of the plan. */
let isOrdered: bool = false
let objectSerial: u32 = 0

/** The characters that mark a type, from U+F026 on. */
const MARKER_DECIMAL: u32 = 0xa6_80ef
const MARKER_TIMESTAMP: u32 = 0xa7_80ef
const MARKER_DATE: u32 = 0xa8_80ef

const MOST_EXACT: u64 = 0x1f_ffff_ffff_ffff

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
      if (load<u8>(behind) != NEWLINE && behind < end) behind = 0
    }
    if (behind == 0) return giveUp(at)
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
      if (behind == 0) return giveUp(at)
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

/** Leaves the row at `at` to the host, now or with the next batch. */
function giveUp(at: usize): i32 {
  giveBack()
  place = at
  return isFull ? statusFull : statusSlow
}

/** Reads the row at `at`. @returns behind it, or 0 */
function readRow(at: usize, node: usize, table: usize): usize {
  beginRoot()
  if (node == 0 || load<u8>(at) != OPEN_OBJECT) return 0
  const row = addRow(table, 0, 0)
  if (row == 0) return 0
  const behind = readObject(at + 1, node, row)
  if (behind == 0 || load<u32>(table, tableIdRule) == idsByHost) return behind
  return giveId(table, row, at) ? behind : 0
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

/** Reads a value into its place. @returns behind it, or 0 */
function readValue(at: usize, record: usize, row: usize): usize {
  const char = load<u8>(at)
  if (char == QUOTE) return readString(at + 1, record, row)
  if (char == MINUS || digit(at) <= 9) return readNumber(at, record, row)
  switch (char) {
    case OPEN_OBJECT: {
      const node: usize = load<u32>(record, recordNode)
      return node == 0 ? readWhole(at, record, row) : readObject(at + 1, node, row)
    }
    case OPEN_LIST:
      if (load<u8>(record, recordKind) == kindJson) return readWhole(at, record, row)
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
    store<u32>(slot, (<u32>(end - at)) | (isEscaped ? spanReprint : 0), 4)
    return end + 1
  }
  if (kind == kindTimestamp || kind == kindNaiveTimestamp) {
    const text = behindMarker(at, MARKER_TIMESTAMP, record)
    if (text == 0) return 0
    const end = timestampEnd(text)
    if (end == 0) return 0
    store<i64>(present(record, row), micros)
    return end + 1
  }
  if (kind == kindDecimal) {
    const text = behindMarker(at, MARKER_DECIMAL, record)
    if (text == 0) return 0
    const end = decimalEnd(text, load<u8>(record, recordBefore), load<u8>(record, recordBehind))
    if (end == 0) return 0
    putSpan(record, row, text, end, 0)
    return end + 1
  }
  if (kind == kindDate) {
    const text = behindMarker(at, MARKER_DATE, record)
    if (text == 0) return 0
    const end = dateEnd(text)
    if (end == 0 || load<u8>(end) != QUOTE) return 0
    putSpan(record, row, text, end, 0)
    return end + 1
  }
  return 0
}

/** Where the text begins of a value that in a typed file is marked; 0 where it has to be and is not. */
function behindMarker(at: usize, marker: u32, record: usize): usize {
  if (hasMarkers && (load<u32>(at) & 0xff_ffff) == marker) return at + 3
  return load<u8>(record, recordFlags) & flagMarked ? 0 : at
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
  if (!(flags & flagIntegers)) return 0
  if (kind == kindDecimal) {
    if (digitCount > <i32>load<u8>(record, recordBefore)) return 0
    putSpan(record, row, at, end, 0)
    return end
  }
  if (digits > MOST_EXACT) return 0
  if (kind == kindDouble) store<f64>(present(record, row), isNegative ? -(<f64>digits) : <f64>digits)
  else if (kind == kindDoubleText) putSpan(record, row, at, end, flags & flagFraction ? spanFraction : 0)
  else return 0
  return end
}

/** Takes an object or a list into the row as it is. @returns behind it, or 0 */
function readWhole(at: usize, record: usize, row: usize): usize {
  if (load<u8>(record, recordKind) != kindJson) return 0
  const end = wholeEnd(at, hasMarkers)
  if (end != 0) putSpan(record, row, at, end, isToPrint ? spanReprint : 0)
  return end
}

function putSpan(record: usize, row: usize, at: usize, end: usize, flags: u32): void {
  const slot = present(record, row)
  store<u32>(slot, <u32>at)
  store<u32>(slot, (<u32>(end - at)) | flags, 4)
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
