import { giveBuffer, takeBuffer } from './buffer-pool.ts'

/*
 * Values of a page in Parquet's encoding PLAIN: little-endian numbers, booleans as bits, bytes behind their length in 4
 * bytes, decimals big-endian. This is where most of the writer's time goes: each method does one thing, without closures
 * and without bigints where a number will do.
 */

const firstBytes = 128
/** Up to here a loop over the characters of ASCII text beats one call into the engine (Node 20). */
const shortTextLength = 24
/** From here on it pays to ask how many bytes a text has, rather than to make room for three a character. */
const longTextLength = 1 << 10
const two32 = 2 ** 32
const noBuffer = Buffer.alloc(0)
const noView = new DataView(noBuffer.buffer, 0, 0)

/** The values of the page that is being filled. Each method returns the bytes it added. */
export class PlainValues {
  /** Bytes so far. */
  used = 0
  #bytes: Buffer = noBuffer
  #view: DataView = noView
  /** Size that the buffer of the next page begins with. */
  #firstBytes = firstBytes

  /** @param value  an integer of 32 bits */
  addInt32(value: number): number {
    if (this.#bytes.length - this.used < 4) this.#grow(4)
    this.#view.setInt32(this.used, value, true)
    this.used += 4
    return 4
  }

  /** @param value  an integer within 64 bits; any double is exact that is one */
  addInt64(value: number): number {
    if (this.#bytes.length - this.used < 8) this.#grow(8)
    const at = this.used
    const low = value | 0
    this.#view.setInt32(at, low, true)
    this.#view.setInt32(at + 4, low === value ? low >> 31 : Math.floor(value / two32), true)
    this.used = at + 8
    return 8
  }

  /** @param value  an integer of 64 bits */
  addBigint64(value: bigint): number {
    if (this.#bytes.length - this.used < 8) this.#grow(8)
    this.#view.setBigInt64(this.used, value, true)
    this.used += 8
    return 8
  }

  addDouble(value: number): number {
    if (this.#bytes.length - this.used < 8) this.#grow(8)
    this.#view.setFloat64(this.used, value, true)
    this.used += 8
    return 8
  }

  /** @param index  how many booleans the page has so far */
  addBool(value: boolean, index: number): number {
    const bit = index & 7
    if (bit === 0) {
      if (this.#bytes.length === this.used) this.#grow(1)
      this.#bytes[this.used++] = value ? 1 : 0
      return 1
    }
    if (value) this.#bytes[this.used - 1] = (this.#bytes[this.used - 1] as number) | (1 << bit)
    return 0
  }

  /** UTF-8; a lone surrogate becomes U+FFFD. */
  addText(text: string): number {
    const { length } = text
    if (length > shortTextLength) return this.#addLongText(text)
    if (this.#bytes.length - this.used < length + 4) this.#grow(length + 4)
    const bytes = this.#bytes
    const start = this.used + 4
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at)
      if (code > 0x7f) return this.#addWideText(text, at)
      bytes[start + at] = code
    }
    this.#view.setInt32(this.used, length, true)
    this.used = start + length
    return length + 4
  }

  addBytes(bytes: Uint8Array): number {
    const { length } = bytes
    if (this.#bytes.length - this.used < length + 4) this.#grow(length + 4)
    this.#view.setInt32(this.used, length, true)
    this.#bytes.set(bytes, this.used + 4)
    this.used += length + 4
    return length + 4
  }

  /** Adds what is PLAIN already. */
  addPlain(values: Uint8Array): void {
    if (this.#bytes.length - this.used < values.length) this.#grow(values.length)
    this.#bytes.set(values, this.used)
    this.used += values.length
  }

  /** Big-endian two's complement in `length` bytes; the caller has made sure that the value fits. */
  addFixed(value: bigint, length: number): number {
    if (this.#bytes.length - this.used < length) this.#grow(length)
    let rest = value
    let at = this.used + length
    for (; at - 8 >= this.used; rest >>= 64n) this.#view.setBigInt64((at -= 8), BigInt.asIntN(64, rest))
    for (; at > this.used; rest >>= 8n) this.#view.setUint8(--at, Number(BigInt.asUintN(8, rest)))
    this.used += length
    return length
  }

  /** Makes doubles of all values so far, which are integers of that many bytes. */
  widenToDouble(width: IntegerWidth): void {
    const doubles = integersAsDoubles(this.bytes(), width)
    if (width === 8) return
    this.#grow(this.used)
    this.#bytes.set(doubles)
    this.used = doubles.length
  }

  /** The bytes so far; they hold until the next call. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.used)
  }

  /** Hands over the buffer that holds the bytes so far, and begins the next page in another one. */
  detach(): Buffer {
    const buffer = this.#bytes
    this.#firstBytes = buffer.length
    this.#bytes = noBuffer
    this.#view = noView
    this.used = 0
    return buffer
  }

  /** Forgets the values and begins the next page in the same buffer. */
  reuse(): void {
    this.used = 0
  }

  /** Forgets the values and begins small again. */
  clear(): void {
    giveBuffer(this.#bytes)
    this.#bytes = noBuffer
    this.#view = noView
    this.#firstBytes = firstBytes
    this.used = 0
  }

  /** Short text whose first `ascii` characters are in place already: by hand in a quarter of the time of a call. */
  #addWideText(text: string, ascii: number): number {
    const most = text.length * 3 + 4
    if (this.#bytes.length - this.used < most) this.#grow(most, this.used + 4 + ascii)
    const bytes = this.#bytes
    const start = this.used + 4
    let end = start + ascii
    for (let at = ascii; at < text.length; at++) {
      let code = text.charCodeAt(at)
      if (code < 0x80) {
        bytes[end++] = code
        continue
      }
      if (code < 0x800) bytes[end++] = 0xc0 | (code >> 6)
      else {
        if (code >= 0xd800 && code < 0xe000) {
          const low = text.charCodeAt(at + 1)
          if (code < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
            code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00)
            at++
          } else code = 0xfffd
        }
        if (code < 0x1_0000) bytes[end++] = 0xe0 | (code >> 12)
        else {
          bytes[end++] = 0xf0 | (code >> 18)
          bytes[end++] = 0x80 | ((code >> 12) & 0x3f)
        }
        bytes[end++] = 0x80 | ((code >> 6) & 0x3f)
      }
      bytes[end++] = 0x80 | (code & 0x3f)
    }
    this.#view.setInt32(this.used, end - start, true)
    this.used = end
    return end - start + 4
  }

  #addLongText(text: string): number {
    const most = text.length < longTextLength ? text.length * 3 : Buffer.byteLength(text)
    if (this.#bytes.length - this.used < most + 4) this.#grow(most + 4)
    const size = this.#bytes.write(text, this.used + 4)
    this.#view.setInt32(this.used, size, true)
    this.used += size + 4
    return size + 4
  }

  /** @param filled  bytes that are to be kept */
  #grow(bytes: number, filled: number = this.used): void {
    const old = this.#bytes
    const grown = takeBuffer(Math.max(old.length * 2, this.used + bytes, this.#firstBytes))
    old.copy(grown, 0, 0, filled)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer, grown.byteOffset, grown.length)
    giveBuffer(old)
  }
}

/** Bytes of an integer in PLAIN. */
export type IntegerWidth = 4 | 8

/** PLAIN doubles of PLAIN integers; those of 8 bytes are changed in place. */
export function integersAsDoubles(integers: Uint8Array, width: IntegerWidth): Uint8Array {
  const from = new DataView(integers.buffer, integers.byteOffset, integers.length)
  const doubles = width === 8 ? integers : new Uint8Array(integers.length * 2)
  const to = new DataView(doubles.buffer, doubles.byteOffset, doubles.length)
  for (let at = 0, index = 0; at < integers.length; at += width, index += 8) {
    const low = width === 8 ? from.getUint32(at, true) : from.getInt32(at, true)
    const value = width === 8 ? from.getInt32(at + 4, true) * two32 + low : low
    to.setFloat64(index, value, true)
  }
  return doubles
}
