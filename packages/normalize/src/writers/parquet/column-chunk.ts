import type { DataType } from '@gantry/common'
import type { ColumnState } from '../../table-state.ts'
import type { ColumnValues } from '../row-writer.ts'
import { giveBuffer } from './buffer-pool.ts'
import type { Codec } from './compression.ts'
import { nextPlace, type Sizes } from './metadata.ts'
import { sealPage, widenPage, type SealedPage } from './page.ts'
import type { ParquetType } from './parquet-type.ts'
import { PlainValues } from './plain-values.ts'
import { Presence } from './presence.ts'

/**
 * A page is full when its values have so many bytes: a little less than the largest buffer of the pool, so that most
 * values that fill it still fit in. Readers do best with pages of about a megabyte.
 */
const fullPageBytes = (1 << 20) - (1 << 12)

/** One column of the open row group: pages that are full, and the one that is being filled. */
export class ColumnChunk {
  readonly table: string
  readonly column: ColumnState
  /** Type of its values, in dlt's word; that of the column is ahead of it where that has just been widened. */
  dataType: DataType | undefined
  type: ParquetType
  /** Rows so far; those of other columns may be ahead, and then this one's are null. */
  rows = 0
  /** Values of the page that is being filled; after each one comes {@link endValue}. */
  readonly values: PlainValues = new PlainValues()
  readonly #presence = new Presence()
  readonly #codec: Codec
  #pages: SealedPage[] = []
  /** Buffers that pages lie in. */
  #buffers: Buffer[] = []

  constructor(table: string, column: ColumnState, type: ParquetType, codec: Codec) {
    this.table = table
    this.column = column
    this.dataType = column.type
    this.type = type
    this.#codec = codec
  }

  /** Values, not nulls, of the page that is being filled. */
  get valuesOfPage(): number {
    return this.#presence.values
  }

  /** A value was added. @returns bytes that compression has saved by it */
  endValue(): number {
    this.rows++
    this.#presence.addValue()
    return this.values.used < fullPageBytes ? 0 : this.#seal()
  }

  /**
   * Adds the values that so many rows have, nulls included.
   *
   * @returns bytes that they took, less those that compression has saved by it
   */
  addBatch(rows: number, { bytes, count, presence }: ColumnValues): { readonly bytes: number; readonly saved: number } {
    const isFull = this.values.used > 0 && this.values.used + bytes.length > fullPageBytes
    let saved = isFull ? this.#seal() : 0
    const before = this.values.used
    if (this.type.kind === 'bool') {
      for (let index = 0; index < count; index++) this.values.addBool(bytes[index] === 1, this.#presence.values + index)
    } else this.values.addPlain(bytes)
    const added = this.values.used - before
    this.rows += rows
    this.#presence.addBatch(rows, count, presence)
    if (this.values.used >= fullPageBytes) saved += this.#seal()
    return { bytes: added, saved }
  }

  addNulls(count: number): void {
    this.rows += count
    this.#presence.addNulls(count)
  }

  /** Sizes of what is in memory; levels of the page that is being filled do not count. */
  sizes(): Sizes {
    const { used } = this.values
    return nextPlace(0, [...this.#pages, { bytes: used, compressedBytes: used }])
  }

  /** Makes a column of doubles of one of integers, with all rows so far. */
  widenToDouble(double: ParquetType): void {
    const width = this.type.physical === 'int32' ? 4 : 8
    this.dataType = 'double'
    this.type = double
    this.values.widenToDouble(width)
    this.#pages = this.#pages.map(({ blocks }) => widenPage(Buffer.concat(blocks), 0, width, this.#codec).page)
    this.#releaseBuffers()
  }

  /** Ends the chunk. @returns its pages; their bytes hold until {@link clear} */
  finish(): readonly SealedPage[] {
    if (this.#presence.rows > 0) this.#seal()
    return this.#pages
  }

  /** Begins the next row group. */
  clear(): void {
    this.rows = 0
    this.#pages = []
    this.values.clear()
    this.#releaseBuffers()
  }

  #seal(): number {
    const { rows } = this.#presence
    const page = sealPage(rows, this.#presence.encode(), this.values.bytes(), this.#codec)
    this.#pages.push(page)
    this.#presence.clear()
    // Without compression the page lies in the buffer of its values.
    if (this.#codec.id === 0) this.#buffers.push(this.values.detach())
    else this.values.reuse()
    return page.bytes - page.compressedBytes
  }

  #releaseBuffers(): void {
    for (const buffer of this.#buffers) giveBuffer(buffer)
    this.#buffers = []
  }
}
