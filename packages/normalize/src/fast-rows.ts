import type { RowsByPath } from '@gantry/common'
import { locate } from './input-errors.ts'
import type { RangeTask } from './range-messages.ts'
import type { RangeRows } from './range-rows.ts'
import type { LineBlock } from './read-lines.ts'
import type { RelationalNormalizer } from './relational.ts'
import { ReferenceRows } from './reference-rows.ts'
import { RowsByReference } from './rows-by-reference.ts'
import type { PlanSource } from './transcoder/compile-plan.ts'
import { hasSystemType, scalarRules, type TranscodedFormat } from './transcoder/scalar-rules.ts'
import { Transcoder } from './transcoder/transcoder.ts'

/**
 * Bytes of plans for one block, some ten thousand keys. Rows that always bring something new, such as keys that are data,
 * would otherwise cost a plan each. Where they are spent, the rest of the block and some blocks more go the reference path.
 */
const mostPlanBytes = 1 << 20
/** Where so many rows of a block, and more than one of three, are not for the transcoder, it rests likewise. */
const rowsBeforeRest = 64
const blocksOfRest = 16

/**
 * The fast path: the transcoder takes the rows that are already what their columns hold; each other one goes the reference
 * path, and what is learned of it makes the next plan. Rows stay in their order.
 */
export class FastRows implements RangeRows {
  readonly #task: RangeTask
  /** For blocks whose rows are not for the transcoder; and the one that knows which line is next. */
  readonly #slow: ReferenceRows
  readonly #relational: RelationalNormalizer
  readonly #transcoder: Transcoder
  readonly #planSource: PlanSource
  readonly #isTyped: boolean
  /** The order of a row's keys shows in the load file. */
  readonly #isOrdered: boolean
  /** Findings that the plan is made of. */
  #planned = -1
  /** Bytes of plans, and rows by path, since the block began. */
  #planBytes = 0
  #fastBefore = 0
  #referenceBefore = 0
  /** Blocks to come that go the reference path. */
  #resting = 0
  #fast = 0
  #reference = 0

  constructor(task: RangeTask, relational: RelationalNormalizer, format: TranscodedFormat) {
    const { capabilities, fitter, loadId, rootIds, nestedIds } = relational.options
    this.#task = task
    this.#slow = new ReferenceRows(task, relational)
    this.#relational = relational
    this.#transcoder = new Transcoder(rootIds, nestedIds)
    this.#isTyped = task.format === 'typed-jsonl'
    this.#isOrdered = format === 'jsonl'
    this.#planSource = {
      relational,
      root: relational.root(task.table),
      loadId,
      scalarRule: scalarRules(fitter, format, capabilities),
      hasSystemType: (column, kind) => hasSystemType(column, kind, format, capabilities),
    }
  }

  get counts(): RowsByPath {
    return { fast: this.#fast, reference: this.#reference + this.#slow.counts.reference }
  }

  async add(block: LineBlock): Promise<void> {
    if (this.#resting > 0) {
      this.#resting--
      await this.#slow.add(block)
      return
    }
    const transcoder = this.#transcoder
    const reference = new RowsByReference(block, this.#task, this.#relational)
    transcoder.begin(block.bytes)
    this.#planBytes = 0
    this.#fastBefore = this.#fast
    this.#referenceBefore = this.#reference
    this.#plan()
    for (let at = 0; ;) {
      const stop = transcoder.scan(at, this.#isTyped, this.#isOrdered)
      this.#slow.line += transcoder.lines
      at = transcoder.position
      const rows = this.#flush()
      if (stop === 'end') return
      if (stop === 'full' && rows > 0) continue
      try {
        if (stop === 'malformed') reference.fail(at)
        at = reference.addRow(at, this.#slow.line)
      } catch (error) {
        const [start, end] = reference.lineAt(at)
        throw await locate(error, block.bytes.subarray(start, end), start - reference.base, this.#slow.line, this.#task)
      }
      this.#reference++
      if (this.#isTyped) transcoder.passElement()
      else this.#slow.line++
      this.#plan()
    }
  }

  [Symbol.dispose](): void {
    this.#transcoder[Symbol.dispose]()
  }

  /** Makes a plan where something new is known; one by which nothing is taken, where plans do not pay. */
  #plan(): void {
    if (this.#resting > 0) return
    const { count } = this.#relational.findings
    const isPaused = this.#planBytes > mostPlanBytes || this.#isMostlyReference()
    if (!isPaused && count === this.#planned) return
    if (isPaused) this.#resting = blocksOfRest
    this.#planned = isPaused ? -1 : count
    this.#planBytes += this.#transcoder.adopt(this.#planSource, isPaused)
  }

  #isMostlyReference(): boolean {
    const reference = this.#reference - this.#referenceBefore
    return reference >= rowsBeforeRest && reference * 2 > this.#fast - this.#fastBefore
  }

  /** Writes what the transcoder has gathered. @returns how many root rows */
  #flush(): number {
    const rows = this.#transcoder.flush((table, batch) => {
      this.#relational.writerOf(table).writeBatch(batch)
      table.rows += batch.rows
    })
    this.#fast += rows
    return rows
  }
}
