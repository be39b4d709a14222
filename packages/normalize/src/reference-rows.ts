import { JsonReader, type RowsByPath, type Value } from '@gantry/common'
import { locate } from './input-errors.ts'
import type { RangeTask } from './range-messages.ts'
import type { RangeRows } from './range-rows.ts'
import type { LineBlock } from './read-lines.ts'
import type { RelationalNormalizer } from './relational.ts'

/** The reference path: each row becomes values, and each value is judged. */
export class ReferenceRows implements RangeRows {
  readonly #task: RangeTask
  readonly #relational: RelationalNormalizer
  /** Number of the next block's first line. */
  line = 1
  #rows = 0

  constructor(task: RangeTask, relational: RelationalNormalizer) {
    this.#task = task
    this.#relational = relational
  }

  get counts(): RowsByPath {
    return { fast: 0, reference: this.#rows }
  }

  async add(block: LineBlock): Promise<void> {
    const { bytes } = block
    const reader = JsonReader.ofUtf8(bytes)
    for (let start = 0; start < bytes.length; this.line++) {
      const newline = bytes.indexOf(0x0a, start)
      const end = newline < 0 ? bytes.length : newline
      reader.seek(start, end)
      this.#relational.options.report.line = this.line
      try {
        if (!reader.atEnd()) this.#addLine(block, reader, start, end)
      } catch (error) {
        throw await locate(error, bytes.subarray(start, end), start, this.line, this.#task)
      }
      start = end + 1
    }
  }

  [Symbol.dispose](): void {}

  #addLine(block: LineBlock, reader: JsonReader, start: number, end: number): void {
    const { table, format } = this.#task
    if (format === 'ndjson') {
      const item = reader.readValue()
      reader.expectEnd()
      this.#rows++
      this.#relational.add(item, table, false)
      return
    }
    const hasMarkers = block.hasMarkers(start, end)
    reader.readElements((item: Value) => {
      this.#rows++
      this.#relational.add(item, table, hasMarkers)
    })
    reader.expectEnd()
  }
}
