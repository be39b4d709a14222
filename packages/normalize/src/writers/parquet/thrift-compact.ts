/*
 * Thrift's compact protocol, as far as Parquet uses it: structs of booleans, integers, binaries, lists and structs. A
 * struct is a map from field id to value that keeps what it does not know, so that metadata can be read, changed in one
 * place and written again. Source: Apache Thrift, `doc/specs/thrift-compact-protocol.md`.
 */

/** A value with the type it has on the wire. */
export type ThriftValue =
  | { readonly type: 'bool'; readonly value: boolean }
  /** Whole numbers within 2^52 of zero: counts, sizes, offsets. */
  | { readonly type: 'i8' | 'i16' | 'i32' | 'i64'; readonly value: number }
  | { readonly type: 'binary'; readonly value: Uint8Array }
  /** Items of one type; booleans in lists are not supported, Parquet has none. */
  | { readonly type: 'list'; readonly items: readonly ThriftValue[] }
  | { readonly type: 'struct'; readonly fields: ThriftFields }
  /** A struct that was encoded before. */
  | { readonly type: 'encoded'; readonly bytes: Uint8Array }

/** A struct: values by field id, in ascending order of the ids. */
export type ThriftFields = ReadonlyMap<number, ThriftValue>

/** Types on the wire. Of a boolean field the type is the value; an empty list is written as one of structs. */
const wireTypes = { true: 1, false: 2, i8: 3, i16: 4, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const

/** The struct that holds these fields; ids without a value are left out. */
export function struct(...fields: readonly (readonly [id: number, value: ThriftValue | undefined])[]): ThriftValue & {
  readonly type: 'struct'
} {
  const present = new Map<number, ThriftValue>()
  for (const [id, value] of fields) if (value !== undefined) present.set(id, value)
  return { type: 'struct', fields: present }
}

export function i32(value: number): ThriftValue {
  return { type: 'i32', value }
}

export function i64(value: number): ThriftValue {
  return { type: 'i64', value }
}

export function bool(value: boolean): ThriftValue {
  return { type: 'bool', value }
}

/** A string, as UTF-8. */
export function text(value: string): ThriftValue {
  return { type: 'binary', value: Buffer.from(value) }
}

export function list(items: readonly ThriftValue[]): ThriftValue {
  return { type: 'list', items }
}

/** The bytes of a struct. */
export function encodeStruct(fields: ThriftFields): Uint8Array {
  const encoder = new Encoder()
  encoder.addStruct(fields)
  return encoder.bytes
}

/**
 * Reads the struct that begins at `start`.
 *
 * @returns its fields, and where the bytes behind it begin
 */
export function decodeStruct(
  bytes: Uint8Array,
  start: number,
): { readonly fields: Map<number, ThriftValue>; readonly end: number } {
  const decoder = new Decoder(bytes, start)
  const fields = decoder.readStruct()
  return { fields, end: decoder.at }
}

class Encoder {
  #buffer = Buffer.allocUnsafe(256)
  #used = 0

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#used)
  }

  addStruct(fields: ThriftFields): void {
    let last = 0
    for (const [id, value] of fields) {
      const type = wireTypeOf(value)
      const step = id - last
      // Steps of up to 15 share a byte with the type.
      if (step > 0 && step <= 15) this.#addByte((step << 4) | type)
      else {
        this.#addByte(type)
        this.#addZigzag(id)
      }
      last = id
      if (value.type !== 'bool') this.#addValue(value)
    }
    this.#addByte(0)
  }

  #addValue(value: Exclude<ThriftValue, { readonly type: 'bool' }>): void {
    switch (value.type) {
      case 'i8':
        this.#addByte(value.value & 0xff)
        return
      case 'i16':
      case 'i32':
      case 'i64':
        this.#addZigzag(value.value)
        return
      case 'binary':
        this.#addVarint(value.value.length)
        this.#addBytes(value.value)
        return
      case 'list':
        this.#addList(value.items)
        return
      case 'struct':
        this.addStruct(value.fields)
        return
      case 'encoded':
        this.#addBytes(value.bytes)
    }
  }

  #addList(items: readonly ThriftValue[]): void {
    const type = items[0] === undefined ? wireTypes.struct : wireTypeOf(items[0])
    if (items.length < 15) this.#addByte((items.length << 4) | type)
    else {
      this.#addByte(0xf0 | type)
      this.#addVarint(items.length)
    }
    for (const item of items) if (item.type !== 'bool') this.#addValue(item)
  }

  #addZigzag(value: number): void {
    this.#addVarint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  #addVarint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.#addByte((rest % 0x80) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.#addByte(rest)
  }

  #addByte(byte: number): void {
    this.#makeRoom(1)
    this.#buffer[this.#used++] = byte
  }

  #addBytes(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length)
    this.#buffer.set(bytes, this.#used)
    this.#used += bytes.length
  }

  #makeRoom(bytes: number): void {
    if (this.#used + bytes <= this.#buffer.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#used + bytes))
    this.#buffer.copy(grown, 0, 0, this.#used)
    this.#buffer = grown
  }
}

function wireTypeOf(value: ThriftValue): number {
  if (value.type === 'bool') return value.value ? wireTypes.true : wireTypes.false
  return value.type === 'encoded' ? wireTypes.struct : wireTypes[value.type]
}

class Decoder {
  at: number
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes
    this.at = start
  }

  readStruct(): Map<number, ThriftValue> {
    const fields = new Map<number, ThriftValue>()
    let id = 0
    for (let head = this.#byte(); head !== 0; head = this.#byte()) {
      const step = head >> 4
      id = step === 0 ? this.#zigzag() : id + step
      fields.set(id, this.#value(head & 0x0f))
    }
    return fields
  }

  #value(type: number): ThriftValue {
    switch (type) {
      case wireTypes.true:
      case wireTypes.false:
        return { type: 'bool', value: type === wireTypes.true }
      case wireTypes.i8:
        return { type: 'i8', value: (this.#byte() << 24) >> 24 }
      case wireTypes.i16:
        return { type: 'i16', value: this.#zigzag() }
      case wireTypes.i32:
        return { type: 'i32', value: this.#zigzag() }
      case wireTypes.i64:
        return { type: 'i64', value: this.#zigzag() }
      case wireTypes.binary: {
        const length = this.#varint()
        this.at += length
        return { type: 'binary', value: this.#bytes.subarray(this.at - length, this.at) }
      }
      case wireTypes.list: {
        const head = this.#byte()
        const count = head >> 4 === 15 ? this.#varint() : head >> 4
        return { type: 'list', items: Array.from({ length: count }, () => this.#value(head & 0x0f)) }
      }
      case wireTypes.struct:
        return { type: 'struct', fields: this.readStruct() }
      default:
        throw new RangeError(`Thrift type ${type} at byte ${this.at} is none that Gantry writes`)
    }
  }

  #zigzag(): number {
    const value = this.#varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  #varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.at++]
    if (byte === undefined) throw new RangeError('metadata ends in the middle of a struct')
    return byte
  }
}
