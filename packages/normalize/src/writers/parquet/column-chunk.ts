import type { DataType } from '@gantry/common'
import type { ColumnState } from '../../table-state.ts'
import type { ColumnValues } from '../row-writer.ts'
import { giveBuffer } from './buffer-pool.ts'
import type { Codec } from './compression.ts'
import { encodings } from './metadata.ts'
import { encodeValues } from './page-encoder.ts'
import type { PageStore } from './page-store.ts'
import { sealPage, type SealedPage } from './page.ts'
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
  readonly #store: PageStore
  #pages: SealedPage[] = []
  /** Buffers that pages lie in. */
  #buffers: Buffer[] = []

  /** @param store  where its pages lie; emptied with {@link clear} */
  constructor(table: string, column: ColumnState, type: ParquetType, codec: Codec, store: PageStore) {
    this.table = table
    this.column = column
    this.dataType = column.type
    this.type = type
    this.#codec = codec
    this.#store = store
  }

  /** Values, not nulls, of the page that is being filled. */
  get valuesOfPage(): number {
    return this.#presence.values
  }

  /** A value was added. @returns bytes that encoding and compression have saved by it */
  endValue(): number {
    this.rows++
    this.#presence.addValue()
    return this.values.used < fullPageBytes ? 0 : this.#seal()
  }

  /**
   * Adds the values that so many rows have, nulls included.
   *
   * @returns bytes that they took, and those that encoding and compression have saved by it
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

  /** Makes a column of doubles of one of integers, with all rows so far. @returns bytes that they take more */
  widenToDouble(double: ParquetType): number {
    // A row group has fewer rows than a page of integers.
    if (this.#pages.length > 0) throw new Error(`column ${this.column.name} has finished pages already`)
    const { used } = this.values
    this.dataType = 'double'
    this.values.widenToDouble(this.type.physical === 'int32' ? 4 : 8)
    this.type = double
    return this.values.used - used
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
    const { rows, values } = this.#presence
    const plain = this.values.bytes()
    const { encoding, bytes } = encodeValues(this.type.physical, plain, values)
    const isCompressed = this.#codec.id !== 0
    const isPlain = encoding === encodings.plain
    const kept = isCompressed || isPlain ? [bytes] : this.#store.keep(bytes)
    const page = sealPage(rows, this.#presence.encode(), encoding, kept, this.#codec)
    this.#pages.push(page)
    this.#presence.clear()
    const saved = plain.length - bytes.length + page.bytes - page.compressedBytes
    // As it is, the page lies in the buffer of its values.
    if (isPlain && !isCompressed) this.#buffers.push(this.values.detach())
    else this.values.reuse()
    return saved
  }

  #releaseBuffers(): void {
    for (const buffer of this.#buffers) giveBuffer(buffer)
    this.#buffers = []
  }
}
