import { JsonObject, double, stringifyJson, tryTimestamp, type Value } from '@gantry/common'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '../../../test/support/property.ts'
import { exactTables } from './exact-tables.ts'
import { kept, rebuild } from './rebuild.ts'

/** Documents of one kind: at each path there is one type, or null, or nothing. */
type Kind =
  | { readonly scalar: fc.Arbitrary<Value> }
  | { readonly items: Kind }
  | { readonly fields: readonly (readonly [key: string, kind: Kind])[] }

const wholeNumber = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(integerValue)
const beyond64Bits = fc
  .tuple(fc.bigInt(2n ** 63n, 10n ** 38n - 1n), fc.boolean())
  .map(([big, isNegative]): Value => (isNegative ? -big - 1n : big))
  .filter((big) => (big as bigint) > -(10n ** 38n))
const anyDouble = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((number): Value => (Number.isInteger(number) ? double(number) : number))
/** Integers and doubles in one column, which widens; each integer has an exact double. */
const eitherNumber = fc.oneof(fc.maxSafeInteger(), anyDouble)
/** What reads as an instant is one, in a column of its own type. */
const anyText = fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => tryTimestamp(text) === undefined)

function integerValue(big: bigint): Value {
  const number = Number(big)
  return Number.isSafeInteger(number) ? number : big
}

const key = fc.constantFrom('a', 'b', 'c', 'name', 'x1', 'tags', 'deep')

const { fields } = fc.letrec<{ kind: Kind; fields: Kind }>((tie) => ({
  fields: fc
    .uniqueArray(fc.tuple(key, tie('kind')), { minLength: 1, maxLength: 5, selector: ([name]) => name })
    .map((list) => ({ fields: list })),
  kind: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.constantFrom(wholeNumber, beyond64Bits, anyDouble, eitherNumber, anyText, fc.boolean()).map((scalar) => ({
      scalar,
    })),
    tie('kind').map((items) => ({ items })),
    tie('fields'),
  ),
}))

function valueOf(of: Kind): fc.Arbitrary<Value> {
  if ('scalar' in of) return of.scalar
  if ('items' in of) return fc.array(orNull(valueOf(of.items)), { maxLength: 4 })
  return objectOf(of)
}

function objectOf(of: Kind): fc.Arbitrary<JsonObject> {
  const list = 'fields' in of ? of.fields : []
  return fc
    .tuple(
      ...list.map(([name, inside]) =>
        fc.option(orNull(valueOf(inside)), { nil: undefined }).map((v) => [name, v] as const),
      ),
    )
    .map((entries) =>
      JsonObject.of(entries.filter((entry): entry is readonly [string, Value] => entry[1] !== undefined)),
    )
}

function orNull(value: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 9, arbitrary: value }, { weight: 1, arbitrary: fc.constant<Value>(null) })
}

const documents = fields.chain((of) => fc.array(objectOf(of), { minLength: 1, maxLength: 8 }))

describe('any documents', () => {
  it('can be rebuilt from their tables by ids and list positions', async () => {
    await fc.assert(
      fc.asyncProperty(documents, async (list) => {
        const tables = await exactTables(list.map(stringifyJson), 1)
        expect(rebuild(tables)).toEqual(list.map((document) => kept(document) ?? {}))
      }),
      propertyRuns(80),
    )
  }, 60_000)
})
