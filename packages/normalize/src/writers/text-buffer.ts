import type { LoadFile } from './load-file.ts'

/**
 * Bytes that are gathered before they go to the file: few at first, since there may be thousands of tables, then
 * more until a block costs little.
 */
const firstBytes = 1 << 12
const mostBytes = 1 << 18

/** Text on its way into a load file, as UTF-8. */
export class TextBuffer {
  readonly #file: LoadFile
  #buffer = Buffer.allocUnsafeSlow(firstBytes)
  #used = 0
  #flushed = 0

  constructor(file: LoadFile) {
    this.#file = file
  }

  /** Bytes of text that are still in memory. */
  get buffered(): number {
    return this.#used
  }

  /** Bytes of text added so far. */
  get bytes(): number {
    return this.#flushed + this.#used
  }

  /** Encodes at once: one long text would be copied once more, and live long enough to burden the collector. */
  add(text: string): void {
    // A UTF-16 unit takes at most three bytes.
    const most = text.length * 3
    if (most > this.#buffer.length - this.#used) this.#makeRoom(most)
    this.#used += this.#buffer.write(text, this.#used)
  }

  flush(): void {
    if (this.#used === 0) return
    this.#file.append(this.#buffer.subarray(0, this.#used))
    this.#flushed += this.#used
    this.#used = 0
  }

  #makeRoom(most: number): void {
    const wanted = Math.max(Math.min(this.#buffer.length * 4, mostBytes), most)
    if (this.#buffer.length < mostBytes && wanted - this.#used >= most) {
      const grown = Buffer.allocUnsafeSlow(wanted)
      this.#buffer.copy(grown, 0, 0, this.#used)
      this.#buffer = grown
      return
    }
    this.flush()
    if (most > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(wanted)
  }
}
