import { createHash, type Hash } from 'node:crypto'
import { closeSync, createReadStream, openSync, readSync, type ReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { verifyFile, type FileProof } from '@gantry/common'

/** A part of a file: whole lines, from the first that begins at or behind `start` to the last that begins before `end`. */
export interface FileRange {
  readonly path: string
  readonly isGzip: boolean
  readonly start: number
  /** Undefined: to the end of the file. */
  readonly end: number | undefined
  /** Of a range that is the whole file: what it must hold. */
  readonly expected?: FileProof
}

/** Where the bytes of lines come from. */
export interface ByteSource extends Disposable {
  /** That it puts at once. */
  readonly mostBytes: number
  /** Puts the next bytes at that place. @returns how many, 0 at the end @throws {PackageCorrupted} at the end */
  fill(buffer: Buffer, at: number): number | Promise<number>
}

/** @param chunkBytes  that are read at once */
export function openRange(range: FileRange, chunkBytes: number): ByteSource {
  return range.isGzip ? new GzipSource(range.path, chunkBytes) : new PlainSource(range, chunkBytes)
}

/** A whole file, decompressed: there are no ranges of those. */
class GzipSource implements ByteSource {
  readonly mostBytes: number
  readonly #file: ReadStream
  readonly #chunks: AsyncIterator<Buffer>

  constructor(path: string, chunkBytes: number) {
    this.#file = createReadStream(path, { highWaterMark: chunkBytes })
    // zlib takes no less.
    this.mostBytes = Math.max(64, chunkBytes)
    const bytes = this.#file.pipe(createGunzip({ chunkSize: this.mostBytes }))
    this.#file.on('error', (error) => bytes.destroy(error))
    this.#chunks = (bytes as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  }

  async fill(buffer: Buffer, at: number): Promise<number> {
    const { value, done } = await this.#chunks.next()
    return done === true ? 0 : value.copy(buffer, at)
  }

  [Symbol.dispose](): void {
    this.#file.destroy()
  }
}

/** A range's bytes, beginning with the first line that starts in it and ending with the end of the last one. */
class PlainSource implements ByteSource {
  readonly mostBytes: number
  readonly #file: number
  readonly #end: number
  readonly #range: FileRange
  readonly #hash: Hash | undefined
  #position: number
  #isDone: boolean

  constructor(range: FileRange, chunkBytes: number) {
    const { path, start, end = Infinity, expected } = range
    this.#range = range
    this.#hash = expected && createHash('sha256')
    this.mostBytes = chunkBytes
    this.#file = openSync(path, 'r')
    this.#end = end
    // A line belongs to the range in which it begins: with one byte before the start, its line break is seen too.
    this.#position = start === 0 ? 0 : behindLineBreak(this.#file, start - 1)
    this.#isDone = this.#position >= end
  }

  fill(buffer: Buffer, at: number): number {
    if (this.#isDone) return 0
    const read = readSync(this.#file, buffer, at, this.mostBytes, this.#position)
    if (read === 0) this.#verify()
    else this.#hash?.update(buffer.subarray(at, at + read))
    // The last line ends with the first line break at or behind the range's last byte.
    const lastByte = Math.max(0, this.#end - 1 - this.#position)
    const newline = lastByte < read ? buffer.subarray(at, at + read).indexOf(0x0a, lastByte) : -1
    this.#position += read
    this.#isDone = newline >= 0
    return newline < 0 ? read : newline + 1
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }

  #verify(): void {
    const { path, expected } = this.#range
    this.#isDone = true
    if (expected !== undefined && this.#hash !== undefined) {
      verifyFile(path, expected, { bytes: this.#position, sha256: this.#hash.digest('hex') })
    }
  }
}

/** Where the line begins that follows the first line break from `position` on; Infinity where there is none. */
function behindLineBreak(file: number, position: number): number {
  const bytes = Buffer.allocUnsafe(1 << 16)
  for (let at = position; ;) {
    const read = readSync(file, bytes, 0, bytes.length, at)
    if (read === 0) return Infinity
    const newline = bytes.subarray(0, read).indexOf(0x0a)
    if (newline >= 0) return at + newline + 1
    at += read
  }
}
