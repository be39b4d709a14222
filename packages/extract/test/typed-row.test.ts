import { describe, expect, it } from 'vitest'
import { decodeMarkers, Double, parseJson, parseDecimal, stringifyJson } from '@gantry/common'
import { typedRowText } from '../src/typed-row.ts'

const notes = { notFinite: 0 }

/** The row as normalize reads it back, in plain JSON. */
function roundTrip(row: unknown): string {
  return stringifyJson(decodeMarkers(parseJson(typedRowText(row, notes))))
}

describe('a row from memory', () => {
  it('keeps numbers exact and apart', () => {
    const row = {
      a: 1,
      b: 1.5,
      c: new Double(1),
      d: 2n ** 63n - 1n,
      e: 2n ** 64n,
      f: 1e20,
      g: -0,
      h: parseDecimal('1.50'),
    }
    expect(roundTrip(row)).toBe(
      '{"a":1,"b":1.5,"c":1.0,"d":9223372036854775807,"e":"18446744073709551616","f":1e+20,"g":0,"h":"1.50"}',
    )
  })

  it('keeps instants, bytes, maps and sets', () => {
    const row = { at: new Date(0), bytes: new Uint8Array([0, 1]), map: new Map([['k', 1]]), set: new Set([1, 2]) }
    expect(roundTrip(row)).toBe('{"at":"1970-01-01T00:00:00+00:00","bytes":"AAE=","map":{"k":1},"set":[1,2]}')
  })

  it('knows Temporal’s classes by their tag', () => {
    const instant = { [Symbol.toStringTag]: 'Temporal.Instant', toString: () => '2024-01-01T00:00:00.123456789Z' }
    expect(roundTrip({ instant })).toBe('{"instant":"2024-01-01T00:00:00.123456+00:00"}')
  })

  it('leaves out undefined, and counts what is not finite', () => {
    expect(typedRowText({ a: undefined, b: NaN, c: [undefined] }, notes)).toBe('{"b":null,"c":[null]}')
    expect(notes.notFinite).toBe(1)
  })

  it('refuses what no column can hold, and says where', () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    expect(() => typedRowText(circle, notes)).toThrow('"self" is an object that contains itself')
    expect(() => typedRowText({ a: { b: [() => 1] } }, notes)).toThrow('"a.b[0]" is a function')
    expect(() => typedRowText({ a: new Date(NaN) }, notes)).toThrow('"a" is an invalid Date')
    expect(() => typedRowText({ a: '\ud800' }, notes)).toThrow('lone surrogate')
  })
})
