import { describe, expect, it } from 'vitest'
import { namingConvention, newSchema, updateTable, type Column, type Schema, type Table } from '@gantry/common'
import { declareTables } from '../../src/hints/declare.ts'
import { declaredTables } from '../../src/hints/declared-tables.ts'
import type { StaticHints, SchemaContractHint } from '../../src/hints/hints.ts'

const naming = namingConvention('snake_case')
const rules = { naming, mergeStrategies: ['delete-insert'] }

/** A schema whose table `t` has data in `id`, declared `later`, and under it `t__l`. */
const loaded = [
  table('t', [
    { name: 'id', data_type: 'bigint', nullable: true },
    { name: 'later', description: 'not seen yet' },
  ]),
  { ...table('t__l', [{ name: 'a', data_type: 'text', nullable: true }]), hints: { parent: 't' } },
].reduce<Schema>((schema, one) => updateTable(schema, one), newSchema('s', naming))

function table(name: string, columns: readonly Column[]): Table {
  return {
    name,
    columns: new Map(columns.map((column) => [column.name, column])),
    hints: { write_disposition: 'append', resource: name, 'x-normalizer': { 'seen-data': true } },
  }
}

/** The columns of `t` that are new or changed by the hints, or the table's whole absence. */
function declare(hints: StaticHints, schema: Schema = loaded, name = 't'): ReadonlyMap<string, Column> | 'dropped' {
  const declared = declareTables(schema, declaredTables(name, name, hints, naming), rules)
  return declared?.schema.tables.get(naming.normalizeTablesPath(name))?.columns ?? 'dropped'
}

function frozen(entity: string, column: string | null): object {
  return { code: 'data_validation_error', details: { table: 't', column, entity, mode: 'freeze' } }
}

describe('a contract judges declared columns', () => {
  const columns = { id: { nullable: false }, later: { dataType: 'text' }, fresh: { dataType: 'text' } } as const
  const names = (schemaContract: SchemaContractHint): string[] => {
    const declared = declare({ columns, schemaContract })
    return declared === 'dropped' ? [] : [...declared.values()].map((column) => JSON.stringify(Object.values(column)))
  }

  it('and lets all of them in by default, those that become complete at the end', () => {
    expect(names({})).toEqual(['["id","bigint",false]', '["later","not seen yet","text"]', '["text","fresh"]'])
  })

  it.each(['discard_value', 'discard_row'] as const)('leaves out new columns with %s', (mode) => {
    expect(names({ columns: mode })).toEqual(['["id","bigint",false]', '["later","not seen yet"]'])
  })

  it.each(['discard_value', 'discard_row'] as const)('leaves types as they are with %s', (mode) => {
    expect(names({ dataType: mode })[0]).toBe('["id","bigint",true]')
  })

  it('and refuses what is frozen, by its name', () => {
    const fresh = { fresh: { dataType: 'text' } } as const
    expect(() => declare({ columns: fresh, schemaContract: 'freeze' })).toThrow(
      expect.objectContaining(frozen('columns', 'fresh')),
    )
    expect(() => declare({ columns: { later: { unique: true } }, schemaContract: { columns: 'freeze' } })).toThrow(
      'The hints declare a new column "later" of table "t", and the contract for columns is "freeze"',
    )
    expect(() => declare({ primaryKey: 'id', schemaContract: { dataType: 'freeze' } })).toThrow(
      expect.objectContaining(frozen('data_type', 'id')),
    )
  })

  it('but never other hints, nor what is declared again as it is', () => {
    const same = { id: { dataType: 'bigint', nullable: true }, later: { description: 'not seen yet' } } as const
    expect(() => declare({ columns: same, schemaContract: 'freeze' })).not.toThrow()
    expect(() => declare({ columns: { id: { unique: true } }, schemaContract: 'freeze' })).not.toThrow()
    expect(() => declare({ columns: { _dlt_id: { precision: 20 } }, schemaContract: 'freeze' })).not.toThrow()
  })
})

describe('a contract judges declared tables', () => {
  const contract = { tables: 'discard_row' } as const

  it('and drops new ones, or refuses them', () => {
    expect(declare({ schemaContract: contract }, loaded, 'fresh')).toBe('dropped')
    expect(declare({ schemaContract: contract })).not.toBe('dropped')
    expect(() => declare({ schemaContract: 'freeze' }, loaded, 'fresh')).toThrow('a new table "fresh"')
  })

  it('with those nested under them, while the rows above go on', () => {
    const nestedHints = new Map<string | readonly string[], object>([
      ['l', {}],
      ['m', {}],
      [['m', 'n'], {}],
    ])
    const tables = declaredTables('t', 't', { schemaContract: contract, nestedHints }, naming)
    expect(declareTables(loaded, tables, rules)?.tables.map(({ name }) => name)).toEqual(['t', 't__l'])
  })

  it('of the schema as well as of the table, which counts first', () => {
    const strict = { ...loaded, settings: { ...loaded.settings, schema_contract: 'freeze' as const } }
    expect(() => declare({}, strict, 'fresh')).toThrow('a new table "fresh"')
    expect(declare({ schemaContract: 'evolve' }, strict, 'fresh')).not.toBe('dropped')
  })
})

describe('a declared table that is new', () => {
  it('gets its columns once, whatever the contract says, and keeps its depth', () => {
    const hints: StaticHints = {
      columns: { a: { dataType: 'text' } },
      schemaContract: { columns: 'freeze' },
      maxTableNesting: 1,
    }
    const [fresh] = declareTables(loaded, declaredTables('fresh', 'fresh', hints, naming), rules)?.tables ?? []
    expect(fresh?.hints['x-normalizer']).toEqual({ max_nesting: 1, 'evolve-columns-once': true })
    expect([...(fresh?.columns.keys() ?? [])]).toEqual(['a'])
    const [known] =
      declareTables(loaded, declaredTables('t', 't', { schemaContract: hints.schemaContract! }, naming), rules)
        ?.tables ?? []
    expect(known?.hints['x-normalizer']).toBeUndefined()
  })
})

describe('a column with data', () => {
  it('keeps its type: another one is refused, with both', () => {
    expect(() => declare({ columns: { id: { dataType: 'text' } } })).toThrow(
      'Column "id" of table "t" holds bigint, and is declared as text.',
    )
  })

  it('has any type as long as its table has none', () => {
    const unseen = updateTable(newSchema('s', naming), {
      ...table('t', [{ name: 'id', data_type: 'bigint' }]),
      hints: {},
    })
    expect(declare({ columns: { id: { dataType: 'text' } } }, unseen)).toEqual(
      new Map([['id', { name: 'id', data_type: 'text' }]]),
    )
  })
})
