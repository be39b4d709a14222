import { JsonReader, JsonSyntaxError, TerminalError, type RowsByPath, type Value } from '@gantry/common'
import type { ContractReport } from './contract-report.ts'
import { atLine, malformed } from './input-errors.ts'
import type { RangeTask } from './range-messages.ts'
import { markerBytes, type LineBlock } from './read-lines.ts'
import type { RelationalNormalizer } from './relational.ts'

/** Reads the rows of a range, block by block, into their tables. */
export interface RangeRows extends Disposable {
  readonly counts: RowsByPath
  /** Adds the rows of the next block. @throws {MalformedJson} */
  add(block: LineBlock): Promise<void>
}

/** The reference path: each row becomes values, and each value is judged. */
export class ReferenceRows implements RangeRows {
  readonly #task: RangeTask
  readonly #relational: RelationalNormalizer
  readonly #report: ContractReport
  #line = 1
  #rows = 0

  constructor(task: RangeTask, relational: RelationalNormalizer, report: ContractReport) {
    this.#task = task
    this.#relational = relational
    this.#report = report
  }

  get counts(): RowsByPath {
    return { fast: 0, reference: this.#rows }
  }

  async add(block: LineBlock): Promise<void> {
    const { bytes } = block
    const reader = JsonReader.ofUtf8(bytes)
    for (let start = 0; start < bytes.length; this.#line++) {
      const newline = bytes.indexOf(0x0a, start)
      const end = newline < 0 ? bytes.length : newline
      reader.seek(start, end)
      this.#report.line = this.#line
      try {
        if (!reader.atEnd()) this.#addLine(block, reader, start, end)
      } catch (error) {
        throw await locate(error, bytes.subarray(start, end), start, this.#line, this.#task)
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
    const hasMarkers = lineHasMarkers(block, start, end)
    reader.readElements((item: Value) => {
      this.#rows++
      this.#relational.add(item, table, hasMarkers)
    })
    reader.expectEnd()
  }
}

/** Strings of a line of typed JSON may begin with type markers. */
export function lineHasMarkers(block: LineBlock, start: number, end: number): boolean {
  return block.hasMarkers && block.bytes.subarray(start, end).includes(markerBytes)
}

/** The error that a user gets for what was thrown over a line, which begins at `start` in its block. */
export async function locate(
  error: unknown,
  lineBytes: Buffer,
  start: number,
  line: number,
  task: RangeTask,
): Promise<unknown> {
  if (error instanceof JsonSyntaxError) return malformed(error, lineBytes, error.offset - start, line, task)
  return error instanceof TerminalError ? atLine(error, line, task) : error
}
