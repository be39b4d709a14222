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
  kindDoubleText,
  kindId,
  kindIndex,
  kindInteger,
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
import { idOf } from './emit-column'
import { putInteger } from './numbers'
import { escape, unescape } from './strings'
import { putTimestamp } from './timestamps'

/** The row that did not fit any more; 0 where all are written. */
export let nextRow: usize = 0

/** Most that a value of fixed size takes, with its signs. */
const SCALAR_BYTES: u32 = 64

// @ts-ignore: decorator
@external("host", "printDouble")
declare function printDouble(text: usize, length: i32, out: usize, isJson: bool): usize

/**
 * Writes rows from `row` on, each as a JSON object of the columns that it has, until there is no room for another.
 *
 * @param scratch  as much room as the longest string takes
 * @returns behind what was written; {@link nextRow} goes on
 */
export function emitJson(row: usize, columns: usize, count: i32, out: usize, limit: usize, scratch: usize): usize {
  const end = columns + <usize>count * columnBytes
  for (; row != 0; row = load<u32>(row, rowNext)) {
    const start = out
    store<u8>(out, OPEN_OBJECT)
    // Names come with a comma in front, over which the first one's brace goes.
    for (let column = columns; column < end; column += columnBytes) {
      const kind = load<i32>(column, columnKind)
      if (!isPresent(row, column, kind)) continue
      const nameBytes: usize = load<u32>(column, columnNameBytes)
      if (out + nameBytes + valueBytes(row, column, kind) > limit) {
        nextRow = row
        return start
      }
      memory.copy(out, load<u32>(column, columnName), nameBytes)
      if (out == start) store<u8>(out, OPEN_OBJECT)
      out = putJson(row, column, kind, out + nameBytes, scratch)
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
  nextRow = 0
  return out
}

/**
 * The same as lines of CSV, each with a cell for each column: text in quotes, null as nothing.
 */
export function emitCsv(row: usize, columns: usize, count: i32, out: usize, limit: usize, scratch: usize): usize {
  const end = columns + <usize>count * columnBytes
  for (; row != 0; row = load<u32>(row, rowNext)) {
    const start = out
    for (let column = columns; column < end; column += columnBytes) {
      const kind = load<i32>(column, columnKind)
      const size = isPresent(row, column, kind) ? valueBytes(row, column, kind) : 0
      if (out + size + 2 > limit) {
        nextRow = row
        return start
      }
      if (column != columns) store<u8>(out++, COMMA)
      if (size > 0) out = putCell(row, column, kind, out, scratch)
    }
    store<u8>(out++, NEWLINE)
  }
  nextRow = 0
  return out
}

// @ts-ignore: decorator
@inline
function isPresent(row: usize, column: usize, kind: i32): bool {
  if (kind >= kindId) return kind != kindNone
  return (load<u8>(row + load<u32>(column, columnPresence)) & load<u8>(column, columnBit)) != 0
}

/** The most that the value takes: text never gets longer than it is in JSON, whatever its escapes. */
// @ts-ignore: decorator
@inline
function valueBytes(row: usize, column: usize, kind: i32): usize {
  if (kind == kindText || kind == kindDoubleText) {
    return (load<u32>(row + load<u32>(column, columnSlot), 4) & spanLength) + SCALAR_BYTES
  }
  return kind == kindConstant ? load<u32>(column, columnPresence) + SCALAR_BYTES : SCALAR_BYTES
}

function putJson(row: usize, column: usize, kind: i32, out: usize, scratch: usize): usize {
  const slot = row + load<u32>(column, columnSlot)
  switch (kind) {
    case kindText: {
      store<u8>(out++, QUOTE)
      const from: usize = load<u32>(slot)
      const span = load<u32>(slot, 4)
      const length: usize = span & spanLength
      if (span & spanReprint) out = escape(scratch, unescape(from, from + length, scratch), out)
      else {
        memory.copy(out, from, length)
        out += length
      }
      store<u8>(out, QUOTE)
      return out + 1
    }
    case kindBool:
      if (load<u8>(slot)) {
        store<u32>(out, 0x6575_7274)
        return out + 4
      }
      store<u32>(out, 0x736c_6166)
      store<u8>(out, 0x65, 4)
      return out + 5
    case kindTimestamp:
    case kindNaiveTimestamp:
      return putQuotedTimestamp(load<i64>(slot), 0x54, kind, out)
    default:
      return putCommon(row, column, kind, out, true)
  }
}

function putCell(row: usize, column: usize, kind: i32, out: usize, scratch: usize): usize {
  const slot = row + load<u32>(column, columnSlot)
  switch (kind) {
    case kindText: {
      store<u8>(out++, QUOTE)
      let from: usize = load<u32>(slot)
      const span = load<u32>(slot, 4)
      const length: usize = span & spanLength
      if (span & spanReprint) {
        const end = unescape(from, from + length, scratch)
        for (from = scratch; from < end; from++) {
          const char = load<u8>(from)
          if (char == QUOTE) store<u8>(out++, QUOTE)
          store<u8>(out++, char)
        }
      } else {
        // Without escapes there is no quote in it.
        memory.copy(out, from, length)
        out += length
      }
      store<u8>(out, QUOTE)
      return out + 1
    }
    case kindBool:
      if (load<u8>(slot)) {
        store<u32>(out, 0x6575_7254)
        return out + 4
      }
      store<u32>(out, 0x736c_6146)
      store<u8>(out, 0x65, 4)
      return out + 5
    case kindTimestamp:
    case kindNaiveTimestamp:
      return putQuotedTimestamp(load<i64>(slot), 0x20, kind, out)
    default:
      return putCommon(row, column, kind, out, false)
  }
}

/** What JSON and CSV write alike. */
function putCommon(row: usize, column: usize, kind: i32, out: usize, isJson: bool): usize {
  const slot = row + load<u32>(column, columnSlot)
  switch (kind) {
    case kindInteger:
      return putInteger(load<i64>(slot), out)
    case kindIndex:
      return putInteger(load<u32>(row, rowIndex), out)
    case kindDoubleText: {
      const from: usize = load<u32>(slot)
      const span = load<u32>(slot, 4)
      const length: usize = span & spanLength
      if (span & spanReprint) return printDouble(from, <i32>length, out, isJson)
      memory.copy(out, from, length)
      out += length
      if (!(span & spanFraction)) return out
      store<u16>(out, 0x302e)
      return out + 2
    }
    case kindConstant: {
      const length: usize = load<u32>(column, columnPresence)
      store<u8>(out, QUOTE)
      memory.copy(out + 1, load<u32>(column, columnSlot), length)
      store<u8>(out + 1 + length, QUOTE)
      return out + length + 2
    }
    default:
      store<u8>(out, QUOTE)
      v128.store(out + 1, v128.load(idOf(row, kind)))
      store<u8>(out, QUOTE, 15)
      return out + idBytes + 2
  }
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
