import type { RowsByPath } from '@gantry/common'
import type { LineBlock } from './read-lines.ts'

/** Reads the rows of a range, block by block, into their tables. */
export interface RangeRows extends Disposable {
  readonly counts: RowsByPath
  /** Adds the rows of the next block. @throws {MalformedJson} */
  add(block: LineBlock): Promise<void>
}
