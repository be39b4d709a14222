import type { Codec } from './compression.ts'
import { dataPageFields, numberAt, pageFields, pageHeader, structAt, type Sizes } from './metadata.ts'
import { integersAsDoubles, type IntegerWidth } from './plain-values.ts'
import { decodeStruct, encodeStruct } from './thrift-compact.ts'

/*
 * A page, version 1: a header, then which rows have a value, then the values. The last two are compressed together.
 */

/** A page that is ready for the file. */
export interface SealedPage extends Sizes {
  /** What goes to the file, in pieces. */
  readonly blocks: readonly Uint8Array[]
}

/** @param levels  definition levels with their size in front; see `presence.ts` */
export function sealPage(rows: number, levels: Uint8Array, values: Uint8Array, codec: Codec): SealedPage {
  const bytes = levels.length + values.length
  // Without compression values are not copied.
  const body = codec.id === 0 ? [levels, values] : [codec.compress(Buffer.concat([levels, values]))]
  const compressedBytes = body.reduce((sum, block) => sum + block.length, 0)
  const header = encodeStruct(pageHeader(rows, bytes, compressedBytes))
  return {
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
  const rows = numberAt(structAt(fields, pageFields.values), dataPageFields.rows)
  const body = codec.expand(bytes.subarray(from, end))
  const levelBytes = 4 + new DataView(body.buffer, body.byteOffset).getInt32(0, true)
  const values = integersAsDoubles(body.subarray(levelBytes), width)
  return { page: sealPage(rows, body.subarray(0, levelBytes), values, codec), end }
}
