import type { Codec } from './compression.ts'
import {
  dataPageFields,
  encodings,
  numberAt,
  pageFields,
  pageHeader,
  structAt,
  type Encoding,
  type Sizes,
} from './metadata.ts'
import { decodeIntegers } from './page-encoder.ts'
import { integersAsDoubles, type IntegerWidth } from './plain-values.ts'
import { decodeStruct, encodeStruct } from './thrift-compact.ts'

/*
 * A page, version 1: a header, then which rows have a value, then the values. The last two are compressed together.
 */

/** A page that is ready for the file. */
export interface SealedPage extends Sizes {
  readonly encoding: Encoding
  /** What goes to the file, in pieces. */
  readonly blocks: readonly Uint8Array[]
}

/**
 * @param levels  definition levels with their size in front; see `presence.ts`
 * @param values  in pieces
 */
export function sealPage(
  rows: number,
  levels: Uint8Array,
  encoding: Encoding,
  values: readonly Uint8Array[],
  codec: Codec,
): SealedPage {
  // Without compression values are not copied.
  const plain = [levels, ...values]
  const body = codec.id === 0 ? plain : [codec.compress(Buffer.concat(plain))]
  const [bytes, compressedBytes] = [sizeOf(plain), sizeOf(body)]
  const header = encodeStruct(pageHeader(rows, encoding, bytes, compressedBytes))
  return {
    encoding,
    blocks: [header, ...body],
    bytes: header.length + bytes,
    compressedBytes: header.length + compressedBytes,
  }
}

/**
 * The page that begins at `start`, with doubles in place of its integers.
 *
 * @returns the page, and where the bytes behind it begin
 */
export function widenPage(
  bytes: Uint8Array,
  start: number,
  width: IntegerWidth,
  codec: Codec,
): { readonly page: SealedPage; readonly end: number } {
  const { fields, end: from } = decodeStruct(bytes, start)
  const end = from + numberAt(fields, pageFields.compressedBytes)
  const about = structAt(fields, pageFields.values)
  const body = codec.expand(bytes.subarray(from, end))
  const levelBytes = 4 + new DataView(body.buffer, body.byteOffset).getInt32(0, true)
  const isDelta = numberAt(about, dataPageFields.encoding) === encodings.deltaIntegers
  const integers = isDelta ? decodeIntegers(body.subarray(levelBytes)) : body.subarray(levelBytes)
  const doubles = integersAsDoubles(integers, width)
  const rows = numberAt(about, dataPageFields.rows)
  return { page: sealPage(rows, body.subarray(0, levelBytes), encodings.plain, [doubles], codec), end }
}

function sizeOf(blocks: readonly Uint8Array[]): number {
  return blocks.reduce((sum, block) => sum + block.length, 0)
}
