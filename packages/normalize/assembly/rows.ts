import {
  rowHeaderBytes,
  rowIndex,
  rowNext,
  rowOrdinal,
  rowParent,
  rowRoot,
  rowTable,
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

/*
 * The rows of a batch lie one behind the other, whatever their table; each table links its own. All that a root row adds
 * can be taken out again.
 */

let rowsEnd: usize = 0
let rowsLimit: usize = 0
/** Serial of the root row at hand, where its rows begin, and the tables that it has added rows to. */
let rootSerial: u32 = 0
let rootStart: usize = 0
let touched: usize = 0

/** There was no room for a row of the root row at hand. */
export let isFull: bool = false

/** Begins to gather rows in that part of memory; the host has emptied the tables. */
export function beginBatch(start: usize, limit: usize): void {
  rowsEnd = start
  rowsLimit = limit
}

export function beginRoot(): void {
  rootSerial++
  rootStart = rowsEnd
  touched = 0
  isFull = false
}

/** A new row at the end of a table; 0 where the batch is full. */
export function addRow(table: usize, parent: usize, index: u32): usize {
  const row = rowsEnd
  const next = row + load<u32>(table, tableRowBytes)
  if (next > rowsLimit) {
    isFull = true
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

/** Where room for a while begins, of that many bytes; 0 where the batch is full. */
export function borrow(bytes: usize): usize {
  if (rowsEnd + bytes <= rowsLimit) return rowsEnd
  isFull = true
  return 0
}

/** Takes out all that the root row at hand has added. */
export function giveBack(): void {
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
