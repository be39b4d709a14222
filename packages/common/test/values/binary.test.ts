import { describe, expect, it } from 'vitest'
import {
  base64Text,
  HexBytes,
  tryHexBytes,
  tryHexPairs,
  tryLenientBase64,
  tryStrictBase64,
} from '../../src/values/binary.ts'

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1')
}

describe('binary text', () => {
  it.each([
    ['', ''],
    ['YWJj', 'abc'],
    ['YWI=', 'ab'],
    ['YQ==', 'a'],
    ['YR==', 'a'],
    ['YWJj====', 'abc'],
    ['YWJj=', 'abc'],
  ])('reads base64 %j strictly as Python does', (base64, bytes) => {
    expect(text(tryStrictBase64(base64))).toBe(bytes)
  })

  it.each(['Y', 'YW', 'YWI', 'YWI==', 'YQ===', '=', 'YW Jj', 'YWJj\n', 'YQ==YQ==', 'Y-_j', 'é'])(
    'finds no strict base64 in %j',
    (base64) => expect(tryStrictBase64(base64)).toBeUndefined(),
  )

  it('skips what is not base64 when lenient', () => {
    expect(text(tryLenientBase64('YW\nJ-j'))).toBe('abc')
    expect(text(tryLenientBase64('YQ==YQ=='))).toBe('a')
    expect(text(tryLenientBase64('YQ=='))).toBe('a')
    expect(tryLenientBase64('YQ')).toBeUndefined()
    expect(tryLenientBase64('YWJjé')).toBeUndefined()
  })

  it('takes white space between pairs of hex digits only', () => {
    expect(text(tryHexPairs(' 61 62\n'))).toBe('ab')
    expect(tryHexPairs('6 1')).toBeUndefined()
    expect(tryHexPairs('616')).toBeUndefined()
  })

  it('prints hex bytes in lower case with their prefix', () => {
    expect(String(tryHexBytes('0xABCD'))).toBe('0xabcd')
    expect(String(tryHexBytes('abc'))).toBe('0x0abc')
    expect(String(new HexBytes(new Uint8Array()))).toBe('0x')
    expect(tryHexBytes('0xzz')).toBeUndefined()
  })

  it('reads back the base64 of a part of a buffer', () => {
    expect(base64Text(new Uint8Array([0, 1, 2, 255]).subarray(1))).toBe('AQL/')
  })
})
