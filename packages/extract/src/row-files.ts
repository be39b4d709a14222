import type { FileIds, LoadPackage, Logger, ManifestFile } from '@gantry/common'
import { InvalidHint } from './hints/invalid-hint.ts'
import type { TableOfRow } from './hints/hints.ts'
import type { RowCheck } from './hints/row-check.ts'
import type { ResourceCursor } from './incremental/resource-cursor.ts'
import { JobWriter } from './job-writer.ts'
import { typedRowText, type RowNotes } from './typed-row.ts'

/** Rows of one line, dlt's `buffer_max_items`. */
const blockRows = 5000
/** A line is read as a whole, and a file can only be shared by workers at line ends; so it stays about this short. */
const blockChars = 1 << 20
/** Characters that may wait in the blocks of all tables together. */
const waitingChars = 16 << 20

/** Where rows go. */
export interface RowTarget {
  /** One table for all rows, or a function from row to table. */
  readonly tableName: string | TableOfRow
  /** Called with each table's name before its first row. @returns the table in the package; undefined: drop its rows */
  readonly open: (tableName: string) => string | undefined
  readonly check?: RowCheck | undefined
  /** Decides, after the check, which rows are new; where no more can come, the rows end with their page. */
  readonly cursor?: ResourceCursor | undefined
}

/**
 * Writes rows from memory as dlt's `typed-jsonl`, a file for each table: each line is an array of rows.
 *
 * @param onRows  called with the rows written so far
 * @returns the files, in the order in which their tables came up
 */
export async function writeRows(
  rows: Iterable<unknown> | AsyncIterable<unknown>,
  target: RowTarget,
  package_: LoadPackage,
  fileIds: FileIds,
  options: { readonly signal: AbortSignal; readonly log: Logger; readonly onRows: (rows: number) => void },
): Promise<ManifestFile[]> {
  const files = new RowFiles(target, package_, fileIds)
  let reported = 0
  try {
    for await (const item of rows) {
      // A resource may yield pages of rows.
      const page: readonly unknown[] = Array.isArray(item) ? item : [item]
      for (const given of page) {
        if (given === undefined || given === null) continue
        const row = target.check === undefined ? given : await target.check.check(given)
        if (row !== undefined) takeNew(row, files, target.cursor)
      }
      if (files.isFull) {
        options.signal.throwIfAborted()
        await files.flush(false)
        reported = files.rows
        options.onRows(reported)
      }
      if (target.cursor?.isDone) break
    }
    options.signal.throwIfAborted()
    await files.flush(true)
    if (files.rows > reported) options.onRows(files.rows)
    files.report(options.log)
    return await files.close()
  } catch (error) {
    await files.abandon()
    throw error
  }
}

function takeNew(row: unknown, files: RowFiles, cursor: ResourceCursor | undefined): void {
  const admission = cursor?.admit(row)
  if (admission === 'left out') return
  const text = files.take(row)
  if (admission === 'newest' && text !== undefined) cursor?.remember(row, text)
}

/** The files of a resource's tables, each with the rows that wait for their line. */
class RowFiles {
  rows = 0
  /** A line is long enough to be written. */
  isFull = false
  readonly #target: RowTarget
  readonly #package: LoadPackage
  readonly #fileIds: FileIds
  readonly #byName = new Map<string, RowFile | undefined>()
  readonly #byTable = new Map<string, RowFile>()
  /** Rows that came, those that were dropped included. */
  #seen = 0
  #waitingChars = 0

  constructor(target: RowTarget, package_: LoadPackage, fileIds: FileIds) {
    this.#target = target
    this.#package = package_
    this.#fileIds = fileIds
  }

  /** @returns the text that is written; undefined where the row is dropped */
  take(row: unknown): string | undefined {
    this.#seen++
    const file = this.#fileOf(row)
    if (file === undefined) return undefined
    const text = file.take(row)
    this.rows++
    this.#waitingChars += text.length
    this.isFull ||= file.isFull || this.#waitingChars >= waitingChars
    return text
  }

  /** @param isAll  short lines, too; they are written anyway where too much is waiting */
  async flush(isAll: boolean): Promise<void> {
    const isMuch = this.#waitingChars >= waitingChars
    for (const file of this.#byTable.values()) {
      if (isAll || isMuch || file.isFull) this.#waitingChars -= await file.flush()
    }
    this.isFull = false
  }

  report(log: Logger): void {
    for (const [table, { notes }] of this.#byTable) {
      if (notes.notFinite === 0) continue
      log.warn({ table, values: notes.notFinite }, 'NaN and infinite numbers were stored as null')
    }
  }

  async close(): Promise<ManifestFile[]> {
    const files: ManifestFile[] = []
    for (const file of this.#byTable.values()) {
      const closed = await file.close()
      if (closed !== undefined) files.push(closed)
    }
    return files
  }

  async abandon(): Promise<void> {
    for (const file of this.#byTable.values()) await file.abandon()
  }

  #fileOf(row: unknown): RowFile | undefined {
    const { tableName } = this.#target
    const name: unknown = typeof tableName === 'string' ? tableName : tableName(row as Record<string, unknown>)
    if (typeof name !== 'string' || name.trim() === '') {
      throw new InvalidHint(
        `The function "tableName" gave ${JSON.stringify(name) ?? 'nothing'} for row ${this.#seen}. It has to give the name of a table.`,
        { row: this.#seen },
      )
    }
    if (!this.#byName.has(name)) this.#byName.set(name, this.#open(name))
    return this.#byName.get(name)
  }

  /** Two names can be one table, once they are normalized. */
  #open(name: string): RowFile | undefined {
    const table = this.#target.open(name)
    if (table === undefined) return undefined
    const file = this.#byTable.get(table) ?? new RowFile(this.#package, table, this.#fileIds.next())
    this.#byTable.set(table, file)
    return file
  }
}

/** One file, and the rows that will be its next line. */
class RowFile {
  readonly notes: RowNotes = { notFinite: 0 }
  readonly #writer: JobWriter
  #block: string[] = []
  #chars = 0
  #rows = 0

  constructor(package_: LoadPackage, table: string, fileId: string) {
    this.#writer = new JobWriter(package_, table, fileId, 'typed-jsonl')
  }

  get isFull(): boolean {
    return this.#block.length >= blockRows || this.#chars >= blockChars
  }

  /** @returns the text of the row */
  take(row: unknown): string {
    const text = typedRowText(row, this.notes)
    this.#block.push(text)
    this.#chars += text.length
    this.#rows++
    return text
  }

  /** @returns the characters that no longer wait */
  async flush(): Promise<number> {
    const chars = this.#chars
    if (this.#block.length > 0) await this.#writer.write(Buffer.from(`[${this.#block.join(',')}]\n`))
    this.#block = []
    this.#chars = 0
    return chars
  }

  close(): Promise<ManifestFile | undefined> {
    return this.#writer.close(this.#rows)
  }

  abandon(): Promise<void> {
    return this.#writer.abandon()
  }
}
