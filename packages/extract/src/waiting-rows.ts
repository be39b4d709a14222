/** What rows wait in. */
export interface RowBuffer {
  readonly waitingChars: number
  readonly isFull: boolean
  /** Writes what waits. */
  flush(): Promise<void>
}

/** Characters that may wait in all buffers together. */
const maxChars = 16 << 20

/**
 * The rows of a package that wait to be written, however many resources and tables they are of: a full buffer is written
 * by itself, and the largest ones where too much waits.
 */
export class WaitingRows {
  #chars = 0
  readonly #buffers = new Set<RowBuffer>()
  readonly #full = new Set<RowBuffer>()
  #flushing: Promise<void> | undefined

  /** Says that characters were put into a buffer. */
  note(buffer: RowBuffer, chars: number): void {
    this.#chars += chars
    if (buffer.waitingChars === chars) this.#buffers.add(buffer)
    if (buffer.isFull) this.#full.add(buffer)
  }

  /** Writes where it is due; undefined where it is not. */
  flushDue(): Promise<void> | undefined {
    if (this.#flushing === undefined && (this.#full.size > 0 || this.#chars >= maxChars)) {
      this.#flushing = this.#flushDue().finally(() => (this.#flushing = undefined))
    }
    return this.#flushing
  }

  /** Writes what waits in a buffer, be it little. */
  async flush(buffer: RowBuffer): Promise<void> {
    this.#chars -= buffer.waitingChars
    this.#buffers.delete(buffer)
    this.#full.delete(buffer)
    await buffer.flush()
  }

  async #flushDue(): Promise<void> {
    for (const buffer of this.#full) await this.flush(buffer)
    if (this.#chars < maxChars) return
    for (const buffer of [...this.#buffers].toSorted((a, b) => b.waitingChars - a.waitingChars)) {
      if (this.#chars < maxChars / 2) return
      await this.flush(buffer)
    }
  }
}
