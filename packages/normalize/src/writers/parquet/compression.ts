import * as zlib from 'node:zlib'
import { InvalidUsage } from '@gantry/common'

/** How pages of Parquet files are compressed. */
export const pageCompressions = ['none', 'gzip', 'zstd'] as const
export type PageCompression = (typeof pageCompressions)[number]

/** One way of compressing pages. */
export interface Codec {
  /** Number of the codec in Parquet's metadata. */
  readonly id: number
  compress(bytes: Uint8Array): Uint8Array
  expand(bytes: Uint8Array): Uint8Array
}

/** zstd came to Node with 22.15. */
const zstd = zlib as { zstdCompressSync?: Codec['compress']; zstdDecompressSync?: Codec['expand'] }

const codecs: Readonly<Record<PageCompression, Codec | undefined>> = {
  none: { id: 0, compress: (bytes) => bytes, expand: (bytes) => bytes },
  // Level 1 takes half the time of the default level for about a tenth more bytes.
  gzip: { id: 2, compress: (bytes) => zlib.gzipSync(bytes, { level: 1 }), expand: (bytes) => zlib.gunzipSync(bytes) },
  zstd:
    zstd.zstdCompressSync === undefined || zstd.zstdDecompressSync === undefined
      ? undefined
      : { id: 6, compress: zstd.zstdCompressSync, expand: zstd.zstdDecompressSync },
}

/** @throws {InvalidUsage} this version of Node cannot compress so */
export function codecOf(compression: PageCompression): Codec {
  const codec = codecs[compression]
  if (codec !== undefined) return codec
  throw new InvalidUsage(
    `Compression ${compression} needs Node 22.15 or later, and this is ${process.version}. Use gzip or none.`,
    { compression, node: process.version },
  )
}

/** The codec of that number in the metadata of a file; undefined for one that Gantry does not write. */
export function tryCodecById(id: number): Codec | undefined {
  return Object.values(codecs).find((codec) => codec?.id === id)
}
