import {
  columnBytes,
  idBytes,
  idsByKey,
  kindParentId,
  rowIndex,
  rowNext,
  rowOrdinal,
  tableHead,
  tableIdRule,
  tableIds,
  tableKey,
  tableKeyLength,
} from '../src/transcoder/layout'
import { copyShort } from './copy'
import { idOf } from './emit-column'
import { emitJson, isPresent } from './emit-text'
import { putId } from './ids'
import { putInteger } from './numbers'
import { shake128 } from './shake'
import { putSorted } from './sorted'

/*
 * Ids that are the same for the same row in every run: hashes of a root row's key or of all that came with it, and below
 * it of the place of a row.
 */

/** Room to write in while rows are read. */
let out: usize = 0
let outEnd: usize = 0
let scratch: usize = 0

/** Says where there is room, as much as the longest row takes. */
export function setRoom(start: usize, end: usize, other: usize): void {
  out = start
  outEnd = end
  scratch = other
}

/** Gives a root row its id. @returns false where that is for the host to do */
export function giveId(table: usize, row: usize, text: usize): bool {
  const end = load<u32>(table, tableIdRule) == idsByKey ? putKey(table, row) : putSorted(text, out, scratch)
  if (end == 0) return false
  putId(shake128(out, end - out), load<u32>(table, tableIds) + load<u32>(row, rowOrdinal) * idBytes)
  return true
}

/** Writes the key of a row as an object. @returns behind it; 0 where a part is missing or it is too long */
function putKey(table: usize, row: usize): usize {
  const columns: usize = load<u32>(table, tableKey)
  const count = load<i32>(table, tableKeyLength)
  for (let column = columns, end = columns + <usize>count * columnBytes; column < end; column += columnBytes) {
    if (!isPresent(row, column)) return 0
  }
  const end = emitJson(row, columns, count, out, outEnd, scratch, 1)
  // A row is a line.
  return end == out ? 0 : end - 1
}

/** Gives all rows that a batch has of a table below another their ids. */
export function giveIdsByPlace(table: usize): void {
  const name: usize = load<u32>(table, tableKey)
  const nameBytes: usize = load<u32>(table, tableKeyLength)
  let id: usize = load<u32>(table, tableIds)
  for (let row: usize = load<u32>(table, tableHead); row != 0; row = load<u32>(row, rowNext), id += idBytes) {
    v128.store(out, v128.load(idOf(row, kindParentId)))
    copyShort(out + idBytes, name, nameBytes)
    const end = putInteger(load<u32>(row, rowIndex), out + idBytes + nameBytes)
    putId(shake128(out, end - out), id)
  }
}
