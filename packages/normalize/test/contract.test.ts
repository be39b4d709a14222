import {
  namingConvention,
  newSchema,
  newTable,
  parseSchema,
  stringifySchema,
  updateTable,
  type Schema,
} from '@gantry/common'
import { describe, expect, it } from 'vitest'
import { normalizeLines } from './support.ts'

/** Table `t` with a column `n: bigint` that was there before, under a contract. */
function schemaWith(contract: object): Schema {
  const table = { ...newTable('t'), columns: new Map([['n', { name: 'n', data_type: 'bigint' as const }]]) }
  const schema = updateTable(newSchema('test', namingConvention('snake_case')), table)
  const document = JSON.parse(stringifySchema(schema)) as { settings: Record<string, unknown> }
  document.settings['schema_contract'] = contract
  return parseSchema(JSON.stringify(document))
}

const lines = ['{"n":1}', '{"n":"two","x":1}', '{"n":3,"x":2}', '{"n":4,"l":[{"a":1},{"a":2}]}']

describe('the report on schema contracts', () => {
  it('counts what was kept out and shows the first case', async () => {
    const schema = schemaWith({ tables: 'discard_row', columns: 'discard_value', data_type: 'discard_row' })
    const { rows, violations } = await normalizeLines(lines, { schema })
    expect(rows['t']).toEqual([{ n: 1 }, { n: 3 }, { n: 4 }])
    const place = { file: expect.stringContaining('t.0000000001.0.ndjson') as string, counts: 'lines' as const }
    expect(violations).toEqual([
      {
        package: '1700000000.5',
        table: 't',
        column: 'n__v_text',
        entity: 'data_type',
        mode: 'discard_row',
        count: 1,
        value: '"two"',
        place: { ...place, number: 2 },
      },
      {
        package: '1700000000.5',
        table: 't',
        column: 'x',
        entity: 'columns',
        mode: 'discard_value',
        count: 2,
        value: '1',
        place: { ...place, number: 2 },
      },
      {
        package: '1700000000.5',
        table: 't__l',
        column: null,
        entity: 'tables',
        mode: 'discard_row',
        count: 2,
        value: null,
        place: { ...place, number: 4 },
      },
    ])
  })

  it('names package, file, line, table, column and value of what a frozen contract refuses', async () => {
    const schema = schemaWith({ columns: 'freeze' })
    await expect(normalizeLines(lines, { schema })).rejects.toMatchObject({
      message: expect.stringMatching(
        /t\.0000000001\.0\.ndjson, line 2: .*"x" of table "t" \(1\).*1700000000\.5/s,
      ) as string,
      details: {
        table: 't',
        column: 'x',
        entity: 'columns',
        mode: 'freeze',
        value: '1',
        line: 2,
        package: '1700000000.5',
      },
    })
  })

  it('counts over ranges as over one', async () => {
    const many = Array.from({ length: 60_000 }, (_, n) => JSON.stringify({ n, x: 'y'.repeat(200) }))
    const schema = schemaWith({ columns: 'discard_value' })
    const [one, two] = [await normalizeLines(many, { schema }), await normalizeLines(many, { schema, workers: 2 })]
    for (const { violations } of [one, two]) {
      expect(violations).toMatchObject([{ column: 'x', count: 60_000, place: { number: 1 } }])
    }
  })
})
