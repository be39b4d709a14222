import { describe, expect, it } from 'vitest'
import { namingConvention } from '../../src/naming/open.ts'
import {
  ancestry,
  inheritedHint,
  mergeStrategy,
  NoWriteDisposition,
  rootTable,
  tableChain,
  TableNotFound,
  UnsupportedMergeStrategy,
  writeDisposition,
} from '../../src/schema/chains.ts'
import { changeNaming, TableIdentifiersFrozen } from '../../src/schema/change-naming.ts'
import { combineSchemas } from '../../src/schema/combine.ts'
import { updateTable } from '../../src/schema/merge.ts'
import type { Column, Schema, Table, TableHints } from '../../src/schema/model.ts'
import { newSchema } from '../../src/schema/new-schema.ts'
import { withoutProcessingHints } from '../../src/schema/processing-hints.ts'
import { dropPropagation, propagateRootKey } from '../../src/schema/propagation.ts'
import { pipelineStateTable } from '../../src/schema/system-tables.ts'

const snake = namingConvention('snake_case')
const strategies = ['delete-insert', 'upsert', 'scd2', 'insert-only']

function table(name: string, hints: TableHints, columns: readonly Column[] = []): Table {
  return { name, hints, columns: new Map(columns.map((column) => [column.name, column])) }
}

function schemaOf(...tables: readonly Table[]): Schema {
  return tables.reduce((schema, one) => updateTable(schema, one), newSchema('s', snake))
}

const chained = schemaOf(
  table('a', { write_disposition: 'merge', 'x-merge-strategy': 'upsert' }),
  table('a__c', { parent: 'a', file_format: 'csv' }),
  table('other', { write_disposition: 'append' }),
  table('a__b', { parent: 'a' }),
  table('a__c__d', { parent: 'a__c' }),
)

describe('chains', () => {
  it('lists nested tables depth first, children in the order of the schema', () => {
    expect(tableChain(chained, 'a').map((one) => one.name)).toEqual(['a', 'a__c', 'a__c__d', 'a__b'])
    expect(tableChain(chained, 'a__c').map((one) => one.name)).toEqual(['a__c', 'a__c__d'])
    expect(ancestry(chained, 'a__c__d').map((one) => one.name)).toEqual(['a__c__d', 'a__c', 'a'])
    expect(rootTable(chained, 'a__c__d').name).toBe('a')
    expect(() => rootTable(chained, 'nope')).toThrow(TableNotFound)
  })

  it('finds what is not set on a table above it', () => {
    expect(writeDisposition(chained, 'a__c__d')).toBe('merge')
    expect(inheritedHint(chained, 'a__c__d', 'file_format')).toBe('csv')
    expect(inheritedHint(chained, 'a__b', 'file_format')).toBeUndefined()
    expect(() => writeDisposition(schemaOf(table('x', {})), 'x')).toThrow(NoWriteDisposition)
  })

  it('resolves the merge strategy by hint, then by what the destination prefers', () => {
    expect(mergeStrategy(chained, 'a__c__d', strategies)).toBe('upsert')
    expect(mergeStrategy(chained, 'other', strategies)).toBeUndefined()
    expect(mergeStrategy(chained, 'a', [])).toBeUndefined()
    expect(mergeStrategy(schemaOf(table('m', { write_disposition: 'merge' })), 'm', strategies)).toBe('delete-insert')
    expect(() => mergeStrategy(chained, 'a', ['scd2'])).toThrow(UnsupportedMergeStrategy)
  })
})

