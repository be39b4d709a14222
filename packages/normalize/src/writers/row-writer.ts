import type { ManifestFile, Value } from '@gantry/common'
import type { ColumnState } from '../table-state.ts'

/** The values that a column has in a batch of rows. Their bytes hold until the next are asked for. */
export interface ColumnValues {
  /** As a Parquet page holds them (PLAIN), nulls left out; booleans as a byte each. */
  readonly bytes: Uint8Array
  /** How many there are. */
  readonly count: number
  /** A bit for each row, lowest first: whether it has a value. */
  readonly presence: Uint8Array
}

/** Rows that were read without making values of them, in the form that a file has them in. */
export interface RowBatch {
  readonly rows: number
  /** All that a row may have. */
  readonly columns: readonly ColumnState[]
  /** So many of the rows, from row `from` on. */
  part(from: number, rows: number): RowBatch
  /** Values that the column at that position has in so many rows, from row `from` on. */
  values(column: number, from: number, rows: number): ColumnValues
  /** The rows as lines of JSON, in blocks; each holds until the next is asked for. */
  json(): Iterable<Uint8Array>
  /** The rows as lines of CSV with the columns at these positions, and nothing where there is none. */
  csv(columns: readonly (number | undefined)[], rowsAtOnce?: number): Iterable<Uint8Array>
}

/** Writes rows of one table into one load file. */
export interface RowWriter {
  readonly rows: number
  /** Size of the file so far before compression, what is still in memory included. */
  readonly bytes: number
  /** Bytes that are still in memory. */
  readonly buffered: number
  /**
   * Columns that this file holds as integers by its type, and that may yet become doubles in the package. Formats that
   * write numbers as text have none.
   */
  readonly integerColumns?: readonly string[]
  /**
   * Adds a row: the first `count` of `columns` in the row's order, each with its value of the column's type. Nulls are
   * left out. Both lists belong to the caller, who reuses them for the next row.
   *
   * @returns false, with nothing taken, where this file can have no column more and the row brings one: it goes to a
   *     file of its own
   */
  write(columns: readonly ColumnState[], values: readonly Value[], count: number): boolean
  /** Adds rows as {@link write} does. Formats without it are written by row. */
  writeBatch?(batch: RowBatch): boolean
  /** Brings to disk what is in memory. */
  flush(): void
  /** Finishes the file, on disk. @returns its entry for the manifest */
  close(): ManifestFile
}
