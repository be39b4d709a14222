import type { LoadFile } from './load-file.ts'

/**
 * Bytes that are gathered before they go to the file: few at first, since there may be thousands of tables, then
 * more until a block costs little.
 */
const firstBytes = 1 << 12
const mostBytes = 1 << 18

/** Up to this length a loop over the characters is faster than a call that leaves JavaScript. */
const shortText = 32

/** Text on its way into a load file, as UTF-8. Each piece is encoded at once: gathered text would be copied once more. */
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

  /** Adds any text. */
  add(text: string): void {
    if (text.length > shortText || !this.#tryCopy(text, 0x00)) {
      // A UTF-16 unit takes at most three bytes.
      this.#makeRoom(text.length * 3)
      this.#used += this.#buffer.write(text, this.#used)
    }
  }

  /** Adds a short piece of text whose bytes are known. */
  addBytes(bytes: Uint8Array): void {
    const { length } = bytes
    this.#makeRoom(length)
    const buffer = this.#buffer
    let at = this.#used
    for (let from = 0; from < length; from++) buffer[at++] = bytes[from] as number
    this.#used = at
  }

  /** Adds a block of text, which goes to the file at once where it is large. */
  addBlock(text: Uint8Array): void {
    if (text.length < firstBytes) {
      this.#makeRoom(text.length)
      this.#buffer.set(text, this.#used)
      this.#used += text.length
      return
    }
    this.flush()
    this.#file.append(text)
    this.#flushed += text.length
  }

  /** Adds a text as a JSON string. */
  addJsonString(text: string): void {
    if (text.length > shortText) {
      this.add(JSON.stringify(text))
      return
    }
    this.#makeRoom(shortText + 2)
    const start = this.#used
    this.#buffer[this.#used++] = quote
    if (this.#tryCopy(text, 0x20)) this.#buffer[this.#used++] = quote
    else {
      this.#used = start
      this.add(JSON.stringify(text))
    }
  }

  flush(): void {
    if (this.#used === 0) return
    this.#file.append(this.#buffer.subarray(0, this.#used))
    this.#flushed += this.#used
    this.#used = 0
  }

  /** Copies a short text of ASCII. With `least` 0x20 also refuses what JSON escapes. @returns false, nothing copied */
  #tryCopy(text: string, least: 0x00 | 0x20): boolean {
    const { length } = text
    this.#makeRoom(length)
    const buffer = this.#buffer
    let at = this.#used
    for (let index = 0; index < length; index++) {
      const char = text.charCodeAt(index)
      if (char >= 0x80) return false
      if (least === 0x20 && (char < least || char === quote || char === backslash)) return false
      buffer[at++] = char
    }
    this.#used = at
    return true
  }

  /** Has at least so many bytes free behind those that are used. */
  #makeRoom(most: number): void {
    if (most > this.#buffer.length - this.#used) this.#grow(most)
  }

  #grow(most: number): void {
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

const quote = 0x22
const backslash = 0x5c
