import type { DataType, ManifestFile, Value } from '@gantry/common'
import type { ColumnState } from '../table-state.ts'
import { FileColumns } from './file-columns.ts'
import type { LoadFile } from './load-file.ts'
import type { RowBatch, RowWriter } from './row-writer.ts'
import { TextBuffer } from './text-buffer.ts'

/** A text format whose files name their columns once, in front of the rows; cells are separated by commas. */
export interface HeaderFormat {
  /** What stands in front of the rows. */
  header(names: readonly string[]): string
  /** The text of a value, which is of the column's type and not null. */
  cell(value: Exclude<Value, null>, type: DataType | undefined): string
  readonly nullCell: string
  readonly beforeRow: string
  readonly afterRow: string
  readonly betweenRows: string
  /** What stands behind the last row, where there is a row. */
  readonly end: string
  /**
   * The rows of a batch as they stand in the file, without what is between them, behind the last one. A format without
   * it is written by row.
   */
  batch?(batch: RowBatch, columns: readonly (number | undefined)[], rowsAtOnce?: number): Iterable<Uint8Array>
}

/**
 * Bytes of rows that wait for the header. A few hundred rows show nearly all columns of a table, and thousands of tables
 * may wait at once.
 */
const mostHeldBytes = 1 << 18

/**
 * Writes rows under a header. Rows are held back at first, so that columns which come late are still taken in: rows in
 * front of them have nulls there. Once the header is on its way to the file, a row with a further column is refused.
 */
export class HeaderWriter implements RowWriter {
  rows = 0
  readonly #file: LoadFile
  readonly #text: TextBuffer
  readonly #format: HeaderFormat
  readonly #columns: FileColumns
  /** Undefined once the header is written. */
  #held: HeldRows | undefined
  /** Cells of the row at hand, used again for the next. */
  readonly #cells: string[] = []

  /** @param known  names of the table's columns so far: the first columns of the file, in this order */
  constructor(file: LoadFile, format: HeaderFormat, known: Iterable<string>) {
    this.#file = file
    this.#text = new TextBuffer(file)
    this.#format = format
    this.#columns = new FileColumns(known)
    this.#held = new HeldRows(format, this.#columns.names)
  }

  get bytes(): number {
    return this.#held?.fileBytes ?? this.#text.bytes
  }

  get buffered(): number {
    return this.#held?.bytes ?? this.#text.buffered
  }

  write(columns: readonly ColumnState[], values: readonly Value[], count: number): boolean {
    if (this.#held === undefined && this.#isLate(columns, count)) return false
    for (let index = 0; index < count; index++) this.#columns.add(columns[index] as ColumnState)
    const cells = this.#cells
    cells.length = this.#columns.names.length
    cells.fill(this.#format.nullCell)
    for (let index = 0; index < count; index++) {
      const column = columns[index] as ColumnState
      const value = values[index] as Exclude<Value, null>
      cells[this.#columns.add(column)] = this.#format.cell(value, column.type)
    }
    if (this.#held === undefined) this.#addRow(cells.join(','))
    else {
      this.#held.add(cells.join(','), cells.length)
      if (this.#held.bytes >= mostHeldBytes) this.#begin()
    }
    this.rows++
    return true
  }

  writeBatch(batch: RowBatch): boolean {
    const { columns } = batch
    const isLate = (column: ColumnState, index: number): boolean =>
      this.#columns.tryPosition(column) === undefined && batch.values(index, 0, batch.rows).count > 0
    if (this.#held === undefined && columns.some(isLate)) return false
    if (this.#held !== undefined) for (const column of columns) this.#columns.add(column)
    const sources: (number | undefined)[] = this.#columns.names.map(() => undefined)
    for (const [index, column] of columns.entries()) {
      const position = this.#columns.tryPosition(column)
      if (position !== undefined) sources[position] = index
    }
    // Rows that are held back wait one by one.
    for (const rows of this.#format.batch!(batch, sources, this.#held === undefined ? undefined : 1)) {
      if (this.#held !== undefined) {
        this.#held.add(Buffer.from(rows).toString(), sources.length)
        if (this.#held.bytes >= mostHeldBytes) this.#begin()
        continue
      }
      this.#text.add(this.#format.betweenRows)
      this.#text.addBlock(rows)
    }
    this.rows += batch.rows
    return true
  }

  flush(): void {
    if (this.rows > 0) this.#begin()
    this.#text.flush()
  }

  close(): ManifestFile {
    this.#begin()
    if (this.rows > 0) this.#text.add(this.#format.end)
    this.#text.flush()
    return this.#file.finish(this.rows)
  }

  /** True where the row has a column that the file does not have. */
  #isLate(columns: readonly ColumnState[], count: number): boolean {
    for (let index = 0; index < count; index++) {
      if (this.#columns.tryPosition(columns[index] as ColumnState) === undefined) return true
    }
    return false
  }

  /** Writes the header and what was held back for it. */
  #begin(): void {
    if (this.#held === undefined) return
    this.#text.add(this.#format.header(this.#columns.names))
    let isFirst = true
    for (const row of this.#held.padded()) {
      this.#addRow(row, isFirst)
      isFirst = false
    }
    this.#held = undefined
  }

  #addRow(cells: string, isFirst = false): void {
    const { beforeRow, afterRow, betweenRows } = this.#format
    this.#text.add(`${isFirst ? '' : betweenRows}${beforeRow}${cells}${afterRow}`)
  }
}

/** Rows that wait until it is known which columns their file has. Columns are only ever added behind the others. */
class HeldRows {
  /** Bytes of the rows as they are held. */
  bytes = 0
  readonly #format: HeaderFormat
  /** Of the file; grows. */
  readonly #names: readonly string[]
  readonly #rows: { readonly text: string; readonly cells: number }[] = []
  #cells = 0
  #commas = 0
  #header = { columns: -1, bytes: 0 }

  constructor(format: HeaderFormat, names: readonly string[]) {
    this.#format = format
    this.#names = names
  }

  /** Bytes that the file would have now. */
  get fileBytes(): number {
    const { beforeRow, afterRow, betweenRows, nullCell } = this.#format
    const rows = this.#rows.length
    const columns = this.#names.length
    const nulls = (columns * rows - this.#cells) * nullCell.length + commasOf(columns) * rows - this.#commas
    const around = (beforeRow.length + afterRow.length) * rows + betweenRows.length * Math.max(rows - 1, 0)
    return this.#headerBytes() + this.bytes + nulls + around
  }

  add(text: string, cells: number): void {
    this.#rows.push({ text, cells })
    this.bytes += Buffer.byteLength(text)
    this.#cells += cells
    this.#commas += commasOf(cells)
  }

  /** The rows with nulls in the columns that came after them. */
  *padded(): Generator<string> {
    const { nullCell } = this.#format
    for (const { text, cells } of this.#rows) {
      const nulls = Array.from({ length: this.#names.length - cells }, () => nullCell)
      yield cells === 0 ? nulls.join(',') : [text, ...nulls].join(',')
    }
  }

  /** Worked out again only where columns have come. */
  #headerBytes(): number {
    const columns = this.#names.length
    if (this.#header.columns !== columns)
      this.#header = { columns, bytes: Buffer.byteLength(this.#format.header(this.#names)) }
    return this.#header.bytes
  }
}

function commasOf(cells: number): number {
  return Math.max(cells - 1, 0)
}
