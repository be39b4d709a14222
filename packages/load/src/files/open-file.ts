import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { LoadFileMalformed } from '../errors.ts'

/** Bytes that are read at once. */
const pieceBytes = 1 << 16

/** True if the file's content is gzip, whatever its name says: Python dlt looks at the content too. */
export async function isGzip(path: string): Promise<boolean> {
  await using file = await open(path)
  const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
  return bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b
}

/**
 * The bytes of a file, decompressed where it is gzip. Reading may stop at any point.
 *
 * @throws {LoadFileMalformed} its gzip is damaged or cut off
 */
export async function* readFile(path: string): AsyncGenerator<Buffer> {
  try {
    yield* readBytes(path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error
    throw new LoadFileMalformed(
      `${path} cannot be read, it is damaged or cut off (${error.message}). Normalize its package again.`,
      { path },
      { cause: error },
    )
  }
}

async function* readBytes(path: string): AsyncGenerator<Buffer> {
  const source = createReadStream(path, { highWaterMark: pieceBytes })
  // Errors of either stream come out of the iteration.
  const bytes = (await isGzip(path))
    ? pipeline(source, createGunzip({ chunkSize: pieceBytes }), () => undefined)
    : source
  for await (const piece of bytes) yield piece as Buffer
}
