import { TerminalError, type ManifestFile, type Value } from '@gantry/common'
import type { ColumnState } from '../../table-state.ts'
import type { LoadFile } from '../load-file.ts'
import type { RowBatch, RowWriter } from '../row-writer.ts'
import { ColumnChunk } from './column-chunk.ts'
import type { Codec } from './compression.ts'
import { addValue } from './encode-value.ts'
import { holdsValue } from './holds-value.ts'
import { PageStore } from './page-store.ts'
import { ParquetFile } from './parquet-file.ts'
import { parquetTypeOf, type NumericDefaults } from './parquet-type.ts'

/**
 * Bytes of a row group's values, before they are encoded and compressed, at which it is written. Large row groups make few
 * and large pages; a reader keeps pages of all columns of a row group in memory, and may read several groups at a time.
 */
const rowGroupBytes = 48_000_000
/**
 * Rows of a row group at which it is written: as many as DuckDB stores together. Its threads take row groups by turns, and
 * where these are of another size, each leaves rows over that are stored anew when the database is closed.
 */
const rowGroupRows = 122_880

/** What a Parquet file has to know of its table. */
export interface ParquetTable {
  readonly name: string
  /** The columns that are known so far: those of a file that gets none from its rows. */
  readonly columns: ReadonlyMap<string, ColumnState>
  /** What was known of its columns has changed: by it, rows are read that are not made values of. */
  noteChange(): void
}

/** A table that would need a file without columns, which Parquet does not have. */
export class NoColumns extends TerminalError {
  override readonly code = 'parquet_no_columns'

  constructor(table: string) {
    super(
      `Table "${table}" has no column, and a Parquet file needs one. Let one of its columns through the filters, or ` +
        'set another loader file format, for example jsonl.',
      { table },
    )
  }
}

/**
 * Rows of a table as a Parquet file: columns in the order in which rows bring them, all nullable, pages of version 1, large
 * ones by differences (`page-encoder.ts`). A column that comes late is null in the rows before it, as long as no row group
 * is on disk.
 */
export class ParquetWriter implements RowWriter {
  rows = 0
  readonly #loadFile: LoadFile
  readonly #file: ParquetFile
  readonly #table: ParquetTable
  readonly #codec: Codec
  readonly #defaults: NumericDefaults
  readonly #store = new PageStore()
  readonly #chunks: ColumnChunk[] = []
  /** The same by index of their column in the table. */
  readonly #chunkOf: (ColumnChunk | undefined)[] = []
  /** Rows of the open row group. */
  #groupRows = 0
  /** Bytes of values so far, before they are encoded and compressed, and those of the open row group among them. */
  #valueBytes = 0
  #groupBytes = 0
  /** Bytes of values of the open row group as they are in memory, those of finished pages encoded and compressed. */
  #heldBytes = 0

  constructor(file: LoadFile, table: ParquetTable, codec: Codec, defaults: NumericDefaults) {
    this.#loadFile = file
    this.#file = new ParquetFile(file, codec)
    this.#table = table
    this.#codec = codec
    this.#defaults = defaults
  }

  get bytes(): number {
    return this.#valueBytes + this.#levelBytes(this.rows)
  }

  get buffered(): number {
    return this.#groupRows === 0 ? 0 : this.#heldBytes + this.#levelBytes(this.#groupRows)
  }

  /** Columns whose values may turn out to be doubles before the package is done, and that are integers in this file. */
  get integerColumns(): readonly string[] {
    return this.#chunks
      .filter(({ column, dataType, type }) => column.isNew && dataType === 'bigint' && type.kind !== 'printed')
      .map(({ column }) => column.name)
  }

