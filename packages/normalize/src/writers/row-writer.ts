import type { ManifestFile, Value } from '@gantry/common'
import type { ColumnState } from '../table-state.ts'

/** Writes the rows of one table into load files of one format. */
export interface RowWriter {
  /**
   * Adds a row.
   *
   * @param columns  the row's columns in its order; nulls are left out
   * @param values   their values, in the same order, each of its column's type
   */
  write(columns: readonly ColumnState[], values: readonly Value[]): void
  /** Finishes the file, on disk. @returns its entry for the manifest */
  close(): ManifestFile
  /** Closes what is open without finishing it. */
  abandon(): void
}
