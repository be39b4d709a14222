import { JsonObject, stringifyJson, type Value } from '@gantry/common'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '../../../test/support/property.ts'
import { exactTables, type ExactTables } from './exact-tables.ts'

/*
 * Documents that contradict each other wherever they can, cut into ranges of a few lines: what one worker makes of them
 * in one reading, any number of workers has to make of them side by side.
 */

const key = fc.constantFrom('a', 'b', 'c', 'A', 'a__b', 'c d', '1', '', 'list', 'value', '_dlt_id_', '__proto__')

const scalar = fc.oneof(
  fc.integer(),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc.bigInt(-(10n ** 40n), 10n ** 40n),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('12', '1.5', 'true', '2024-05-01T10:00:00Z', '2024-05-01', '', ' ', 'AAE=', '{"a":1}', 'text'),
)

const { value, document } = fc.letrec<{ value: Value; document: JsonObject }>((tie) => ({
  document: fc.array(fc.tuple(key, tie('value')), { maxLength: 6 }).map((fields) => JsonObject.of(fields)),
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 4, arbitrary: scalar as fc.Arbitrary<Value> },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 1, arbitrary: tie('document') },
  ),
}))

/** Long enough for a range to end inside of it, now and then. */
const filler = fc.constantFrom('', 'x'.repeat(20), 'x'.repeat(200), 'é'.repeat(400))

const lines = fc.array(
  fc.tuple(fc.oneof({ weight: 9, arbitrary: document as fc.Arbitrary<Value> }, value), filler).map(([item, text]) =>
    text === ''
      ? stringifyJson(item)
      : stringifyJson(
          JsonObject.of([
            ['filler', text],
            ['item', item],
          ]),
        ),
  ),
  { minLength: 20, maxLength: 120, size: 'max' },
)

/** Schema, hash and rows, with ids as the places of rows; or the error that ended it. */
async function outcome(
  text: readonly string[],
  workers: number,
): Promise<{ readonly redone: number; readonly told: unknown }> {
  try {
    const tables = await exactTables(text, workers)
    return { redone: tables.redone, told: { hash: tables.schemaHash, tables: linked(tables) } }
  } catch (error) {
    // The folder of the package is in it.
    return { redone: 0, told: String(error).replace(/\/\S*\/new_jobs\//, '') }
  }
}

function linked({ rows }: ExactTables): Record<string, readonly string[]> {
  const places = new Map<Value, string>()
  for (const [table, ofTable] of rows) {
    for (const [index, row] of ofTable.entries()) places.set(row.get('_dlt_id') as Value, `${table}[${index}]`)
  }
  const print = (row: JsonObject): string =>
    stringifyJson(
      JsonObject.of(
        [...row.entries()].map(([name, item]) =>
          name === '_dlt_id' || name === '_dlt_parent_id' ? [name, places.get(item) ?? 'nobody'] : [name, item],
        ),
      ),
    )
  return Object.fromEntries([...rows].map(([table, ofTable]) => [table, ofTable.map(print)]))
}

describe('any documents', () => {
  it('give one schema hash and the same linked rows with 1, 2 and 8 workers', async () => {
    let redone = 0
    await fc.assert(
      fc.asyncProperty(lines, async (text) => {
        const one = await outcome(text, 1)
        const two = await outcome(text, 2)
        const eight = await outcome(text, 8)
        expect(two.told).toEqual(one.told)
        expect(eight.told).toEqual(one.told)
        redone += two.redone + eight.redone
      }),
      // Shrinking would start hundreds of pools; a failing case says enough.
      { ...propertyRuns(4), endOnFailure: true },
    )
    // Else the documents would not contradict each other, and this would prove little.
    expect(redone).toBeGreaterThan(0)
  }, 120_000)
})
