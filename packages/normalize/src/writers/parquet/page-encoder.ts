import { compiledModule } from '../../transcoder/compiled-module.ts'
import { encodings, type Encoding } from './metadata.ts'
import type { PhysicalType } from './parquet-type.ts'

/*
 * What becomes of the values of a full page: integers and texts by their differences, in half the bytes for keys, counters
 * and ids, everything else as it is. The work is done in WebAssembly (`assembly/delta.ts`), in a memory of its own.
 */

/** Values of a page as they go to the file, nulls left out. */
export interface EncodedValues {
  readonly encoding: Encoding
  /** They hold until the next are encoded. */
  readonly bytes: Uint8Array
}

/** Below, little is to be gained, and for a few rows nothing has to be loaded. */
const leastBytes = 1 << 12
/** Above, a page is made of few and long texts. */
const mostBytes = 1 << 21
/** What may be read and written behind a region. */
const paddingBytes = 64
const memoryPageBytes = 1 << 16

/** @param plain  the values in PLAIN, of which there are `count` */
export function encodeValues(physical: PhysicalType, plain: Uint8Array, count: number): EncodedValues {
  const isEncoded = (physical === 'int64' || physical === 'bytes') && plain.length >= leastBytes
  if (isEncoded && plain.length <= mostBytes) {
    encoder ??= new PageEncoder()
    const encoded = physical === 'int64' ? encoder.integers(plain, count) : encoder.texts(plain, count)
    if (encoded !== undefined && encoded.bytes.length < plain.length) return encoded
  }
  return { encoding: encodings.plain, bytes: plain }
}

/** The integers of 8 bytes that {@link encodeValues} has encoded, in PLAIN. @throws {RangeError} they are another's */
export function decodeIntegers(encoded: Uint8Array): Uint8Array {
  encoder ??= new PageEncoder()
  return encoder.decodeIntegers(encoded)
}

interface Exports {
  readonly firstFree: WebAssembly.Global
  readonly isShared: WebAssembly.Global
  encodeIntegers(from: number, count: number, out: number): number
  encodeTexts(from: number, count: number, lengths: number, out: number): number
  decodeIntegers(from: number, out: number, limit: number): number
}

class PageEncoder {
  readonly #memory = new WebAssembly.Memory({ initial: 1 })
  readonly #exports: Exports
  readonly #input: number

  constructor() {
    const { exports } = new WebAssembly.Instance(compiledModule(), {
      env: { memory: this.#memory },
      host: { parseDouble: noText, printDouble: noText },
    })
    this.#exports = exports as Exports
    this.#input = align(this.#exports.firstFree.value)
  }

  /** @returns undefined where differences do not help */
  integers(plain: Uint8Array, count: number): EncodedValues | undefined {
    const out = this.#load(plain, plain.length + count)
    const end = this.#exports.encodeIntegers(this.#input, count, out)
    return end === 0 ? undefined : { encoding: encodings.deltaIntegers, bytes: this.#bytes(out, end) }
  }

  texts(plain: Uint8Array, count: number): EncodedValues {
    const lengths = this.#load(plain, count * 8 + plain.length + count * 2 * mostLengthBytes)
    const out = align(lengths + count * 8)
    const end = this.#exports.encodeTexts(this.#input, count, lengths, out)
    const encoding = this.#exports.isShared.value === 1 ? encodings.sharedTexts : encodings.texts
    return { encoding, bytes: this.#bytes(out, end) }
  }

  decodeIntegers(encoded: Uint8Array): Uint8Array {
    const out = this.#load(encoded, mostBytes)
    const end = this.#exports.decodeIntegers(this.#input, out, out + mostBytes)
    if (end === 0) throw new RangeError('a page of integers is not as this writer makes it')
    return this.#bytes(out, end).slice()
  }

  /** Puts bytes to where they are read, with that much room behind them. @returns where the room begins */
  #load(bytes: Uint8Array, room: number): number {
    const behind = align(this.#input + bytes.length + paddingBytes)
    const missing = behind + room + headerBytes - this.#memory.buffer.byteLength
    if (missing > 0) this.#memory.grow(Math.ceil(missing / memoryPageBytes))
    this.#bytes(this.#input, behind).set(bytes)
    return behind
  }

  #bytes(from: number, end: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, from, end - from)
  }
}

/** A block of 128 lengths has at most 32 bits each, and what says so. */
const mostLengthBytes = 5
/** What stands in front of the first block, and what is written by words of 16 bytes. */
const headerBytes = 256

let encoder: PageEncoder | undefined

function noText(): never {
  throw new Error('a page has no numbers in text')
}

function align(address: number): number {
  return Math.ceil(address / 16) * 16
}
