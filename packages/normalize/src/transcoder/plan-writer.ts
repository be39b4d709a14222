import { recordFirst, recordKeyBytes, recordLast } from './layout.ts'

/** Puts together a plan, at addresses that it has in the transcoder's memory later on. */
export class PlanWriter {
  readonly #start: number
  #used = 0
  #bytes = Buffer.alloc(1 << 14)

  /** @param start  address of the plan's first byte */
  constructor(start: number) {
    this.#start = start
  }

  /** All that was written. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#used)
  }

  /** Empty room. @returns its address */
  take(bytes: number): number {
    const at = this.#used
    this.#used += Math.ceil(bytes / 8) * 8
    // Keys are compared by eight bytes, so that some behind the last one may be read.
    if (this.#used + 8 > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#used + 8))
      this.#bytes.copy(grown)
      this.#bytes = grown
    }
    return this.#start + at
  }

  text(text: Uint8Array): number {
    const address = this.take(text.length)
    this.bytes(address, text)
    return address
  }

  bytes(address: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, address - this.#start)
  }

  u8(address: number, value: number): void {
    this.#bytes[address - this.#start] = value
  }

  u8At(address: number): number {
    return this.#bytes[address - this.#start] as number
  }

  u32(address: number, value: number): void {
    this.#bytes.writeUInt32LE(value, address - this.#start)
  }

  /** Addresses of records by the hash of their keys, half empty. */
  hashTable(records: readonly number[]): { readonly table: number; readonly mask: number } {
    const size = 2 ** Math.ceil(Math.log2(Math.max(records.length, 1) * 2))
    const table = this.take(size * 4)
    for (const record of records) {
      let cell = this.#hash(record) & (size - 1)
      while (this.#u32At(table + cell * 4) !== 0) cell = (cell + 1) & (size - 1)
      this.u32(table + cell * 4, record)
    }
    return { table, mask: size - 1 }
  }

  /** As `assembly/scan.ts` computes it. */
  #hash(record: number): number {
    const low =
      this.#u32At(record + recordFirst) ^ this.#u32At(record + recordLast + 4) ^ this.#u32At(record + recordKeyBytes)
    const high = this.#u32At(record + recordFirst + 4) ^ this.#u32At(record + recordLast)
    return (Math.imul(low, 0x9e37_79b1) ^ Math.imul(high, 0x85eb_ca77)) >>> 7
  }

  #u32At(address: number): number {
    return this.#bytes.readUInt32LE(address - this.#start)
  }
}
