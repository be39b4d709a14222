import { physicalTypes, type ParquetType } from './parquet-type.ts'
import { i32, i64, list, struct, text, type ThriftFields, type ThriftValue } from './thrift-compact.ts'

/*
 * The structs of Parquet's metadata, as far as this writer uses them, with their field numbers. Source: Apache Parquet,
 * `src/main/thrift/parquet.thrift`.
 */

/** By number: DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY and DELTA_BYTE_ARRAY are the last three. */
export const encodings = { plain: 0, rle: 3, deltaIntegers: 5, texts: 6, sharedTexts: 7 } as const
export type Encoding = (typeof encodings)[keyof typeof encodings]
const repetitions = { optional: 1 } as const
const dataPageV1 = 0
const formatVersion = 2

/** Fields by which files are read again. */
export const fileFields = { schema: 2, rowGroups: 4 } as const
export const schemaFields = { name: 4 } as const
export const rowGroupFields = { columns: 1, bytes: 2, rows: 3, offset: 5, compressedBytes: 6 } as const
export const columnChunkFields = { metadata: 3 } as const
export const columnFields = {
  type: 1,
  encodings: 2,
  codec: 4,
  bytes: 6,
  compressedBytes: 7,
  firstPageOffset: 9,
} as const
export const pageFields = { compressedBytes: 3, values: 5 } as const
export const dataPageFields = { rows: 1, encoding: 2 } as const

/** A column of the schema. All may be null. */
export function schemaElement(name: string, type: ParquetType): ThriftValue {
  const isDecimal = type.kind === 'decimal'
  return struct(
    [1, i32(physicalTypes[type.physical])],
    [2, type.physical === 'fixed' ? i32(type.fixedBytes) : undefined],
    [3, i32(repetitions.optional)],
    [schemaFields.name, text(name)],
    [6, type.converted === undefined ? undefined : i32(type.converted)],
    [7, isDecimal ? i32(type.scale) : undefined],
    [8, isDecimal ? i32(type.size) : undefined],
    [10, type.logical],
  )
}

/** A page of so many rows, nulls among them. */
export function pageHeader(rows: number, encoding: Encoding, bytes: number, compressedBytes: number): ThriftFields {
  return struct(
    [1, i32(dataPageV1)],
    [2, i32(bytes)],
    [pageFields.compressedBytes, i32(compressedBytes)],
    [
      pageFields.values,
      struct(
        [dataPageFields.rows, i32(rows)],
        [dataPageFields.encoding, i32(encoding)],
        [3, i32(encodings.rle)],
        [4, i32(encodings.rle)],
      ),
    ],
  ).fields
}

/** Sizes with the headers of pages, before and after compression. */
export interface Sizes {
  readonly bytes: number
  readonly compressedBytes: number
}

/** Where pages lie in a file. */
export interface Place extends Sizes {
  readonly offset: number
}

/** Where pages lie that begin at that offset. */
export function nextPlace(offset: number, pages: readonly Sizes[]): Place {
  let bytes = 0
  let compressedBytes = 0
  for (const page of pages) {
    bytes += page.bytes
    compressedBytes += page.compressedBytes
  }
  return { offset, bytes, compressedBytes }
}

/** The place of all these, which lie one behind the other; there is one at least. */
export function spannedBy(places: readonly Place[]): Place {
  return nextPlace(places[0]!.offset, places)
}

/** The encodings of pages, in the metadata of their column; that of levels is one, too. */
export function encodingsOf(pages: readonly { readonly encoding: Encoding }[]): ThriftValue {
  return list([...new Set([...pages.map(({ encoding }) => encoding), encodings.rle])].map(i32))
}

/** A column of a row group. */
export function columnChunk(
  { name, type, pages }: { readonly name: string; readonly type: ParquetType; readonly pages: ThriftValue },
  rows: number,
  codec: number,
  place: Place,
): ThriftValue {
  const metadata = struct(
    [columnFields.type, i32(physicalTypes[type.physical])],
    [columnFields.encodings, pages],
    [3, list([text(name)])],
    [columnFields.codec, i32(codec)],
    [5, i64(rows)],
    [columnFields.bytes, i64(place.bytes)],
    [columnFields.compressedBytes, i64(place.compressedBytes)],
    [columnFields.firstPageOffset, i64(place.offset)],
  )
  // Field 2 is the offset of a copy of the metadata outside the footer; there is none.
  return struct([2, i64(0)], [columnChunkFields.metadata, metadata])
}

export function rowGroup(columns: readonly ThriftValue[], rows: number, place: Place): ThriftFields {
  return struct(
    [rowGroupFields.columns, list(columns)],
    [rowGroupFields.bytes, i64(place.bytes)],
    [rowGroupFields.rows, i64(rows)],
    [rowGroupFields.offset, i64(place.offset)],
    [rowGroupFields.compressedBytes, i64(place.compressedBytes)],
  ).fields
}

/** What stands at a file's end: all that readers know of it. */
export function fileMetadata(
  columns: readonly ThriftValue[],
  rows: number,
  rowGroups: readonly ThriftValue[],
): ThriftFields {
  const root = struct([schemaFields.name, text('schema')], [5, i32(columns.length)])
  return struct(
    [1, i32(formatVersion)],
    [fileFields.schema, list([root, ...columns])],
    [3, i64(rows)],
    [fileFields.rowGroups, list(rowGroups)],
    [6, text('gantry')],
  ).fields
}

/** The field as a struct; the metadata is our own. */
export function structAt(fields: ThriftFields, id: number): ThriftFields {
  const value = fields.get(id)
  if (value?.type !== 'struct') throw new RangeError(`field ${id} of the metadata is no struct`)
  return value.fields
}

/** The field as a list of structs. */
export function structsAt(fields: ThriftFields, id: number): readonly ThriftFields[] {
  const value = fields.get(id)
  if (value?.type !== 'list') throw new RangeError(`field ${id} of the metadata is no list`)
  return value.items.map((item) => {
    if (item.type !== 'struct') throw new RangeError(`field ${id} of the metadata is no list of structs`)
    return item.fields
  })
}

/** The field as a number. */
export function numberAt(fields: ThriftFields, id: number): number {
  const value = fields.get(id)
  if (typeof value !== 'object' || !('value' in value) || typeof value.value !== 'number') {
    throw new RangeError(`field ${id} of the metadata is no number`)
  }
  return value.value
}

/** The field as text. */
export function textAt(fields: ThriftFields, id: number): string {
  const value = fields.get(id)
  if (value?.type !== 'binary') throw new RangeError(`field ${id} of the metadata is no text`)
  return Buffer.from(value.value).toString()
}
