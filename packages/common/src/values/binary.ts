/** Bytes that are shown in hexadecimal: their text is `0x…`, where that of a plain `Uint8Array` is base64. */
export class HexBytes {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** `0x` and two lower-case digits a byte. */
  toString(): string {
    return `0x${bufferOver(this.bytes).toString('hex')}`
  }
}

/** Padded base64 in the standard alphabet. */
export function base64Text(bytes: Uint8Array): string {
  return bufferOver(bytes).toString('base64')
}

function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * The bytes of pairs of hexadecimal digits, with ASCII white space allowed between pairs, as Python's `bytes.fromhex`
 * reads them. Undefined for any other text.
 */
export function tryHexPairs(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length >> 1)
  let size = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) continue
    const high = hexDigit(code)
    const low = hexDigit(text.charCodeAt(++at))
    if (high < 0 || low < 0) return undefined
    bytes[size++] = high * 16 + low
  }
  return bytes.subarray(0, size)
}

/**
 * Hex bytes from their text, `0x` or not; an odd number of digits gets a zero in front. Undefined for any other text.
 * Follows `dlt/common/libs/hexbytes.py`.
 */
export function tryHexBytes(text: string): HexBytes | undefined {
  const digits = text.startsWith('0x') || text.startsWith('0X') ? text.slice(2) : text
  for (let at = 0; at < digits.length; at++) if (hexDigit(digits.charCodeAt(at)) < 0) return undefined
  return new HexBytes(bytesOf(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'))
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  if (code >= 0x61 && code <= 0x66) return code - 0x57
  if (code >= 0x41 && code <= 0x46) return code - 0x37
  return -1
}

const pad = 0x3d

function isBase64Character(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2b ||
    code === 0x2f
  )
}

/**
 * The bytes of padded base64 as CPython 3.11's `b64decode(text, validate=True)` reads it: nothing but the standard
 * alphabet and complete padding; surplus `=` after whole groups and spare bits that are not zero pass. Undefined for any
 * other text; empty text is no bytes.
 */
export function tryStrictBase64(text: string): Uint8Array | undefined {
  let data = 0
  while (data < text.length && isBase64Character(text.charCodeAt(data))) data++
  const pads = text.length - data
  for (let at = data; at < text.length; at++) if (text.charCodeAt(at) !== pad) return undefined
  const rest = data % 4
  if (rest === 0) return data === 0 && pads > 0 ? undefined : bytesOf(text.slice(0, data), 'base64')
  return rest > 1 && pads === 4 - rest ? bytesOf(text, 'base64') : undefined
}

/**
 * The bytes of padded base64 as CPython's `b64decode(text)` reads it: ASCII characters outside the alphabet are skipped,
 * and what follows the padding is ignored. Undefined where characters or padding are missing, or text is not ASCII.
 */
export function tryLenientBase64(text: string): Uint8Array | undefined {
  const strict = tryStrictBase64(text)
  if (strict !== undefined) return strict
  let data = ''
  let pads = 0
  let ended = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 0x80) return undefined
    if (ended) continue
    if (code === pad) ended = data.length % 4 >= 2 && (data.length % 4) + ++pads >= 4
    else if (isBase64Character(code)) {
      data += text.charAt(at)
      pads = 0
    }
  }
  return ended || data.length % 4 === 0 ? bytesOf(data, 'base64') : undefined
}

function bytesOf(text: string, encoding: 'base64' | 'hex'): Uint8Array {
  const buffer = Buffer.from(text, encoding)
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
