import type { ColumnState } from '../table-state.ts'
import type { ColumnValues, RowBatch } from '../writers/row-writer.ts'
import { columnList, type ColumnPlace } from './column-list.ts'
import type { PlannedColumn, PlannedTable } from './compile-plan.ts'
import { indexBytes, kindNone, tableHead } from './layout.ts'
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
  #isIndexed = false

  constructor(memory: TranscoderMemory, planned: PlannedTable, rows: number) {
    this.#memory = memory
    this.#planned = planned
    this.rows = rows
  }

  get columns(): readonly ColumnState[] {
    return this.#planned.columns.map(({ column }) => column)
  }

  values(column: number, from: number, rows: number): ColumnValues {
    const { exports, out, presence, index } = this.#memory
    const { address, columns } = this.#planned
    const { kind, slot, presence: byte, bit, form } = columns[column] as PlannedColumn
    if (!this.#isIndexed) exports.indexRows(address, index)
    this.#isIndexed = true
    const end = exports.emitColumn(index + from * indexBytes, rows, kind, slot, byte, bit, out, presence, form)
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
    let row = view.getUint32(this.#planned.address + tableHead, true)
    while (row !== 0) {
      const end = emit(row, from, columns.length, out, outEnd, scratch, rowsAtOnce)
      if (end === out) throw new RangeError('a row does not fit into the output')
      yield bytes.subarray(out, end)
      row = exports.nextRow.value
    }
  }
}

/** Columns that no row lacks need no bits; this one has none, and is not looked at. */
const allPresent = new Uint8Array()
