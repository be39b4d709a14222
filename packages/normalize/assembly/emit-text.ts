import {
  columnBit,
  columnBytes,
  columnKind,
  columnName,
  columnNameBytes,
  columnPresence,
  columnSlot,
  idBytes,
  kindBool,
  kindConstant,
  kindDate,
  kindDecimal,
  kindDoubleText,
  kindId,
  kindIndex,
  kindInteger,
  kindJson,
  kindNaiveTimestamp,
  kindNone,
  kindText,
  kindTimestamp,
  rowIndex,
  rowNext,
  spanFraction,
  spanLength,
  spanReprint,
} from '../src/transcoder/layout'
import { CLOSE_OBJECT, COMMA, NEWLINE, OPEN_OBJECT, QUOTE } from './chars'
import { copyShort } from './copy'
import { idOf } from './emit-column'
import { printDouble } from './host'
import { putInteger } from './numbers'
import { putShortest } from './print-double'
import { escape, unescape } from './strings'
import { putTimestamp } from './timestamps'
import { putWhole } from './whole'

/** The row that did not fit any more; 0 where all are written. */
export let nextRow: usize = 0

/** Most that a value of fixed size takes, with its signs. */
const SCALAR_BYTES: u32 = 64

/**
 * Writes rows from `row` on, each as a JSON object of the columns that it has, until there is no room for another.
 *
 * @param scratch  as much room as the longest string takes
 * @param most     rows to write at most
 * @returns behind what was written; {@link nextRow} goes on
 */
export function emitJson(
  row: usize,
  columns: usize,
  count: i32,
  out: usize,
  limit: usize,
  scratch: usize,
  most: i32,
): usize {
  const end = columns + <usize>count * columnBytes
  for (; row != 0 && most > 0; row = load<u32>(row, rowNext), most--) {
    const start = out
    store<u8>(out, OPEN_OBJECT)
    // Names come with a comma in front, over which the first one's brace goes.
    for (let column = columns; column < end; column += columnBytes) {
      const kind = load<i32>(column, columnKind)
      if (!isPresent(row, column)) continue
      const nameBytes: usize = load<u32>(column, columnNameBytes)
      if (out + nameBytes + valueBytes(row, column, kind) > limit) {
        nextRow = row
        return start
      }
      copyShort(out, load<u32>(column, columnName), nameBytes)
      if (out == start) store<u8>(out, OPEN_OBJECT)
      out = putValue(row, column, kind, out + nameBytes, scratch, true)
    }
    if (out + 3 > limit) {
      nextRow = row
      return start
    }
    if (out == start) out++
    store<u8>(out, CLOSE_OBJECT)
    store<u8>(out, NEWLINE, 1)
    out += 2
  }
  nextRow = row
  return out
}

/**
 * The same as lines of CSV, each with a cell for each column: text in quotes, null as nothing.
 */
export function emitCsv(
  row: usize,
  columns: usize,
  count: i32,
  out: usize,
  limit: usize,
  scratch: usize,
  most: i32,
): usize {
  const end = columns + <usize>count * columnBytes
  for (; row != 0 && most > 0; row = load<u32>(row, rowNext), most--) {
    const start = out
    for (let column = columns; column < end; column += columnBytes) {
      const kind = load<i32>(column, columnKind)
      const size = isPresent(row, column) ? valueBytes(row, column, kind) : 0
      if (out + size + 2 > limit) {
        nextRow = row
        return start
      }
      if (column != columns) store<u8>(out++, COMMA)
      if (size > 0) out = putValue(row, column, kind, out, scratch, false)
    }
    store<u8>(out++, NEWLINE)
  }
  nextRow = row
  return out
}

export function isPresent(row: usize, column: usize): bool {
  const kind = load<i32>(column, columnKind)
  if (kind >= kindId) return kind != kindNone
  return (load<u8>(row + load<u32>(column, columnPresence)) & load<u8>(column, columnBit)) != 0
}

/**
 * The most that the value takes: text never gets longer than it is in JSON, whatever its escapes; of JSON itself, CSV has
 * each quote twice.
 */
function valueBytes(row: usize, column: usize, kind: i32): usize {
  if (kind == kindText || kind == kindDoubleText || kind == kindJson) {
    const length: usize = load<u32>(row + load<u32>(column, columnSlot), 4) & spanLength
    return (kind == kindJson ? length << 1 : length) + SCALAR_BYTES
  }
  return kind == kindConstant ? load<u32>(column, columnPresence) + SCALAR_BYTES : SCALAR_BYTES
}

