import type { ColumnState } from '../table-state.ts'
import type { ColumnValues, RowBatch } from '../writers/row-writer.ts'
import { columnList, type ColumnPlace } from './column-list.ts'
import type { PlannedColumn, PlannedTable } from './compile-plan.ts'
import { indexBytes, kindNone, rowOrdinal, tableHead } from './layout.ts'
import type { EmitLines, TranscoderMemory } from './memory.ts'

const nothing: ColumnPlace = {
  kind: kindNone,
  slot: 0,
  presence: 0,
  bit: 0,
  name: 0,
  nameBytes: 0,
}

/** The rows that a batch has of one table, still in the transcoder's memory. */
export class TableBatch implements RowBatch {
  readonly rows: number
  readonly #memory: TranscoderMemory
  readonly #planned: PlannedTable
  /** Position of the first row among those of the whole batch. */
  readonly #first: number
  /** That of the whole batch. */
  readonly #index: RowIndex

  constructor(
    memory: TranscoderMemory,
    planned: PlannedTable,
    rows: number,
    first: number = 0,
    index: RowIndex = new RowIndex(memory, planned),
  ) {
    this.#memory = memory
    this.#planned = planned
    this.rows = rows
    this.#first = first
    this.#index = index
  }

  get columns(): readonly ColumnState[] {
    return this.#planned.columns.map(({ column }) => column)
  }

  part(from: number, rows: number): TableBatch {
    return new TableBatch(this.#memory, this.#planned, rows, this.#first + from, this.#index)
  }

  values(column: number, from: number, rows: number): ColumnValues {
    const { exports, out, presence } = this.#memory
    const { kind, slot, presence: byte, bit, form } = this.#planned.columns[column] as PlannedColumn
    const end = exports.emitColumn(this.#index.at(this.#first + from), rows, kind, slot, byte, bit, out, presence, form)
    const count = exports.presentValues.value
    const isEach = count === rows
    return {
      bytes: this.#memory.part(out, end),
      count,
      presence: isEach ? allPresent : this.#memory.part(presence, presence + ((rows + 7) >> 3)),
    }
  }

  json(): Iterable<Uint8Array> {
    return this.#lines(this.#planned.columns, this.#memory.exports.emitJson, this.rows)
  }

  csv(columns: readonly (number | undefined)[], rowsAtOnce: number = this.rows): Iterable<Uint8Array> {
    const inOrder = columns.map((column) => (column === undefined ? nothing : this.#planned.columns[column]!))
    return this.#lines(inOrder, this.#memory.exports.emitCsv, rowsAtOnce)
  }

  *#lines(columns: readonly ColumnPlace[], emit: EmitLines, rowsAtOnce: number): Iterable<Uint8Array> {
    const { exports, bytes, view, out: from, outEnd, scratch } = this.#memory
    const list = columnList(columns)
    bytes.set(list, from)
    const out = from + list.length
    let row = view.getUint32(this.#first === 0 ? this.#planned.address + tableHead : this.#index.at(this.#first), true)
    for (let left = this.rows; left > 0;) {
      const end = emit(row, from, columns.length, out, outEnd, scratch, Math.min(left, rowsAtOnce))
      if (end === out) throw new RangeError('a row does not fit into the output')
      yield bytes.subarray(out, end)
      const next: number = exports.nextRow.value
      if (next === 0) return
      left -= view.getUint32(next + rowOrdinal, true) - view.getUint32(row + rowOrdinal, true)
      row = next
    }
  }
}

/** The addresses of a table's rows, written down when they are first asked for. */
class RowIndex {
  readonly #memory: TranscoderMemory
  readonly #planned: PlannedTable
  #isWritten = false

  constructor(memory: TranscoderMemory, planned: PlannedTable) {
    this.#memory = memory
    this.#planned = planned
  }

  /** Where the address of the row at that position stands, and behind it those of the next. */
  at(row: number): number {
    const { exports, index } = this.#memory
    if (!this.#isWritten) exports.indexRows(this.#planned.address, index)
    this.#isWritten = true
    return index + row * indexBytes
  }
}

/** Columns that no row lacks need no bits; this one has none, and is not looked at. */
const allPresent = new Uint8Array()
