import { fstatSync, readSync } from 'node:fs'
import { TerminalError } from '@gantry/common'
import { decodeStruct, encodeStruct, type ThriftFields } from './thrift-compact.ts'

/*
 * The frame of a file: `PAR1`, row groups, metadata, the metadata's size in 4 bytes, `PAR1`. A row group holds the chunks
 * of all columns one behind the other, a chunk its pages.
 */

/** What every file begins and ends with. */
export const magic: Uint8Array = Buffer.from('PAR1')
/** The metadata's size and the magic behind it. */
const tailBytes = 8

/** A file that should be a Parquet file of ours and is not. */
export class ParquetFileError extends TerminalError {
  override readonly code = 'parquet_file'
}

/** What a file ends with. */
export function footer(metadata: ThriftFields): readonly Uint8Array[] {
  const bytes = encodeStruct(metadata)
  const size = Buffer.alloc(4)
  size.writeInt32LE(bytes.length)
  return [bytes, size, magic]
}

/**
 * The metadata of a file.
 *
 * @param file  its descriptor
 * @throws {ParquetFileError} it does not end as a Parquet file does
 */
export function readFooter(file: number, path: string): ThriftFields {
  const { size } = fstatSync(file)
  const tail = readAt(file, Math.max(0, size - tailBytes), Math.min(size, tailBytes))
  const bytes = size < tailBytes + magic.length ? -1 : tail.readInt32LE(0)
  if (bytes < 0 || bytes > size - tailBytes || !tail.subarray(4).equals(magic)) {
    throw new ParquetFileError(`${path} is no complete Parquet file. Run normalize again, which makes it anew.`, {
      path,
    })
  }
  return decodeStruct(readAt(file, size - tailBytes - bytes, bytes), 0).fields
}

/** @throws {RangeError} the file ends before */
export function readAt(file: number, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(length)
  let at = 0
  while (at < length) {
    const count = readSync(file, buffer, at, length - at, offset + at)
    if (count === 0) throw new RangeError(`it ends at byte ${offset + at}`)
    at += count
  }
  return buffer
}
