import {
  idBytes,
  kindBool,
  kindConstant,
  kindDouble,
  kindId,
  kindIndex,
  kindInteger,
  kindParentId,
  kindRootId,
  kindText,
  rowIndex,
  rowNext,
  rowOrdinal,
  rowParent,
  rowRoot,
  rowTable,
  spanLength,
  spanReprint,
  tableHead,
  tableIds,
} from '../src/transcoder/layout'
import { unescape } from './strings'

/** Values, not nulls, of the column that was emitted last. */
export let presentValues: i32 = 0

/**
 * Writes the values that a column has in the batch as a Parquet page holds them (PLAIN; booleans as a byte each), and a
 * bit for each row into `presence`, lowest first.
 *
 * @param slot      where the value is, counted from the row; of a constant, the address of its text
 * @param byte      where its presence bit is, likewise, and the bit; of a constant, its length
 * @returns behind the values
 */
export function emitColumn(table: usize, kind: i32, slot: usize, byte: usize, bit: u8, out: usize, presence: usize): usize {
  if (kind >= kindId) return emitSystemColumn(table, kind, slot, byte, out)
  let row: usize = load<u32>(table, tableHead)
  let bits: u32 = 0
  let count = 0
  let values = 0
  for (; row != 0; row = load<u32>(row, rowNext)) {
    const isPresent = (load<u8>(row + byte) & bit) != 0
    if (isPresent) {
      bits |= 1 << (count & 7)
      values++
      const at = row + slot
      if (kind == kindText) {
        const from: usize = load<u32>(at)
        const span = load<u32>(at, 4)
        const length: usize = span & spanLength
        let end: usize
        if (span & spanReprint) end = unescape(from, from + length, out + 4)
        else {
          end = out + 4 + length
          copyText(out + 4, from, length)
        }
        store<u32>(out, <u32>(end - out - 4))
        out = end
      } else if (kind == kindBool) store<u8>(out++, load<u8>(at))
      else {
        store<u64>(out, load<u64>(at))
        out += 8
      }
    }
    if ((++count & 7) == 0) {
      store<u8>(presence++, <u8>bits)
      bits = 0
    }
  }
  if ((count & 7) != 0) store<u8>(presence, <u8>bits)
  presentValues = values
  return out
}

/** Copies by sixteen bytes; what is behind the text is overwritten by the next value. */
// @ts-ignore: decorator
@inline
function copyText(out: usize, from: usize, length: usize): void {
  if (length <= 64) {
    v128.store(out, v128.load(from))
    for (let at: usize = 16; at < length; at += 16) v128.store(out + at, v128.load(from + at))
  } else memory.copy(out, from, length)
}

function emitSystemColumn(table: usize, kind: i32, slot: usize, length: usize, out: usize): usize {
  let row: usize = load<u32>(table, tableHead)
  let values = 0
  for (; row != 0; row = load<u32>(row, rowNext)) {
    values++
    if (kind == kindIndex) {
      store<u64>(out, load<u32>(row, rowIndex))
      out += 8
    } else if (kind == kindConstant) {
      store<u32>(out, <u32>length)
      memory.copy(out + 4, slot, length)
      out += 4 + length
    } else {
      store<u32>(out, idBytes)
      v128.store(out + 4, v128.load(idOf(row, kind)))
      out += 4 + idBytes
    }
  }
  presentValues = values
  return out
}

/** Where the id of a row, of the one above it or of its root row stands. */
// @ts-ignore: decorator
@inline
export function idOf(row: usize, kind: i32): usize {
  const owner: usize = kind == kindId ? row : kind == kindParentId ? load<u32>(row, rowParent) : load<u32>(row, rowRoot)
  return load<u32>(load<u32>(owner, rowTable), tableIds) + load<u32>(owner, rowOrdinal) * idBytes
}
