import {
  capabilitiesOf,
  namingConvention,
  newSchema,
  updateTable,
  type Capabilities,
  type Schema,
} from '@gantry/common'
import { describe, expect, it } from 'vitest'
import { checkNames, IdentifierTooLong, SchemaIdentifierNormalizationCollision } from '../src/check-names.ts'

const duckdb = capabilitiesOf('duckdb')
const folding: Capabilities = { ...duckdb, hasCaseSensitiveIdentifiers: true, identifierFold: 'lower' }

function schemaOf(convention: string, tables: Readonly<Record<string, readonly string[]>>): Schema {
  let schema = newSchema('shop', namingConvention(convention))
  for (const [name, columns] of Object.entries(tables)) {
    schema = updateTable(schema, {
      name,
      columns: new Map(columns.map((column) => [column, { name: column, data_type: 'text' }])),
      hints: { write_disposition: 'append', resource: name },
    })
  }
  return schema
}

function problemsOf(schema: Schema, capabilities: Capabilities = duckdb): unknown {
  try {
    checkNames(schema, capabilities)
    return []
  } catch (error) {
    return (error as SchemaIdentifierNormalizationCollision).details['problems']
  }
}

describe('checkNames', () => {
  it.each([
    ['Id', 'id'],
    ['Straße', 'STRASSE'],
    ['ΟΔΟΣ', 'οδος'],
    ['É', 'é'],
  ])('finds that %s and %s are one column', (one, other) => {
    expect(problemsOf(schemaOf('direct', { t: [one, other] }))).toEqual([
      `columns "${one}" and "${other}" of table "t" are one name there, where case does not count`,
    ])
  })

  it.each([
    ['ı', 'i'],
    ['e', 'é'],
    ['a_b', 'ab'],
  ])('tells %s from %s', (one, other) => {
    expect(problemsOf(schemaOf('direct', { t: [one, other] }))).toEqual([])
  })

  it('reports everything at once, as a collision where there is one', () => {
    const long = 'x'.repeat(31)
    const limited = { ...duckdb, maxIdentifierLength: 30 }
    const schema = schemaOf('direct', { A: ['b', 'B', long], a: ['c'] })
    expect(problemsOf(schema, limited)).toEqual([
      'tables "A" and "a" are one name there, where case does not count',
      'columns "b" and "B" of table "A" are one name there, where case does not count',
      `column "${long}" of table "A" has 31 characters, duckdb takes 30`,
    ])
    expect(() => checkNames(schema, limited)).toThrow(SchemaIdentifierNormalizationCollision)
    expect(() => checkNames(schemaOf('direct', { a: [long] }), limited)).toThrow(IdentifierTooLong)
  })

  it('counts characters, not their halves', () => {
    expect(problemsOf(schemaOf('direct', { t: ['🦚'.repeat(30)] }), { ...duckdb, maxIdentifierLength: 30 })).toEqual([])
  })

  it('counts bytes where the destination does, which would cut a name in the midst', () => {
    const [fits, over] = [`${'ü'.repeat(31)}u`, 'ü'.repeat(32)]
    expect(problemsOf(schemaOf('direct', { t: [fits, over] }), capabilitiesOf('postgres'))).toEqual([
      `column "${over}" of table "t" has 64 bytes in UTF-8, postgres takes 63`,
    ])
  })

  it('leaves tables alone that have no column yet, and those of Gantry itself', () => {
    const schema = schemaOf('direct', { t: ['a'], T: [], _dlt_Loads: ['load_id'] })
    expect(problemsOf(schema)).toEqual([])
  })

  it('lets a destination that tells case apart have both, unless the convention ignores case', () => {
    const names = { t: ['Id', 'id'] }
    expect(problemsOf(schemaOf('direct', names), folding)).toEqual([])
    expect(problemsOf(schemaOf('sql_ci_v1', names), folding)).toHaveLength(1)
  })
})