function putValue(row: usize, column: usize, kind: i32, out: usize, scratch: usize, isJson: bool): usize {
  const slot = row + load<u32>(column, columnSlot)
  switch (kind) {
    case kindText:
      return putText(slot, out, scratch, isJson)
    case kindJson:
      return putJson(slot, out, scratch, isJson)
    case kindBool:
      return putBool(load<u8>(slot) != 0, out, isJson)
    case kindDecimal:
      return putDecimal(slot, out, isJson)
    case kindDate:
      return putQuoted(load<u32>(slot), load<u32>(slot, 4), out)
    case kindTimestamp:
    case kindNaiveTimestamp:
      return putQuotedTimestamp(load<i64>(slot), isJson ? 0x54 : 0x20, kind, out)
    case kindInteger:
      return putInteger(load<i64>(slot), out)
    case kindIndex:
      return putInteger(load<u32>(row, rowIndex), out)
    case kindDoubleText:
      return putDouble(slot, out, isJson)
    case kindConstant:
      return putQuoted(load<u32>(column, columnSlot), load<u32>(column, columnPresence), out)
    default:
      return putQuoted(idOf(row, kind), idBytes, out)
  }
}

/** A text without escapes in its row has no quote in it, and nothing that JSON or CSV would have otherwise. */
function putText(slot: usize, out: usize, scratch: usize, isJson: bool): usize {
  const from: usize = load<u32>(slot)
  const span = load<u32>(slot, 4)
  const length: usize = span & spanLength
  if (!(span & spanReprint)) return putQuoted(from, length, out)
  store<u8>(out++, QUOTE)
  const end = unescape(from, from + length, scratch)
  out = isJson ? escape(scratch, end, out) : doubleQuotes(scratch, end, out)
  store<u8>(out, QUOTE)
  return out + 1
}

function putJson(slot: usize, out: usize, scratch: usize, isJson: bool): usize {
  let from: usize = load<u32>(slot)
  const span = load<u32>(slot, 4)
  let end = from + (span & spanLength)
  if (isJson) {
    if (span & spanReprint) return putWhole(from, end, out)
    copyShort(out, from, end - from)
    return out + (end - from)
  }
  if (span & spanReprint) {
    end = putWhole(from, end, scratch)
    from = scratch
  }
  store<u8>(out, QUOTE)
  out = doubleQuotes(from, end, out + 1)
  store<u8>(out, QUOTE)
  return out + 1
}

function putQuoted(from: usize, length: usize, out: usize): usize {
  store<u8>(out, QUOTE)
  copyShort(out + 1, from, length)
  store<u8>(out + 1 + length, QUOTE)
  return out + length + 2
}

function doubleQuotes(from: usize, end: usize, out: usize): usize {
  for (; from < end; from++) {
    const char = load<u8>(from)
    if (char == QUOTE) store<u8>(out++, QUOTE)
    store<u8>(out++, char)
  }
  return out
}

/** `true` and `false`, in CSV as Python writes them. */
function putBool(value: bool, out: usize, isJson: bool): usize {
  const lowerCase: u32 = isJson ? 0 : 0x20
  // The first four letters, and the fifth of `false`.
  store<u32>(out, (value ? 0x6575_7274 : 0x736c_6166) ^ lowerCase)
  if (value) return out + 4
  store<u8>(out, 0x65, 4)
  return out + 5
}

function putDecimal(slot: usize, out: usize, isJson: bool): usize {
  const from: usize = load<u32>(slot)
  const length: usize = load<u32>(slot, 4)
  if (isJson) return putQuoted(from, length, out)
  copyShort(out, from, length)
  return out + length
}

function putDouble(slot: usize, out: usize, isJson: bool): usize {
  const from: usize = load<u32>(slot)
  const span = load<u32>(slot, 4)
  const length: usize = span & spanLength
  if (span & spanReprint) {
    const end = putShortest(from, length, out)
    return end != 0 ? end : printDouble(from, <i32>length, out, isJson)
  }
  copyShort(out, from, length)
  out += length
  if (!(span & spanFraction)) return out
  store<u16>(out, 0x302e)
  return out + 2
}

function putQuotedTimestamp(value: i64, separator: u8, kind: i32, out: usize): usize {
  store<u8>(out, QUOTE)
  out = putTimestamp(value, separator, out + 1)
  if (kind == kindTimestamp) {
    // +00:00
    store<u32>(out, 0x3a30_302b)
    store<u16>(out, 0x3030, 4)
    out += 6
  }
  store<u8>(out, QUOTE)
  return out + 1
}