  write(columns: readonly ColumnState[], values: readonly Value[], count: number): boolean {
    for (let index = 0; index < count; index++) {
      const column = columns[index] as ColumnState
      const chunk = this.#chunkOf[column.index]
      if ((chunk === undefined || chunk.dataType !== column.type) && !this.#adapt(column, chunk)) return false
      const { type } = this.#chunkOf[column.index] as ColumnChunk
      if (!holdsValue(type, values[index] as Value) && !this.#exceed(column)) return false
    }
    const row = this.#groupRows
    let bytes = 0
    let saved = 0
    // From behind: a column that a row has twice takes the later value, and the earlier one finds it there.
    for (let index = count - 1; index >= 0; index--) {
      const chunk = this.#chunkOf[(columns[index] as ColumnState).index] as ColumnChunk
      if (chunk.rows !== row) {
        if (chunk.rows > row) continue
        chunk.addNulls(row - chunk.rows)
      }
      bytes += addValue(chunk, values[index] as Value)
      saved += chunk.endValue()
    }
    this.rows++
    this.#groupRows = row + 1
    this.#take(bytes, bytes - saved)
    this.#flushFull()
    return true
  }

  writeBatch(batch: RowBatch): boolean {
    const { columns } = batch
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as ColumnState
      const chunk = this.#chunkOf[column.index]
      if (chunk !== undefined && chunk.dataType === column.type) continue
      if (batch.values(index, 0, batch.rows).count > 0 && !this.#adapt(column, chunk)) return false
    }
    for (let from = 0; from < batch.rows;) {
      const rows = Math.min(batch.rows - from, rowGroupRows - this.#groupRows)
      this.#addRows(batch, from, rows)
      from += rows
    }
    return true
  }

  flush(): void {
    const rows = this.#groupRows
    if (rows === 0) return
    this.#ensureColumns()
    for (const chunk of this.#chunks) if (chunk.rows < rows) chunk.addNulls(rows - chunk.rows)
    this.#file.appendRowGroup(this.#chunks, rows)
    for (const chunk of this.#chunks) chunk.clear()
    this.#store.clear()
    this.#groupRows = 0
    this.#groupBytes = 0
    this.#heldBytes = 0
  }

  close(): ManifestFile {
    this.flush()
    this.#ensureColumns()
    this.#file.end(this.#chunks)
    return this.#loadFile.finish(this.rows)
  }

  /** Adds rows of a batch that the open row group has room for. */
  #addRows(batch: RowBatch, from: number, rows: number): void {
    const { columns } = batch
    const row = this.#groupRows
    for (let index = 0; index < columns.length; index++) {
      const chunk = this.#chunkOf[(columns[index] as ColumnState).index]
      if (chunk === undefined) continue
      if (chunk.rows < row) chunk.addNulls(row - chunk.rows)
      const { bytes, saved } = chunk.addBatch(rows, batch.values(index, from, rows))
      this.#take(bytes, bytes - saved)
    }
    this.rows += rows
    this.#groupRows = row + rows
    this.#flushFull()
  }

  /** Values have come to the open row group: of so many bytes, in so much memory. */
  #take(bytes: number, held: number): void {
    this.#valueBytes += bytes
    this.#groupBytes += bytes
    this.#heldBytes += held
  }

  #flushFull(): void {
    const rows = this.#groupRows
    if (rows === rowGroupRows || this.#groupBytes + this.#levelBytes(rows) >= rowGroupBytes) this.flush()
  }

  /** Makes a chunk for a new column or widens that of a known one. @returns false where the file cannot any more */
  #adapt(column: ColumnState, chunk: ColumnChunk | undefined): boolean {
    if (this.#file.hasRowGroups) return false
    if (chunk === undefined) this.#addColumn(column)
    else this.#widen(column, chunk)
    return true
  }

  #addColumn(column: ColumnState): void {
    const chunk = new ColumnChunk(
      this.#table.name,
      column,
      parquetTypeOf(column, this.#defaults),
      this.#codec,
      this.#store,
    )
    this.#chunks.push(chunk)
    this.#chunkOf[column.index] = chunk
  }

  /** Has the column as text from here on. @returns false where this file holds values of its type already */
  #exceed(column: ColumnState): boolean {
    column.exceedsType = true
    this.#table.noteChange()
    const chunk = this.#chunkOf[column.index] as ColumnChunk
    if (this.#file.hasRowGroups || chunk.rows > 0) return false
    chunk.type = parquetTypeOf(column, this.#defaults)
    return true
  }

  /** The one change of type there is within a package: integers become doubles. Text stays what it is. */
  #widen(column: ColumnState, chunk: ColumnChunk): void {
    if (chunk.type.kind === 'printed') {
      chunk.dataType = column.type
      return
    }
    const bytes = chunk.widenToDouble(parquetTypeOf(column, this.#defaults))
    this.#take(bytes, bytes)
  }

  /** A file needs columns: where rows have brought none, those of the table. */
  #ensureColumns(): void {
    if (this.#chunks.length > 0) return
    for (const column of this.#table.columns.values()) if (column.type !== undefined) this.#addColumn(column)
    if (this.#chunks.length === 0) throw new NoColumns(this.#table.name)
  }

  /** A bit for each value and null; a page whose rows all have a value needs less. */
  #levelBytes(rows: number): number {
    return Math.ceil(rows / 8) * this.#chunks.length
  }
}
