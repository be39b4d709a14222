import { describe, expect, it } from 'vitest'
import { JsonObject } from '../../src/json/object.ts'
import { HexBytes } from '../../src/values/binary.ts'
import { Decimal, parseDecimal, Wei } from '../../src/values/decimal.ts'
import { DateValue, Timestamp, TimeValue } from '../../src/values/temporal.ts'
import { decodeMarkers, encodeMarker, stripMarkers, tryDecodeMarker } from '../../src/values/typed-json.ts'

const marked = [
  [parseDecimal('-1.50'), '\uf026-1.50'],
  [new Timestamp(0, 500_000, 120), '\uf0271970-01-01T00:00:00.500000+02:00'],
  [new Timestamp(0, 0), '\uf0271970-01-01T00:00:00'],
  [new DateValue(1), '\uf0281970-01-02'],
  [new HexBytes(new Uint8Array([97, 98])), '\uf02a0x6162'],
  [new Uint8Array([97]), '\uf02bYQ=='],
  [new Wei(2n ** 200n), `\uf02c${2n ** 200n}`],
  [new Wei(parseDecimal('1.5')), '\uf02c1.5'],
  [new TimeValue(1_000_000), '\uf02d00:00:01'],
] as const

describe('type markers', () => {
  it.each(marked)('writes and reads back %s', (value, text) => {
    expect(encodeMarker(value)).toBe(text)
    const decoded = tryDecodeMarker(text)
    expect(decoded?.constructor).toBe(value.constructor)
    expect(String(decoded)).toBe(String(value))
  })

  it('writes integers beyond 64 bits as wei', () => {
    expect(encodeMarker(2n ** 64n)).toBe('\uf02c18446744073709551616')
  })

  it('reads UUIDs as plain strings', () => {
    expect(tryDecodeMarker('\uf02912345678123456781234567812345678')).toBe('12345678-1234-5678-1234-567812345678')
  })

  it.each(['', 'x', '\uf026', '\uf026zz', '\uf027nope', '\uf029zz', '\uf02a0xzz', '\uf02bY', '\uf02cx', '\uf02e9'])(
    'leaves %j unchanged',
    (text) => expect(tryDecodeMarker(text)).toBe(text),
  )

  it('decodes at any depth, but not in keys', () => {
    const object = JsonObject.of([['\uf0261', ['x', JsonObject.of([['a', '\uf0261.0']])]]])
    const decoded = decodeMarkers(object) as JsonObject
    const list = decoded.get('\uf0261') as [string, JsonObject]
    expect(list[1].get('a')).toBeInstanceOf(Decimal)
  })

  it('removes markers in a copy', () => {
    const object = JsonObject.of([
      ['a', ['\uf026x', '\uf02e', '\uf02ey', 1]],
      ['b', 'b'],
    ])
    const stripped = stripMarkers(object) as JsonObject
    expect(stripped.get('a')).toEqual(['x', '\uf02e', 'y', 1])
    expect(object.get('a')).toEqual(['\uf026x', '\uf02e', '\uf02ey', 1])
    const plain = JsonObject.of([['a', ['b']]])
    expect(stripMarkers(plain)).toBe(plain)
  })
})
