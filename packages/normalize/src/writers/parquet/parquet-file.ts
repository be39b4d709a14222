import type { LoadFile } from '../load-file.ts'
import type { ColumnChunk } from './column-chunk.ts'
import type { Codec } from './compression.ts'
import { footer, magic } from './footer.ts'
import { columnChunk, encodingsOf, fileMetadata, nextPlace, rowGroup, schemaElement, spannedBy } from './metadata.ts'
import { encodeStruct, type ThriftValue } from './thrift-compact.ts'

/** A Parquet file that grows by row groups. It is on disk from the first one. */
export class ParquetFile {
  readonly #file: LoadFile
  readonly #codec: Codec
  readonly #rowGroups: ThriftValue[] = []
  #rows = 0

  constructor(file: LoadFile, codec: Codec) {
    this.#file = file
    this.#codec = codec
  }

  /** Whether a row group is on disk: from then on no column can be added. */
  get hasRowGroups(): boolean {
    return this.#rowGroups.length > 0
  }

  /** @param rows  rows that each of the chunks has */
  appendRowGroup(chunks: readonly ColumnChunk[], rows: number): void {
    const blocks: Uint8Array[] = this.hasRowGroups ? [] : [magic]
    let offset = this.hasRowGroups ? this.#file.bytes : magic.length
    const places = chunks.map((chunk) => {
      const pages = chunk.finish()
      for (const page of pages) blocks.push(...page.blocks)
      const place = nextPlace(offset, pages)
      offset += place.compressedBytes
      return { place, pages: encodingsOf(pages) }
    })
    this.#file.appendAll(blocks)
    const columns = chunks.map(({ column, type }, index) =>
      columnChunk({ name: column.name, type, pages: places[index]!.pages }, rows, this.#codec.id, places[index]!.place),
    )
    // As bytes it takes a fraction of the memory, and there may be many.
    this.#rowGroups.push({
      type: 'encoded',
      bytes: encodeStruct(rowGroup(columns, rows, spannedBy(places.map(({ place }) => place)))),
    })
    this.#rows += rows
  }

  /** Writes the metadata. The columns are those of all row groups; a file without any has columns all the same. */
  end(chunks: readonly ColumnChunk[]): void {
    const columns = chunks.map(({ column, type }) => schemaElement(column.name, type))
    const end = footer(fileMetadata(columns, this.#rows, this.#rowGroups))
    this.#file.appendAll(this.hasRowGroups ? end : [magic, ...end])
  }
}
