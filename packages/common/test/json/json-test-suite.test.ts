import { describe, expect, it } from 'vitest'
import { files, open, readable, refused } from '../../../../test/support/json-cases.ts'
import { parseJson } from '../../src/json/reader.ts'
import { JsonSyntaxError } from '../../src/json/syntax-error.ts'
import { stringifyJson } from '../../src/json/writer.ts'
import { exactForm } from './exact-form.ts'
import { plainJson } from './plain-json.ts'

const openCases = Object.entries(open).map(([name, { text, refusal }]) => ({ name, text, refusal }))
const readCases = [
  ...Object.entries(readable).map(([name, text]) => ({ name, text })),
  ...openCases.filter(({ refusal }) => refusal === undefined),
]
const refusedCases = Object.entries(refused).map(([name, text]) => ({ name, text }))

describe('the cases of JSONTestSuite', () => {
  it('are all here', () => {
    const names = [readable, refused, open, files].flatMap((cases) => Object.keys(cases))
    const countOf = (prefix: string): number => names.filter((name) => name.startsWith(prefix)).length
    expect({ y: countOf('y_'), n: countOf('n_'), i: countOf('i_') }).toEqual({ y: 95, n: 188, i: 35 })
    expect(new Set(names).size).toBe(names.length)
  })

  it.each(readCases)('$name is read, as JSON.parse reads it', ({ text }) => {
    // The integer -0 is 0; dlt's integers have no such thing.
    const expected: unknown = JSON.parse(text === '[-0]' ? '[0]' : text)
    expect(plainJson(parseJson(text))).toEqual(expected)
  })

  it.each(readCases)('$name survives being printed and read again', ({ text }) => {
    const value = parseJson(text)
    expect(exactForm(parseJson(stringifyJson(value)))).toEqual(exactForm(value))
  })

  it.each(refusedCases)('$name is refused', ({ text }) => {
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError)
    expect(() => parseJson(text)).toThrow(JsonSyntaxError)
  })

  it.each(openCases.filter(({ refusal }) => refusal !== undefined))(
    '$name is refused: $refusal',
    ({ text, refusal }) => {
      expect(() => parseJson(text)).toThrow(refusal)
    },
  )
})

describe('what RFC 8259 leaves open', () => {
  it('integers keep all digits', () => {
    const digits = `-2${'37462'.repeat(12)}`
    expect(parseJson(digits)).toBe(BigInt(digits))
  })

  it('numbers below the smallest double are zero, with their sign', () => {
    expect(stringifyJson(parseJson('[1e-400,-1e-400]'))).toBe('[0.0,-0.0]')
  })

  it('1024 levels are read, one more is refused', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
    expect(stringifyJson(parseJson(nested(1024)))).toBe(nested(1024))
    expect(() => parseJson(nested(1025))).toThrow('more than 1024 levels of nesting')
  })

  it('a byte order mark belongs to a file, not to a text', () => {
    expect(() => parseJson('\ufeff{}')).toThrow('expected a value')
  })
})
