import { describe, expect, it } from 'vitest'
import { namingConvention } from '../../src/naming/open.ts'
import { combineSchemas } from '../../src/schema/combine.ts'
import { updateTable } from '../../src/schema/merge.ts'
import type { Column, Schema, TableHints } from '../../src/schema/model.ts'
import { newSchema } from '../../src/schema/new-schema.ts'

const empty = newSchema('s', namingConvention('snake_case'))

function schemaWith(columns: readonly Column[], hints: TableHints = {}): Schema {
  return updateTable(empty, { name: 't', columns: new Map(columns.map((column) => [column.name, column])), hints })
}

/** The column `a` of both, combined. */
function combined(base: Column, other: Column, hints: TableHints = {}): Column | undefined {
  return combineSchemas(schemaWith([base], hints), schemaWith([other]))
    .tables.get('t')
    ?.columns.get('a')
}

const seen = { 'x-normalizer': { 'seen-data': true } }

describe('two states of one schema', () => {
  it('keep all tables and columns of both', () => {
    const other = updateTable(schemaWith([{ name: 'b' }]), { name: 'u', columns: new Map(), hints: {} })
    const { tables } = combineSchemas(schemaWith([{ name: 'a' }]), other)
    expect([...(tables.get('t')?.columns.keys() ?? [])]).toEqual(['a', 'b'])
    expect(tables.has('u')).toBe(true)
  })

  it('take what is declared about a column from the second, and its type from the first where that has data', () => {
    const found = { name: 'a', data_type: 'bigint', nullable: true } as const
    expect(combined(found, { name: 'a', nullable: false, primary_key: true })).toEqual({
      ...found,
      nullable: false,
      primary_key: true,
    })
    expect(combined({ ...found, primary_key: true }, found)).toEqual(found)
    expect(combined(found, { name: 'a', data_type: 'text' }, seen)).toEqual(found)
    expect(combined(found, { name: 'a', data_type: 'text' })).toEqual({ name: 'a', data_type: 'text' })
  })

  it('take settings and hints of tables from the second', () => {
    const other = { ...schemaWith([], { schema_contract: 'freeze' }), settings: { schema_contract: 'evolve' as const } }
    const both = combineSchemas(schemaWith([], { schema_contract: 'evolve', description: 'd' }), other)
    expect(both.settings).toEqual({ schema_contract: 'evolve' })
    expect(both.tables.get('t')?.hints).toEqual({ schema_contract: 'freeze', description: 'd' })
  })

  it('keep the marks of normalize, and the depth that was declared', () => {
    const state = (base: object, other: object): unknown =>
      combineSchemas(
        schemaWith([], { 'x-normalizer': base as Record<string, boolean> }),
        schemaWith([], { 'x-normalizer': other as Record<string, boolean> }),
      ).tables.get('t')?.hints['x-normalizer']
    expect(state({ 'seen-data': true, max_nesting: 1 }, { max_nesting: 2, 'evolve-columns-once': true })).toEqual({
      'seen-data': true,
      max_nesting: 2,
    })
    expect(state({ max_nesting: 1 }, { 'evolve-columns-once': true })).toEqual({
      max_nesting: 1,
      'evolve-columns-once': true,
    })
  })
})
