import type { LoadPackage, Logger, ManifestFile } from '@gantry/common'
import { JobWriter } from './job-writer.ts'
import { writeRowLine } from './row-line.ts'
import { typedRowText, type RowNotes } from './typed-row.ts'
import type { RowBuffer, WaitingRows } from './waiting-rows.ts'

/** Rows of one line, dlt's `buffer_max_items`. */
const blockRows = 5000
/** A line is read as a whole, and a file can only be shared by workers at line ends; so it stays about this short. */
const blockChars = 1 << 20

/** Where rows go. */
export interface RowTarget {
  readonly package_: LoadPackage
  readonly nextFileId: () => string
  readonly waiting: WaitingRows
  /**
   * Called with the name of a table before its first row, and where more is declared of it.
   *
   * @returns the table in the package; undefined: drop its rows
   */
  readonly open: (tableName: string) => string | undefined
  /** Called with the rows written so far. */
  readonly onRows: (rows: number) => void
}

/** The files of a resource's tables, as dlt's `typed-jsonl`: each line is an array of rows. */
export class RowFiles {
  readonly #target: RowTarget
  readonly #byName = new Map<string, { readonly declared: string; readonly file: RowFile | undefined }>()
  readonly #byTable = new Map<string, RowFile>()
  #rows = 0

  constructor(target: RowTarget) {
    this.#target = target
  }

  /**
   * @param declared  tells apart what is declared of the table
   * @returns the text that is written; undefined where the row is dropped
   */
  take(row: unknown, tableName: string, declared = ''): string | undefined {
    const file = this.#fileOf(tableName, declared)
    if (file === undefined) return undefined
    this.#rows++
    const text = file.take(row)
    this.#target.waiting.note(file, text.length)
    return text
  }

  /** Makes a file for the table, be no row there for it. */
  materialize(tableName: string): void {
    this.#fileOf(tableName, '')?.materialize()
  }

  /** Has tables declared anew before their next row. */
  reopen(): void {
    this.#byName.clear()
  }

  report(log: Logger): void {
    for (const [table, { notes }] of this.#byTable) {
      if (notes.notFinite === 0) continue
      log.warn({ table, values: notes.notFinite }, 'NaN and infinite numbers were stored as null')
    }
  }

  /** Writes what waits. @returns the files, in the order in which their tables came up */
  async close(): Promise<ManifestFile[]> {
    const files: ManifestFile[] = []
    for (const file of this.#byTable.values()) {
      await this.#target.waiting.flush(file)
      const closed = await file.close()
      if (closed !== undefined) files.push(closed)
    }
    return files
  }

  async abandon(): Promise<void> {
    for (const file of this.#byTable.values()) await file.abandon()
  }

  /** Two names can be one table, once they are normalized. */
  #fileOf(name: string, declared: string): RowFile | undefined {
    const known = this.#byName.get(name)
    if (known?.declared === declared) return known.file
    const { open, package_, nextFileId, onRows } = this.#target
    const table = open(name)
    const file =
      table === undefined
        ? undefined
        : (this.#byTable.get(table) ?? new RowFile(package_, table, nextFileId(), () => onRows(this.#rows)))
    this.#byName.set(name, { declared, file })
    if (table !== undefined && file !== undefined) this.#byTable.set(table, file)
    return file
  }
}

/** One file, and the rows that will be its next line. */
class RowFile implements RowBuffer {
  readonly notes: RowNotes = { notFinite: 0 }
  waitingChars = 0
  readonly #writer: JobWriter
  readonly #onFlush: () => void
  #block: string[] = []
  #rows = 0
  #isMaterialized = false

  constructor(package_: LoadPackage, table: string, fileId: string, onFlush: () => void) {
    this.#writer = new JobWriter(package_, table, fileId, 'typed-jsonl')
    this.#onFlush = onFlush
  }

  get isFull(): boolean {
    return this.#block.length >= blockRows || this.waitingChars >= blockChars
  }

  /** @returns the text of the row */
  take(row: unknown): string {
    const text = typedRowText(row, this.notes)
    this.#block.push(text)
    this.waitingChars += text.length
    this.#rows++
    return text
  }

  materialize(): void {
    this.#isMaterialized = true
  }

  async flush(): Promise<void> {
    if (this.#block.length === 0) return
    const rows = this.#block
    this.#block = []
    this.waitingChars = 0
    await writeRowLine(rows, (line) => this.#writer.write(line))
    await this.#writer.rest()
    this.#onFlush()
  }

  async close(): Promise<ManifestFile | undefined> {
    if (this.#rows === 0 && this.#isMaterialized) await this.#writer.write(Buffer.from('\n'))
    return this.#writer.close(this.#rows)
  }

  abandon(): Promise<void> {
    return this.#writer.abandon()
  }
}
