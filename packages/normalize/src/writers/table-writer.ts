import type { ManifestFile, Value } from '@gantry/common'
import type { ColumnState } from '../table-state.ts'
import type { RowBatch, RowWriter } from './row-writer.ts'

/** When a load file is full; dlt's `[normalize.data_writer]`. */
export interface FileLimits {
  /** Rows after which the next file begins; undefined: any number. */
  readonly maxItems?: number | undefined
  /** Bytes before compression after which the next file begins; undefined: any number. */
  readonly maxBytes?: number | undefined
}

/** Where bytes are counted; a file gets at most so many rows too many. */
const mostRowsAtOnce = 256

/** Writes the rows of one table, into as many load files as limits and late columns ask for. */
export class TableWriter {
  readonly #open: () => RowWriter
  readonly #maxItems: number
  readonly #maxBytes: number
  readonly #closed: ManifestFile[] = []
  /** By job id, for the files that have any; see {@link RowWriter.integerColumns}. */
  readonly integerColumns: Map<string, readonly string[]> = new Map()
  #writer: RowWriter | undefined

  /** @param open  begins the next file */
  constructor(open: () => RowWriter, limits: FileLimits) {
    this.#open = open
    this.#maxItems = limits.maxItems ?? Infinity
    this.#maxBytes = limits.maxBytes ?? Infinity
  }

  /** Bytes that are still in memory. */
  get buffered(): number {
    return this.#writer?.buffered ?? 0
  }

  /** Adds a row; see {@link RowWriter.write}. */
  write(columns: readonly ColumnState[], values: readonly Value[], count: number): void {
    const writer = (this.#writer ??= this.#open())
    if (!writer.write(columns, values, count)) {
      this.#next()
      this.write(columns, values, count)
    } else this.#endFull(writer)
  }

  /** Adds rows whose format has {@link RowWriter.writeBatch}. */
  writeBatch(batch: RowBatch): void {
    for (let from = 0; from < batch.rows;) {
      const writer = (this.#writer ??= this.#open())
      const rows = Math.min(batch.rows - from, this.#roomIn(writer))
      if (!writer.writeBatch!(rows === batch.rows ? batch : batch.part(from, rows))) {
        this.#next()
        continue
      }
      from += rows
      this.#endFull(writer)
    }
  }

  /** Begins a file although there is no row for it. */
  writeNothing(): void {
    this.#writer ??= this.#open()
  }

  flush(): void {
    this.#writer?.flush()
  }

  /** Finishes the last file. @returns the entries of all files for the manifest, in their order */
  close(): readonly ManifestFile[] {
    this.#next()
    return this.#closed
  }

  #endFull(writer: RowWriter): void {
    if (writer.rows >= this.#maxItems || writer.bytes >= this.#maxBytes) this.#next()
  }

  /**
   * Rows that a file may take at once. Where bytes are counted it is half of those that should fit, by the rows that it has:
   * so it comes to its last row one by one, unless rows get much longer all at once.
   */
  #roomIn({ rows, bytes }: RowWriter): number {
    const items = this.#maxItems - rows
    if (this.#maxBytes === Infinity) return items
    if (rows === 0) return 1
    return Math.max(1, Math.min(items, mostRowsAtOnce, Math.floor((this.#maxBytes - bytes) / (bytes / rows) / 2)))
  }

  #next(): void {
    const writer = this.#writer
    if (writer === undefined) return
    this.#writer = undefined
    const file = writer.close()
    this.#closed.push(file)
    const columns = writer.integerColumns ?? []
    if (columns.length > 0) this.integerColumns.set(file.job_id, columns)
  }
}
