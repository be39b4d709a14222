import { isUtf8 } from 'node:buffer'
import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { TerminalError } from '@gantry/common'

/** An extracted file that is not text, or whose lines are too long to be read. */
export class UnreadableFile extends TerminalError {
  override readonly code = 'unreadable_file'
}

/** A part of a file: whole lines, from the first that begins at or behind `start` to the last that begins before `end`. */
export interface FileRange {
  readonly path: string
  readonly isGzip: boolean
  readonly start: number
  /** Undefined: to the end of the file. */
  readonly end: number | undefined
}

/** A block of whole lines. */
export interface LineBlock {
  /** Valid UTF-8, without a byte order mark. */
  readonly bytes: Buffer
  /** Some string in it may begin with a type marker (its bytes begin with EF 80). */
  readonly hasMarkers: boolean
}

/** Bytes read at once: large enough to be cheap, small enough to stay in the processor's cache. */
const chunkBytes = 1 << 19
/** Chunks between two turns of the event loop: a few hundredths of a second. */
const chunksPerTurn = 8
/** A JavaScript string holds at most 2^29 characters. */
const maxLineBytes = 500_000_000

/** Every string with a type marker begins so. */
export const markerBytes: Buffer = Buffer.from([0xef, 0x80])

/**
 * The lines of a range in blocks, in constant memory as long as lines are short. The bytes of a block hold until the next
 * one is asked for.
 *
 * @throws {UnreadableFile}
 */
export async function* readLines(range: FileRange): AsyncGenerator<LineBlock> {
  let buffer = Buffer.allocUnsafeSlow(chunkBytes * 2)
  // What is left of the chunks before: the begin of a line.
  let rest = 0
  let chunks = 0
  for await (const chunk of range.isGzip ? readGzip(range.path) : readPlain(range)) {
    if (rest + chunk.length > buffer.length) {
      const grown = Buffer.allocUnsafeSlow((rest + chunk.length) * 2)
      buffer.copy(grown, 0, 0, rest)
      buffer = grown
    }
    buffer.set(chunk, rest)
    const end = rest + chunk.length
    const newline = chunk.lastIndexOf(0x0a)
    if (newline < 0) {
      rest = end
      if (rest > maxLineBytes) {
        throw new UnreadableFile(
          `${range.path} has a line of more than ${maxLineBytes / 1e6} MB. Is it JSON lines? Split such a row.`,
          { path: range.path },
        )
      }
      continue
    }
    const lines = rest + newline + 1
    yield check(buffer.subarray(0, lines), range.path)
    buffer.copyWithin(0, lines, end)
    rest = end - lines
    // Reading does not wait for anything, but others want their turn: a signal, a timer.
    if (++chunks % chunksPerTurn === 0) await setImmediate()
  }
  if (rest > 0) yield check(buffer.subarray(0, rest), range.path)
}

function check(bytes: Buffer, path: string): LineBlock {
  // Extract proved it for what it copied; a package may also come from elsewhere.
  if (!isUtf8(bytes)) throw new UnreadableFile(`${path} is not UTF-8. Extract the data again.`, { path })
  const hasMarkers = bytes.includes(markerBytes)
  const isMarked = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return { bytes: isMarked ? bytes.subarray(3) : bytes, hasMarkers }
}

async function* readGzip(path: string): AsyncGenerator<Buffer> {
  yield* createReadStream(path, { highWaterMark: chunkBytes }).pipe(
    createGunzip({ chunkSize: chunkBytes }),
  ) as AsyncIterable<Buffer>
}

/** The range's bytes, beginning with the first line that starts in it and ending with the end of the last one. */
function* readPlain(range: FileRange): Generator<Buffer> {
  const file = openSync(range.path, 'r')
  try {
    yield* readFrom(file, range)
  } finally {
    closeSync(file)
  }
}

function* readFrom(file: number, range: FileRange): Generator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(chunkBytes)
  const end = range.end ?? Infinity
  // A line belongs to the range in which it begins: with one byte before the start, its line break is seen too.
  let position = range.start === 0 ? 0 : range.start - 1
  let isInside = range.start === 0
  for (;;) {
    const bytesRead = readSync(file, buffer, 0, chunkBytes, position)
    if (bytesRead === 0) return
    let chunk = buffer.subarray(0, bytesRead)
    let chunkStart = position
    position += bytesRead
    if (!isInside) {
      const newline = chunk.indexOf(0x0a)
      if (newline < 0) {
        if (position >= end) return
        continue
      }
      isInside = true
      chunk = chunk.subarray(newline + 1)
      chunkStart += newline + 1
      if (chunkStart >= end) return
    }
    // The last line of the range ends with the first line break at or behind its last byte.
    const lastByte = end - 1 - chunkStart
    if (lastByte < chunk.length) {
      const newline = chunk.indexOf(0x0a, Math.max(0, lastByte))
      if (newline >= 0) {
        yield chunk.subarray(0, newline + 1)
        return
      }
    }
    if (chunk.length > 0) yield chunk
  }
}

/** Number of the line that holds the byte at `offset`, from 1. */
export async function lineNumberAt(path: string, offset: number): Promise<number> {
  let line = 1
  if (offset === 0) return line
  for await (const chunk of createReadStream(path, { end: offset - 1, highWaterMark: 1 << 20 })) {
    const bytes = chunk as Buffer
    for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) line++
  }
  return line
}