/* Expected configs are dlt's, seen by running `Schema.update_table` of dlt 1.26.0. */
describe('propagateRootKey', () => {
  const merge: TableHints = { write_disposition: 'merge' }
  const append: TableHints = { write_disposition: 'append' }
  const rootKey: Column = { name: 'rk', data_type: 'text', root_key: true }
  const plain = { tables: { t: { _dlt_id: '_dlt_root_id' } } }

  function configAfter(schema: Schema, config?: Schema['normalizers']['json']['config'], name = 't'): unknown {
    const { normalizers } = schema
    const configured =
      config === undefined
        ? schema
        : { ...schema, normalizers: { ...normalizers, json: { ...normalizers.json, config } } }
    return propagateRootKey(configured, name, snake, strategies).normalizers.json.config
  }

  it('leaves tables alone that do not need it', () => {
    const schema = schemaOf(table('t', append))
    expect(propagateRootKey(schema, 't', snake, strategies)).toBe(schema)
    expect(configAfter(schemaOf(table('t', { ...merge, 'x-merge-strategy': 'scd2' })))).toBeUndefined()
    expect(propagateRootKey(schemaOf(table('t', merge)), 't', snake, []).normalizers.json.config).toBeUndefined()
  })

  it.each(['delete-insert', 'upsert', 'insert-only'])('hands it down for %s', (strategy) => {
    const schema = schemaOf(table('t', { ...merge, 'x-merge-strategy': strategy }), table('t__c', { parent: 't' }))
    expect(configAfter(schema, undefined, 't__c')).toEqual({ propagation: plain })
  })

  it('hands it down where a table of the chain has a root key, under the name of the row key', () => {
    const nested = table('t__c', { parent: 't' }, [rootKey])
    expect(configAfter(schemaOf(table('t', append), nested))).toEqual({ propagation: plain })
    const keyed = table('t', append, [{ name: 'k', data_type: 'text', row_key: true }])
    expect(configAfter(schemaOf(keyed, nested))).toEqual({ propagation: { tables: { t: { k: '_dlt_root_id' } } } })
  })

  it('obeys the config: true for all tables, false against the strategy only', () => {
    expect(configAfter(schemaOf(table('t', append)), { root_key_propagation: true })).toEqual({
      root_key_propagation: true,
      propagation: plain,
    })
    const off = { root_key_propagation: false }
    expect(configAfter(schemaOf(table('t', merge)), off)).toEqual(off)
    expect(configAfter(schemaOf(table('t', append, [rootKey])), off)).toEqual({ ...off, propagation: plain })
  })

  it('keeps what else is handed down', () => {
    const own = { propagation: { root: { id: '_r' }, tables: { t: { ts: '_ts' } } } }
    expect(configAfter(schemaOf(table('t', merge)), own)).toEqual({
      propagation: { root: { id: '_r' }, tables: { t: { ts: '_ts', _dlt_id: '_dlt_root_id' } } },
    })
  })

  it('touches system tables only for a root key', () => {
    const name = '_dlt_pipeline_state'
    expect(configAfter(schemaOf(table(name, append)), { root_key_propagation: true }, name)).toEqual({
      root_key_propagation: true,
    })
    expect(configAfter(schemaOf(table(name, append, [rootKey])), undefined, name)).toEqual({
      propagation: { tables: { [name]: { _dlt_id: '_dlt_root_id' } } },
    })
  })

  it('forgets dropped tables', () => {
    const schema = propagateRootKey(schemaOf(table('t', merge)), 't', snake, strategies)
    expect(dropPropagation(schema, ['t']).normalizers.json.config).toEqual({ propagation: { tables: {} } })
    expect(dropPropagation(schema, ['u'])).toBe(schema)
  })
})

describe('changeNaming', () => {
  const schema = schemaOf(table('my_table', { write_disposition: 'append' }, [{ name: 'a', data_type: 'text' }]))

  it('rewrites names and settings, unless the convention is the same', () => {
    const named = changeNaming(
      { ...schema, settings: { ...schema.settings, preferred_types: { Amount: 'decimal', 're:_at$': 'timestamp' } } },
      namingConvention('sql_ci_v1'),
    )
    expect(named.normalizers.names).toBe('sql_ci_v1')
    expect(named.settings.preferred_types).toEqual({ amount: 'decimal', 're:_at$': 'timestamp' })
    expect(changeNaming(schema, namingConvention('snake_case', 100))).toBe(schema)
  })

  it('refuses where a table has data, unless that is allowed', () => {
    const seen = updateTable(schema, table('my_table', { 'x-normalizer': { 'seen-data': true } }))
    expect(() => changeNaming(seen, namingConvention('direct'))).toThrow(TableIdentifiersFrozen)
    expect(changeNaming(seen, namingConvention('direct'), true).normalizers.names).toBe('direct')
  })

  it('may change while only a system table has data, as long as that keeps its names', () => {
    const state = pipelineStateTable(snake)
    const seen = updateTable(schema, { ...state, hints: { ...state.hints, 'x-normalizer': { 'seen-data': true } } })
    expect(changeNaming(seen, namingConvention('direct')).normalizers.names).toBe('direct')
    expect(() => changeNaming(seen, namingConvention('s3_tables'))).toThrow(
      'table "_dlt_pipeline_state" has data already',
    )
  })

  it('makes names of system tables out of what they are called everywhere', () => {
    const there = changeNaming(newSchema('s', snake), namingConvention('s3_tables'))
    expect([...there.tables.keys()]).toEqual(['dlt_version', 'dlt_loads'])
    const back = changeNaming(there, snake)
    expect(back.tables).toEqual(newSchema('s', snake).tables)
  })
})

describe('combineSchemas', () => {
  it('brings the names of the other to the convention of the base', () => {
    const other = changeNaming(schemaOf(table('my_table', { write_disposition: 'append' })), namingConvention('direct'))
    const named = updateTable(other, { ...table('MyTable', { write_disposition: 'append' }), name: 'MyTable' })
    const combined = combineSchemas(schemaOf(), named)
    expect([...combined.tables.keys()]).toEqual(['_dlt_version', '_dlt_loads', 'my_table'])
    expect(combined.normalizers.names).toBe('snake_case')
  })

  it('is linked to the import of the base, if it has one', () => {
    const base = schemaOf()
    const other = { ...base, imported_version_hash: 'other' }
    expect(combineSchemas(base, other).imported_version_hash).toBe('other')
    expect(combineSchemas({ ...base, imported_version_hash: 'base' }, other).imported_version_hash).toBe('base')
  })
})

describe('withoutProcessingHints', () => {
  it('takes the notes of the stages away and nothing else', () => {
    const noted = schemaOf(
      table('t', { 'x-normalizer': { 'seen-data': true }, 'x-loader': 1, 'x-extractor': 1, 'x-mine': 1 }, [
        { name: 'a', 'x-normalizer': {}, 'x-loader': 1 },
      ]),
    )
    expect(withoutProcessingHints(noted).tables.get('t')).toEqual(
      table('t', { 'x-mine': 1 }, [{ name: 'a', 'x-loader': 1 }]),
    )
  })
})
