/*
 * Which rows of a page have a value. Parquet calls that definition levels: 1 for a value, 0 for a null, in runs. A page
 * is written as one run: of one level repeated where all rows are alike, else of bits. Source: Apache Parquet,
 * `Encodings.md`, run length encoding and bit packing.
 */

const firstBytes = 16

/** The definition levels of the page that is being filled. */
export class Presence {
  rows = 0
  /** Rows that have a value. */
  values = 0
  /** A bit for each row; undefined as long as all rows have a value. */
  #bits: Uint8Array | undefined

  addValue(): void {
    if (this.#bits !== undefined) this.#addBit(this.#bits)
    this.rows++
    this.values++
  }

  addNulls(count: number): void {
    this.#bits ??= this.#bitsSoFar()
    this.rows += count
  }

  /**
   * Adds rows of which `values` have a value.
   *
   * @param presence  a bit for each row, lowest first, and 0 behind the last one; not looked at where each row or none
   *     has a value
   */
  addBatch(rows: number, values: number, presence: Uint8Array): void {
    if (values === 0) {
      this.addNulls(rows)
      return
    }
    if (values < rows) this.#bits ??= this.#bitsSoFar()
    if (this.#bits !== undefined) this.#addBits(this.#bits, rows, values < rows ? presence : undefined)
    this.rows += rows
    this.values += values
  }

  /** Begins the next page. */
  clear(): void {
    this.rows = 0
    this.values = 0
    this.#bits = undefined
  }

  /** The levels as they stand in a page: their size in 4 bytes, then the run. */
  encode(): Uint8Array {
    const { rows, values } = this
    const isOneRun = values === rows || values === 0
    const count = isOneRun ? rows * 2 : Math.ceil(rows / 8) * 2 + 1
    const run: number[] = []
    // The lowest bit of the count tells bits from a repeated level.
    for (let rest = count; ; rest = Math.floor(rest / 0x80)) {
      run.push(rest >= 0x80 ? (rest % 0x80) | 0x80 : rest)
      if (rest < 0x80) break
    }
    if (isOneRun) run.push(values === 0 ? 0 : 1)
    const bitBytes = isOneRun ? 0 : Math.ceil(rows / 8)
    const levels = new Uint8Array(4 + run.length + bitBytes)
    new DataView(levels.buffer).setInt32(0, run.length + bitBytes, true)
    levels.set(run, 4)
    // Nulls at the end have no bits yet; those are 0 anyway.
    if (!isOneRun) levels.set(this.#bits!.subarray(0, bitBytes), 4 + run.length)
    return levels
  }

  #addBit(bits: Uint8Array): void {
    const at = this.rows >> 3
    const roomy = at < bits.length ? bits : this.#grown(bits, at)
    roomy[at] = (roomy[at] as number) | (1 << (this.rows & 7))
  }

  /** @param more  bits to add; undefined: all are 1 */
  #addBits(bits: Uint8Array, rows: number, more: Uint8Array | undefined): void {
    const bytes = (rows + 7) >> 3
    const first = this.rows >> 3
    const roomy = first + bytes < bits.length ? bits : this.#grown(bits, first + bytes)
    const shift = this.rows & 7
    const lastByte = (1 << (((rows - 1) & 7) + 1)) - 1
    for (let index = 0, at = first; index < bytes; index++) {
      const byte = more?.[index] ?? (index === bytes - 1 ? lastByte : 0xff)
      roomy[at] = (roomy[at] as number) | (byte << shift)
      roomy[++at] = byte >> (8 - shift)
    }
  }

  #grown(bits: Uint8Array, at: number): Uint8Array {
    const grown = new Uint8Array(Math.max(bits.length * 2, at + 1))
    grown.set(bits)
    this.#bits = grown
    return grown
  }

  /** The rows so far, all of which have a value. */
  #bitsSoFar(): Uint8Array {
    const { rows } = this
    const bits = new Uint8Array(Math.max(firstBytes, (rows >> 3) + 1))
    bits.fill(0xff, 0, rows >> 3)
    bits[rows >> 3] = (1 << (rows & 7)) - 1
    return bits
  }
}
