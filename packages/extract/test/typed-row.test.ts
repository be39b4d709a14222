import { describe, expect, it } from 'vitest'
import { decodeMarkers, Double, mostLevels, parseJson, parseDecimal, stringifyJson } from '@gantry/common'
import { naughtyStrings } from '../../../test/support/naughty-strings.ts'
import { isPlain } from '../src/plain-values.ts'
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

describe('a row of literals, lists and objects', () => {
  /** A map is printed value by value. */
  const printed = (row: object): string => typedRowText(new Map(Object.entries(row)), { notFinite: 0 })

  const numbers = [
    0,
    1,
    2 ** 53 - 1,
    2 ** 53,
    2 ** 53 + 2,
    1e15,
    1e16,
    1e20,
    1e21,
    1e300,
    Number.MAX_VALUE,
    0.1,
    1e-4,
    0.00012,
    9.999e-5,
    1e-5,
    1e-6,
    1e-7,
    5e-324,
    123456.789,
    4503599627370495.5,
  ].flatMap((value) => [value, -value])

  it.each(numbers)('has the number %d as any other row has it', (value) => {
    expect(typedRowText({ value, list: [value] }, notes)).toBe(printed({ value, list: [value] }))
  })

  it.each(Object.keys(naughtyStrings))('has text as any other row has it: %s', (kind) => {
    for (const text of naughtyStrings[kind]!) {
      const row = { text, [text]: [text, { text }] }
      expect(typedRowText(row, notes)).toBe(printed(row))
    }
  })

  it.each([
    [{ b: undefined, c: [undefined, null, true], d: {}, e: [] }],
    [{ 2: 'two', 1: 'one', a: { 10: 1, 9: 2 } }],
    // With holes.
    [{ list: Object.assign([], { 1: 'second', 3: 'fourth' }) }],
    [JSON.parse('{"__proto__":{"a":1},"constructor":"x","toString":null}')],
    [Object.assign(Object.create(null), { a: 1 })],
  ])('has all that is in it: %j', (row) => {
    expect(isPlain(row)).toBe(true)
    expect(typedRowText(row, notes)).toBe(printed(row as object))
  })

  it.each([
    { a: new Date(0) },
    { a: [1n] },
    { a: { b: NaN } },
    { a: new Map() },
    { a: new URL('https://example.org') },
    { toJSON: () => ({ own: true }) },
    { a: 1e-5 },
    { a: 2 ** 53 },
  ])('is no such row where anything else is in it: %o', (row) => {
    expect(isPlain(row)).toBe(false)
  })

  it('may have another as often as it wants, but not itself', () => {
    const same = { a: [1] }
    expect(typedRowText({ one: same, other: same }, notes)).toBe('{"one":{"a":[1]},"other":{"a":[1]}}')
    const own = {
      toJSON() {
        return { own }
      },
    }
    expect(() => typedRowText({ own }, notes)).toThrow('"own.own" is an object that contains itself')
    const list: unknown[] = []
    list.push({ list })
    expect(() => typedRowText({ list }, notes)).toThrow('"list[0].list" is an object that contains itself')
  })

  it('says where a lone surrogate is, in a key too', () => {
    expect(() => typedRowText({ a: [{ b: 'x\udc00' }] }, notes)).toThrow('"a[0].b" is text with a lone surrogate')
    expect(() => typedRowText({ a: { '\ud800': 1 } }, notes)).toThrow('is under a key with a lone surrogate')
    expect(typedRowText({ a: String.raw`\ud800` }, notes)).toBe(String.raw`{"a":"\\ud800"}`)
  })

  it('has as many levels as are read, and no more', () => {
    const nested = (levels: number): object => {
      let row: object = {}
      for (let level = 1; level < levels; level++) row = { a: row }
      return row
    }
    expect(JSON.parse(typedRowText(nested(mostLevels), notes))).toEqual(nested(mostLevels))
    expect(() => typedRowText(nested(mostLevels + 1), notes)).toThrow(
      `"${'a.'.repeat(100)}…" is below 1024 levels of nesting, which no column can hold.`,
    )
    expect(() => typedRowText(nested(100_000), notes)).toThrow('below 1024 levels of nesting')
  })
})
