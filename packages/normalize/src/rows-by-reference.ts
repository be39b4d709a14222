import { JsonReader } from '@gantry/common'
import type { RangeTask } from './range-messages.ts'
import type { LineBlock } from './read-lines.ts'
import type { RelationalNormalizer } from './relational.ts'

/** Single rows of a block that take the reference path. */
export class RowsByReference {
  readonly #block: LineBlock
  readonly #task: RangeTask
  readonly #relational: RelationalNormalizer
  readonly #isTyped: boolean
  /** Reads a part of the block, which begins at `base` and ends at `#decodedEnd`. */
  #reader = new JsonReader('')
  base = 0
  #decodedEnd = 0
  /** Where the last row ended. */
  #rowEnd = -1
  /** The line that was asked about last, and whether it has markers. */
  #lineStart = -1
  #lineEnd = -1
  #hasMarkers = false

  constructor(block: LineBlock, task: RangeTask, relational: RelationalNormalizer) {
    this.#block = block
    this.#task = task
    this.#relational = relational
    this.#isTyped = task.format === 'typed-jsonl'
  }

  /** Adds the row at `at`. @returns where reading goes on */
  addRow(at: number, line: number): number {
    const [, end] = this.lineAt(at)
    const reader = this.#seek(at, end)
    this.#relational.options.report.line = line
    const item = reader.readValue()
    if (!this.#isTyped) reader.expectEnd()
    this.#relational.add(item, this.#task.table, this.#hasMarkers)
    this.#rowEnd = this.#isTyped ? reader.pos + this.base : end + 1
    return this.#rowEnd
  }

  /** A line by itself; from the second of lines that follow one another, all of the block that is left. */
  #seek(at: number, end: number): JsonReader {
    if (at < this.base || end > this.#decodedEnd) {
      const { bytes } = this.#block
      this.base = at
      this.#decodedEnd = at === this.#rowEnd ? bytes.length : end
      this.#reader = JsonReader.ofUtf8(bytes.subarray(at, this.#decodedEnd))
    }
    this.#reader.seek(at - this.base, end - this.base)
    return this.#reader
  }

  /** Throws what is wrong with the line at `at`, of which more is wrong than one of its rows. */
  fail(at: number): never {
    const [start, end] = this.lineAt(at)
    const reader = this.#seek(start, end)
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
      this.#hasMarkers = this.#isTyped && this.#block.hasMarkers(this.#lineStart, this.#lineEnd)
    }
    return [this.#lineStart, this.#lineEnd]
  }
}
