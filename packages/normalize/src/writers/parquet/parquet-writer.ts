import { TerminalError, type ManifestFile, type Value } from '@gantry/common'
import type { ColumnState } from '../../table-state.ts'
import type { LoadFile } from '../load-file.ts'
import type { RowBatch, RowWriter } from '../row-writer.ts'
import { ColumnChunk } from './column-chunk.ts'
import type { Codec } from './compression.ts'
import { addValue } from './encode-value.ts'
import { holdsValue } from './holds-value.ts'
import { ParquetFile } from './parquet-file.ts'
import { parquetTypeOf, type NumericDefaults } from './parquet-type.ts'

/**
 * Bytes of a row group in memory, before compression, at which it is written. Large row groups make few and large pages;
 * a reader keeps pages of all columns of a row group in memory.
 */
const rowGroupBytes = 48_000_000

/** What a Parquet file has to know of its table. */
export interface ParquetTable {
  readonly name: string
  /** The columns that are known so far: those of a file that gets none from its rows. */
  readonly columns: ReadonlyMap<string, ColumnState>
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
 * Rows of a table as a Parquet file: columns in the order in which rows bring them, all nullable, encoding PLAIN, pages of
 * version 1. A column that comes late is null in the rows before it, as long as no row group is on disk.
 */
export class ParquetWriter implements RowWriter {
  rows = 0
  readonly #loadFile: LoadFile
  readonly #file: ParquetFile
  readonly #table: ParquetTable
  readonly #codec: Codec
  readonly #defaults: NumericDefaults
  readonly #chunks: ColumnChunk[] = []
  /** The same by index of their column in the table. */
  readonly #chunkOf: (ColumnChunk | undefined)[] = []
  /** Rows of the open row group. */
  #groupRows = 0
  /** Bytes of values so far, before compression. */
  #valueBytes = 0
  /** Bytes of values of the open row group as they are in memory. */
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
    this.#valueBytes += bytes
    this.#heldBytes += bytes - saved
    if (this.buffered >= rowGroupBytes) this.flush()
    return true
  }

  writeBatch(batch: RowBatch): boolean {
    const { columns } = batch
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as ColumnState
      const chunk = this.#chunkOf[column.index]
      if (chunk !== undefined && chunk.dataType === column.type) continue
      if (batch.values(index).count > 0 && !this.#adapt(column, chunk)) return false
    }
    const row = this.#groupRows
    for (let index = 0; index < columns.length; index++) {
      const chunk = this.#chunkOf[(columns[index] as ColumnState).index]
      if (chunk === undefined) continue
      if (chunk.rows < row) chunk.addNulls(row - chunk.rows)
      const { bytes, saved } = chunk.addBatch(batch.rows, batch.values(index))
      this.#valueBytes += bytes
      this.#heldBytes += bytes - saved
    }
    this.rows += batch.rows
    this.#groupRows = row + batch.rows
    if (this.buffered >= rowGroupBytes) this.flush()
    return true
  }

  flush(): void {
    const rows = this.#groupRows
    if (rows === 0) return
    this.#ensureColumns()
    for (const chunk of this.#chunks) if (chunk.rows < rows) chunk.addNulls(rows - chunk.rows)
    this.#file.appendRowGroup(this.#chunks, rows)
    for (const chunk of this.#chunks) chunk.clear()
    this.#groupRows = 0
    this.#heldBytes = 0
  }

  close(): ManifestFile {
    this.flush()
    this.#ensureColumns()
    this.#file.end(this.#chunks)
    return this.#loadFile.finish(this.rows)
  }

  /** Makes a chunk for a new column or widens that of a known one. @returns false where the file cannot any more */
  #adapt(column: ColumnState, chunk: ColumnChunk | undefined): boolean {
    if (this.#file.hasRowGroups) return false
    if (chunk === undefined) this.#addColumn(column)
    else this.#widen(column, chunk)
    return true
  }

  #addColumn(column: ColumnState): void {
    const chunk = new ColumnChunk(this.#table.name, column, parquetTypeOf(column, this.#defaults), this.#codec)
    this.#chunks.push(chunk)
    this.#chunkOf[column.index] = chunk
  }

  /** Has the column as text from here on. @returns false where this file holds values of its type already */
  #exceed(column: ColumnState): boolean {
    column.exceedsType = true
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
    const before = chunk.sizes()
    chunk.widenToDouble(parquetTypeOf(column, this.#defaults))
    const after = chunk.sizes()
    this.#valueBytes += after.bytes - before.bytes
    this.#heldBytes += after.compressedBytes - before.compressedBytes
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
