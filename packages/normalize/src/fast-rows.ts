import { JsonReader, type Capabilities, type RowIds, type RowsByPath } from '@gantry/common'
import type { ContractReport } from './contract-report.ts'
import type { Fitter } from './fit.ts'
import type { RangeTask } from './range-messages.ts'
import type { LineBlock } from './read-lines.ts'
import { lineHasMarkers, locate, type RangeRows } from './reference-rows.ts'
import type { RelationalNormalizer } from './relational.ts'
import type { TableState } from './table-state.ts'
import type { PlanSource } from './transcoder/compile-plan.ts'
import type { CountedRowIds } from './transcoder/counted-row-ids.ts'
import { hasSystemType, scalarRules, type TranscodedFormat } from './transcoder/scalar-rules.ts'
import { Transcoder } from './transcoder/transcoder.ts'
import type { TableWriter } from './writers/table-writer.ts'

/** What the fast path works with. */
export interface FastRowsOptions {
  readonly task: RangeTask
  readonly relational: RelationalNormalizer
  readonly report: ContractReport
  readonly fitter: Fitter
  readonly format: TranscodedFormat
  readonly rootIds: RowIds
  readonly nestedIds: CountedRowIds
  openWriter(table: TableState): TableWriter
}

/**
 * Plans that may follow one another without pause. Rows that always bring something new, such as keys that are data, would
 * otherwise cost a plan each.
 */
const plansInRow = 64

/**
 * The fast path: the transcoder takes the rows that are already what their columns hold; each other one goes the reference
 * path, and what is learned of it makes the next plan. Rows stay in their order.
 */
export class FastRows implements RangeRows {
  readonly #options: FastRowsOptions
  readonly #transcoder: Transcoder
  readonly #planSource: PlanSource
  readonly #isTyped: boolean
  /** Findings that the plan is made of. */
  #planned = -1
  /** Plans since a whole block was read by one. */
  #plans = 0
  #line = 1
  #fast = 0
  #reference = 0

  constructor(options: FastRowsOptions) {
    const { task, relational, fitter, format, rootIds, nestedIds } = options
    const capabilities: Capabilities = task.capabilities
    this.#options = options
    this.#transcoder = new Transcoder(rootIds, nestedIds)
    this.#isTyped = task.format === 'typed-jsonl'
    this.#planSource = {
      relational,
      root: relational.root(task.table),
      loadId: task.loadId,
      scalarRule: scalarRules(fitter, format, capabilities),
      hasSystemType: (column, kind) => hasSystemType(column, kind, format, capabilities),
    }
  }

  get counts(): RowsByPath {
    return { fast: this.#fast, reference: this.#reference }
  }

  async add(block: LineBlock): Promise<void> {
    const transcoder = this.#transcoder
    const reference = new RowsByReference(block, this.#options, this.#isTyped)
    transcoder.begin(block.bytes)
    const isPaused = this.#plans > plansInRow
    this.#plans = 0
    this.#plan(isPaused)
    for (let at = 0; ;) {
      const stop = transcoder.scan(at, this.#isTyped, this.#options.format === 'jsonl')
      this.#line += transcoder.lines
      at = transcoder.position
      const rows = this.#flush()
      if (stop === 'end') return
      if (stop === 'full' && rows > 0) continue
      try {
        if (stop === 'malformed') reference.fail(at)
        at = reference.addRow(at, this.#line)
      } catch (error) {
        const [start, end] = reference.lineAt(at)
        throw await locate(error, block.bytes.subarray(start, end), start, this.#line, this.#options.task)
      }
      this.#reference++
      if (this.#isTyped) transcoder.passElement()
      else this.#line++
      this.#plan(isPaused || this.#plans > plansInRow)
    }
  }

  [Symbol.dispose](): void {
    this.#transcoder[Symbol.dispose]()
  }

  /** Makes a plan where something new is known. */
  #plan(isPaused: boolean): void {
    const { count } = this.#options.relational.findings
    if (count === this.#planned) return
    this.#planned = isPaused ? -1 : count
    this.#plans++
    this.#transcoder.adopt(this.#planSource, isPaused)
  }

  /** Writes what the transcoder has gathered. @returns how many root rows */
  #flush(): number {
    const rows = this.#transcoder.flush((table, batch) => {
      table.writer ??= this.#options.openWriter(table)
      table.writer.writeBatch(batch)
      table.rows += batch.rows
    })
    this.#fast += rows
    return rows
  }
}

/** Single rows of a block that take the reference path. */
class RowsByReference {
  readonly #block: LineBlock
  readonly #options: FastRowsOptions
  readonly #isTyped: boolean
  #reader: JsonReader | undefined
  /** The line that was asked about last, and whether it has markers. */
  #lineStart = -1
  #lineEnd = -1
  #hasMarkers = false

  constructor(block: LineBlock, options: FastRowsOptions, isTyped: boolean) {
    this.#block = block
    this.#options = options
    this.#isTyped = isTyped
  }

  /** Adds the row at `at`. @returns where reading goes on */
  addRow(at: number, line: number): number {
    const { relational, report, task } = this.#options
    const [, end] = this.lineAt(at)
    const reader = (this.#reader ??= JsonReader.ofUtf8(this.#block.bytes))
    reader.seek(at, end)
    report.line = line
    const item = reader.readValue()
    if (!this.#isTyped) reader.expectEnd()
    relational.add(item, task.table, this.#hasMarkers)
    return this.#isTyped ? reader.pos : end + 1
  }

  /** Throws what is wrong with the line at `at`, of which more is wrong than one of its rows. */
  fail(at: number): never {
    const [start, end] = this.lineAt(at)
    const reader = JsonReader.ofUtf8(this.#block.bytes)
    reader.seek(start, end)
    reader.readElements(() => undefined)
    reader.expectEnd()
    throw new Error(`line at ${start} is an array after all`)
  }

  /** Start and end of the line that holds this place. */
  lineAt(at: number): readonly [start: number, end: number] {
    const { bytes } = this.#block
    if (at < this.#lineStart || at > this.#lineEnd || this.#lineStart < 0) {
      const newline = bytes.indexOf(0x0a, at)
      this.#lineEnd = newline < 0 ? bytes.length : newline
      this.#lineStart = at === 0 ? 0 : bytes.lastIndexOf(0x0a, at - 1) + 1
      this.#hasMarkers = this.#isTyped && lineHasMarkers(this.#block, this.#lineStart, this.#lineEnd)
    }
    return [this.#lineStart, this.#lineEnd]
  }
}
