import type { JobWriter } from '../../job-writer.ts'
import { readInput, type Input } from './input.ts'
import { Utf8Check } from './utf8-check.ts'

/**
 * Copies JSON lines as they are, at the speed of the disk: proven to be UTF-8, counted and hashed, not parsed. Blank
 * lines, CRLF and a byte order mark stay, so that line numbers stay those of the source.
 *
 * @param onBytes  called with the bytes read so far
 * @returns lines that are not blank
 */
export async function copyJsonl(
  input: Input,
  writer: JobWriter,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<{ readonly rows: number }> {
  const utf8 = new Utf8Check(input.path)
  const lines = new LineCount()
  for await (const chunk of readInput(input, signal)) {
    utf8.add(chunk, lines.newlines)
    lines.add(chunk)
    await writer.write(chunk)
    onBytes(writer.bytes)
  }
  utf8.end(lines.newlines)
  return { rows: lines.end() }
}

/** Counts lines that hold anything but white space. */
class LineCount {
  newlines = 0
  #rows = 0
  #isBlank = true

  add(chunk: Buffer): void {
    let start = 0
    while (start < chunk.length) {
      // Nearly every line begins with its row, so one look at one byte settles it.
      for (let at = start; this.#isBlank && at < chunk.length; at++) {
        const byte = chunk[at] as number
        if (byte === 0x0a) break
        if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && !isMark(chunk, at, this.newlines)) this.#isBlank = false
      }
      const newline = chunk.indexOf(0x0a, start)
      if (newline < 0) return
      this.newlines++
      if (!this.#isBlank) this.#rows++
      this.#isBlank = true
      start = newline + 1
    }
  }

  end(): number {
    return this.#rows + (this.#isBlank ? 0 : 1)
  }
}

/** A byte of a byte order mark at the start of the input. */
function isMark(chunk: Buffer, at: number, newlines: number): boolean {
  return newlines === 0 && at < 3 && chunk[at] === [0xef, 0xbb, 0xbf][at]
}
