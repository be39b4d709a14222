import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '../../../../test/support/property.ts'
import { JsonObject } from '../../src/json/object.ts'
import { parseJson } from '../../src/json/reader.ts'
import { stringifyJson } from '../../src/json/writer.ts'
import { Double } from '../../src/values/double.ts'
import type { Value } from '../../src/values/value.ts'
import { exactForm } from './exact-form.ts'
import { plainJson } from './plain-json.ts'

/** A value, and one of the many ways to write it. */
interface Written {
  readonly value: Value
  readonly text: string
}

const space = fc.constantFrom('', '', '', ' ', '\n\t', '\r\n  ')

const string = fc.tuple(fc.string({ unit: 'binary', maxLength: 12 }), fc.nat(3)).map(([value, style]): Written => {
  const plain = JSON.stringify(value)
  if (style === 0) return { value, text: `"${escapeAll(value)}"` }
  if (style === 1) return { value, text: plain.replaceAll('/', String.raw`\/`) }
  return { value, text: plain }
})

function escapeAll(text: string): string {
  return Array.from({ length: text.length }, (_, at) => {
    const hex = text.charCodeAt(at).toString(16).padStart(4, '0')
    return String.raw`\u` + (at % 2 === 0 ? hex : hex.toUpperCase())
  }).join('')
}

const integer = fc
  .oneof(
    fc.bigInt(-(2n ** 53n) - 3n, 2n ** 53n + 3n),
    fc.bigInt(-(2n ** 64n) - 3n, 2n ** 64n + 3n),
    fc.bigInt(-(10n ** 80n), 10n ** 80n),
    fc.constantFrom(0n, 2n ** 53n, 2n ** 63n, -(2n ** 63n), 2n ** 64n),
  )
  .map((big): Written => {
    const number = Number(big)
    return { value: Number.isSafeInteger(number) ? number : big, text: big.toString() }
  })

const double = fc
  .tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(4))
  .map(([number, style]): Written => ({
    value: Number.isInteger(number) ? new Double(number) : number,
    text: doubleText(number, style),
  }))

/** The same number with an exponent, with zeros behind, or in the shortest form that is no integer's. */
function doubleText(number: number, style: number): string {
  const sign = Object.is(number, -0) ? '-' : ''
  const exponential = sign + number.toExponential()
  if (style === 0) return exponential.toUpperCase()
  if (style === 1) return exponential.replace('e+', 'e')
  const shortest = sign + String(number)
  if (shortest.includes('e')) return shortest
  return shortest.includes('.') ? `${shortest}${'0'.repeat(style - 2)}` : `${shortest}.${'0'.repeat(style - 1)}`
}

const word = fc
  .constantFrom<true | false | null>(true, false, null)
  .map((value): Written => ({ value, text: String(value) }))

/** Keys that go wrong in plain JavaScript objects, and keys few enough to be repeated. */
const key = fc.oneof(
  fc.constantFrom('a', 'b', '', '__proto__', 'constructor', 'toString', '1', '01', '-1', 'length', '\ufeff', '\0', '"'),
  fc.string({ unit: 'binary', maxLength: 4 }),
)

const { written } = fc.letrec<{ written: Written; array: Written; object: Written }>((tie) => ({
  array: fc.tuple(fc.array(fc.tuple(tie('written'), space), { maxLength: 5 }), space).map(([items, end]) => ({
    value: items.map(([{ value }]) => value),
    text: `[${items.map(([{ text }, before]) => `${before}${text}${before}`).join(',')}${end}]`,
  })),
  object: fc.tuple(fc.array(fc.tuple(key, tie('written'), space), { maxLength: 40 }), space).map(([fields, end]) => ({
    value: JsonObject.of(fields.map(([name, { value }]) => [name, value])),
    text: `{${fields.map(([name, { text }, at]) => `${at}${JSON.stringify(name)}${at}:${text}${at}`).join(',')}${end}}`,
  })),
  written: fc.oneof({ maxDepth: 6, depthSize: 'small' }, string, integer, double, word, tie('array'), tie('object')),
}))

describe('any JSON text', () => {
  it('is read as what was written, and as JSON.parse reads it', () => {
    fc.assert(
      fc.property(written, space, ({ value, text }, around) => {
        const read = parseJson(around + text + around)
        expect(exactForm(read)).toEqual(exactForm(value))
        expect(plainJson(read)).toEqual(JSON.parse(text))
      }),
      propertyRuns(1000),
    )
  })

  it('gives a value that survives being printed and read again', () => {
    fc.assert(
      fc.property(written, ({ value }) => {
        const text = stringifyJson(value)
        expect(exactForm(parseJson(text))).toEqual(exactForm(value))
        expect(plainJson(value)).toEqual(JSON.parse(text))
      }),
      propertyRuns(1000),
    )
  })

  it('is refused where it is cut off anywhere', () => {
    fc.assert(
      fc.property(written, fc.nat(), ({ value, text }, at) => {
        // A number may be cut into another one.
        fc.pre(typeof value === 'object' || typeof value === 'string')
        fc.pre(value !== null && !(value instanceof Double))
        expect(() => parseJson(text.slice(0, at % text.length))).toThrow(/ at offset \d+$/)
      }),
      propertyRuns(500),
    )
  })
})
