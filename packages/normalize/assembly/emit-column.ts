import {
  idBytes,
  indexBytes,
  kindBool,
  kindConstant,
  kindDate,
  kindDecimal,
  kindId,
  kindIndex,
  kindJson,
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
import { copyShort } from './copy'
import { putUnscaled } from './decimals'
import { unescape } from './strings'
import { dateEnd, days } from './timestamps'
import { putWhole } from './whole'

/** Values, not nulls, of the column that was emitted last. */
export let presentValues: i32 = 0

/**
 * Writes the addresses of a table's rows, one behind the other: going through them then does not wait for each row to
 * say where the next one is.
 */
export function indexRows(table: usize, index: usize): void {
  for (let row: usize = load<u32>(table, tableHead); row != 0; row = load<u32>(row, rowNext), index += indexBytes) {
    store<u32>(index, <u32>row)
  }
}

/**
 * Writes the values that a column has in the batch as a Parquet page holds them (PLAIN; booleans as a byte each), and a
 * bit for each row into `presence`, lowest first.
 *
 * @param index     the addresses of its rows, of which there are `count`
 * @param slot      where the value is, counted from the row; of a constant, the address of its text
 * @param byte      where its presence bit is, likewise, and the bit; of a constant, its length
 * @param form      of decimals, the digits behind their point, and times 256 their bytes
 * @returns behind the values
 */
export function emitColumn(
  index: usize,
  count: i32,
  kind: i32,
  slot: usize,
  byte: usize,
  bit: u8,
  out: usize,
  presence: usize,
  form: i32,
): usize {
  if (kind >= kindId) return emitSystemColumn(index, count, kind, slot, byte, out)
  let bits: u32 = 0
  let values = 0
  for (let at = 0; at < count;) {
    const row: usize = load<u32>(index + <usize>at * indexBytes)
    const isPresent = (load<u8>(row + byte) & bit) != 0
    if (isPresent) {
      bits |= 1 << (at & 7)
      values++
      const value = row + slot
      if (kind == kindText || kind == kindJson) {
        const from: usize = load<u32>(value)
        const span = load<u32>(value, 4)
        const length: usize = span & spanLength
        let end: usize
        if (span & spanReprint) {
          end = kind == kindText ? unescape(from, from + length, out + 4) : putWhole(from, from + length, out + 4)
        } else {
          end = out + 4 + length
          copyShort(out + 4, from, length)
        }
        store<u32>(out, <u32>(end - out - 4))
        out = end
      } else if (kind == kindDecimal) out = putUnscaled(load<u32>(value), form & 0xff, form >> 8, out)
      else if (kind == kindDate) {
        dateEnd(load<u32>(value))
        store<i32>(out, days)
        out += 4
      } else if (kind == kindBool) store<u8>(out++, load<u8>(value))
      else {
        store<u64>(out, load<u64>(value))
        out += 8
      }
    }
    if ((++at & 7) == 0) {
      store<u8>(presence++, <u8>bits)
      bits = 0
    }
  }
  if ((count & 7) != 0) store<u8>(presence, <u8>bits)
  presentValues = values
  return out
}

function emitSystemColumn(index: usize, count: i32, kind: i32, slot: usize, length: usize, out: usize): usize {
  for (const end = index + <usize>count * indexBytes; index < end; index += indexBytes) {
    const row: usize = load<u32>(index)
    if (kind == kindIndex) {
      store<u64>(out, load<u32>(row, rowIndex))
      out += 8
    } else if (kind == kindConstant) {
      store<u32>(out, <u32>length)
      copyShort(out + 4, slot, length)
      out += 4 + length
    } else {
      store<u32>(out, idBytes)
      v128.store(out + 4, v128.load(idOf(row, kind)))
      out += 4 + idBytes
    }
  }
  presentValues = count
  return out
}

/** Where the id of a row, of the one above it or of its root row stands. */
export function idOf(row: usize, kind: i32): usize {
  const owner: usize = kind == kindId ? row : kind == kindParentId ? load<u32>(row, rowParent) : load<u32>(row, rowRoot)
  return load<u32>(load<u32>(owner, rowTable), tableIds) + load<u32>(owner, rowOrdinal) * idBytes
}
