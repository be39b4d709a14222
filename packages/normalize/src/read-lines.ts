import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { TerminalError } from '@gantry/common'
import { openRange, type FileRange } from './file-range.ts'

/** An extracted file that is not text, or whose lines are too long to be read. */
export class UnreadableFile extends TerminalError {
  override readonly code = 'unreadable_file'
}

/** A block of whole lines. */
export class LineBlock {
  /** Valid UTF-8, without the file's byte order mark. */
  readonly bytes: Buffer
  #hasMarkers: boolean | undefined

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  /** Some string of a line may begin with a type marker. Looked for only where it is asked for, as in typed JSON. */
  hasMarkers(start: number, end: number): boolean {
    this.#hasMarkers ??= this.bytes.includes(markerBytes)
    return this.#hasMarkers && this.bytes.subarray(start, end).includes(markerBytes)
  }
}

/** Bytes read at once: large enough to be cheap, small enough to stay in the processor's cache. */
const usualChunkBytes = 1 << 19
/** Chunks between two turns of the event loop: a few hundredths of a second. */
const chunksPerTurn = 8
/** A JavaScript string holds at most 2^29 characters. */
const maxLineBytes = 500_000_000

/** Every string with a type marker begins so. */
const markerBytes: Buffer = Buffer.from([0xef, 0x80])

/**
 * The lines of a range in blocks, in constant memory as long as lines are short. The bytes of a block hold until the next
 * one is asked for.
 *
 * @throws {UnreadableFile}
 */
export async function* readLines(range: FileRange, chunkBytes: number = usualChunkBytes): AsyncGenerator<LineBlock> {
  using source = openRange(range, chunkBytes)
  const { mostBytes } = source
  let buffer = Buffer.allocUnsafeSlow(mostBytes * 2)
  // What is left of the chunks before: the begin of a line.
  let rest = 0
  let isFirst = range.start === 0
  const text = (bytes: Buffer): Buffer => {
    // Extract proved it for what it copied; a package may also come from elsewhere.
    if (!isUtf8(bytes)) {
      throw new UnreadableFile(`${range.path} is not UTF-8. Extract the data again.`, { path: range.path })
    }
    const begin = isFirst
    isFirst = false
    return begin ? withoutMark(bytes) : bytes
  }
  for (let chunks = 1; ; chunks++) {
    if (buffer.length - rest < mostBytes) {
      const grown = Buffer.allocUnsafeSlow((rest + mostBytes) * 2)
      buffer.copy(grown, 0, 0, rest)
      buffer = grown
    }
    const read = await source.fill(buffer, rest)
    if (read === 0) break
    const end = rest + read
    const newline = buffer.subarray(rest, end).lastIndexOf(0x0a)
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
    yield new LineBlock(text(buffer.subarray(0, lines)))
    buffer.copyWithin(0, lines, end)
    rest = end - lines
    // Reading does not wait for anything, but others want their turn: a signal, a timer.
    if (chunks % chunksPerTurn === 0) await setImmediate()
  }
  if (rest > 0) yield new LineBlock(text(buffer.subarray(0, rest)))
}

function withoutMark(bytes: Buffer): Buffer {
  const isMarked = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return isMarked ? bytes.subarray(3) : bytes
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
