import { giveBuffer, takeBuffer } from './buffer-pool.ts'

const bufferBytes = 1 << 20

/** Where the finished pages of a row group wait: buffers of the pool, filled one behind the other. */
export class PageStore {
  readonly #buffers: Buffer[] = []
  /** Bytes of the last buffer that are taken. */
  #used = bufferBytes

  /** Copies bytes. @returns the copy, in pieces; it holds until {@link clear} */
  keep(bytes: Uint8Array): readonly Uint8Array[] {
    const pieces: Uint8Array[] = []
    for (let at = 0; at < bytes.length;) {
      if (this.#used === bufferBytes) {
        this.#buffers.push(takeBuffer(bufferBytes))
        this.#used = 0
      }
      const length = Math.min(bytes.length - at, bufferBytes - this.#used)
      const piece = this.#buffers.at(-1)!.subarray(this.#used, this.#used + length)
      piece.set(bytes.subarray(at, at + length))
      pieces.push(piece)
      this.#used += length
      at += length
    }
    return pieces
  }

  clear(): void {
    for (const buffer of this.#buffers.splice(0)) giveBuffer(buffer)
    this.#used = bufferBytes
  }
}
