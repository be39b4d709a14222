import type { ManifestFile, Value } from '@gantry/common'
import type { ColumnState } from '../table-state.ts'

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
  /** Brings to disk what is in memory. */
  flush(): void
  /** Finishes the file, on disk. @returns its entry for the manifest */
  close(): ManifestFile
}
