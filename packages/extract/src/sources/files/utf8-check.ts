import { isUtf8 } from 'node:buffer'
import { InputError } from './input.ts'

/**
 * Proves chunk by chunk that an input is UTF-8, so that nobody later has to. A character may be split over chunks.
 */
export class Utf8Check {
  readonly #path: string
  #carry: Buffer = Buffer.alloc(0)

  constructor(path: string) {
    this.#path = path
  }

  /** @param line  number of lines before this chunk, for the message @throws {InputError} */
  add(chunk: Buffer, line: number): void {
    const bytes = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk])
    const whole = bytes.length - incompleteTail(bytes)
    if (!isUtf8(bytes.subarray(0, whole))) this.#fail(bytes, line)
    this.#carry = Buffer.from(bytes.subarray(whole))
  }

  /** @throws {InputError} the input ends inside a character */
  end(line: number): void {
    if (this.#carry.length > 0) this.#fail(this.#carry, line)
  }

  #fail(bytes: Buffer, lineBefore: number): never {
    let line = lineBefore
    let start = 0
    for (;;) {
      const newline = bytes.indexOf(0x0a, start)
      const end = newline < 0 ? bytes.length : newline
      if (newline < 0 || !isUtf8(bytes.subarray(start, end))) break
      start = newline + 1
      line++
    }
    const isUtf16 = bytes[0] === 0xff || bytes[0] === 0xfe
    throw new InputError(
      `${this.#path}, line ${line + 1}: not UTF-8${isUtf16 ? ', it looks like UTF-16' : ''}. Convert the file, for example with iconv -t UTF-8.`,
      { path: this.#path, line: line + 1 },
    )
  }
}

/** How many bytes at the end begin a character that is not complete. */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0
  }
  return 0
}
