import { namingConvention, newSchema, updateTable, type Column, type Schema, type TableHints } from '@gantry/common'
import { describe, expect, it } from 'vitest'
import { verifyDispositions, type WaysToWrite } from '../src/verify-dispositions.ts'
import { seenTable } from './support.ts'

const duckdb: WaysToWrite = {
  destination: 'duckdb',
  hasDataset: true,
  mergeStrategies: ['delete-insert', 'upsert', 'insert-only', 'scd2'],
  replaceStrategies: ['truncate-and-insert', 'insert-from-staging'],
}
const filesystem: WaysToWrite = {
  destination: 'filesystem',
  hasDataset: true,
  mergeStrategies: [],
  replaceStrategies: ['truncate-and-insert'],
}

type Columns = Readonly<Record<string, Omit<Column, 'name'>>>

function schemaOf(columns: Columns, hints: TableHints): Schema {
  const empty = newSchema('shop', namingConvention('snake_case'))
  return updateTable(empty, seenTable('orders', columns, hints))
}

const id: Columns = { id: { data_type: 'bigint', primary_key: true } }
const merge = { write_disposition: 'merge' } as const
const by = (strategy: string): TableHints => ({ ...merge, 'x-merge-strategy': strategy })
const twoOf = (hint: object): Columns => ({ a: { data_type: 'bool', ...hint }, b: { data_type: 'bool', ...hint } })

function verify(columns: Columns, hints: TableHints, ways: WaysToWrite = duckdb): string[] {
  return verifyDispositions(schemaOf(columns, hints), [], ways, 'truncate-and-insert').map(({ message }) => message)
}

describe('a schema is refused', () => {
  it.each<[string, Columns, TableHints, RegExp]>([
    ['two hard_delete columns', { ...id, ...twoOf({ hard_delete: true }) }, merge, /"orders".*hard_delete on a, b/],
    ['two dedup_sort columns', { ...id, ...twoOf({ dedup_sort: 'asc' }) }, merge, /"orders".*dedup_sort on a, b/],
    ['upsert without a key', { id: { data_type: 'bigint' } }, by('upsert'), /"orders".*upsert.*primary key/],
    [
      'insert-only by a merge key',
      { id: { merge_key: true } },
      by('insert-only'),
      /"orders".*insert-only.*primary key/,
    ],
  ])('for %s', (_, columns, hints, message) => {
    expect(() => verify(columns, hints)).toThrow(
      expect.objectContaining({ name: 'SchemaCorruptedException', message: expect.stringMatching(message) }),
    )
  })

  it('for a way to replace that the destination does not have', () => {
    const schema = schemaOf(id, { write_disposition: 'replace' })
    expect(() => verifyDispositions(schema, [], duckdb, 'staging-optimized')).toThrow(
      /"orders" is to be replaced by staging-optimized, but duckdb has truncate-and-insert, insert-from-staging/,
    )
  })

  it('for a merge strategy that the destination does not have', () => {
    const ways = { ...duckdb, mergeStrategies: ['delete-insert'] }
    expect(() => verify(id, by('scd2'), ways)).toThrow(expect.objectContaining({ name: 'UnsupportedMergeStrategy' }))
  })

  it('for a merge where there is no way to merge', () => {
    const ways = { ...duckdb, destination: 'sink', mergeStrategies: [] }
    expect(() => verify(id, merge, ways)).toThrow(expect.objectContaining({ name: 'WriteDispositionNotSupported' }))
  })

  it('with all that is wrong at once', () => {
    const columns = { ...twoOf({ hard_delete: true }), c: { dedup_sort: 'asc' }, d: { dedup_sort: 'desc' } } as const
    expect(() => verify(columns, by('upsert'))).toThrow(/primary key[^]*hard_delete on a, b[^]*dedup_sort on c, d/)
  })
})

describe('what has no effect is told', () => {
  const seq: Columns = { seq: { data_type: 'bigint', dedup_sort: 'asc' } }
  it.each<[string, Columns, TableHints, RegExp[]]>([
    ['nothing', { ...id, ...seq, gone: { hard_delete: true } }, merge, []],
    ['nothing', id, by('scd2'), []],
    ['a merge without keys', { v: { data_type: 'text' } }, merge, [/neither.*appended/]],
    ['a merge key of an upsert', { ...id, r: { merge_key: true } }, by('upsert'), [/merge key/]],
    ['hints of an append', { ...seq, gone: { hard_delete: true } }, {}, [/hard_delete.*append/, /dedup_sort.*append/]],
    ['hints of a replace', { gone: { hard_delete: true } }, { write_disposition: 'replace' }, [/hard_delete.*replace/]],
    ['an order without a primary key', { ...seq, r: { merge_key: true } }, merge, [/dedup_sort/]],
    ['an order of single rows', { ...id, ...seq }, { ...merge, 'x-stage-data-deduplicated': true }, [/dedup_sort/]],
  ])('%s', (_, columns, hints, expected) => {
    expect(verify(columns, hints)).toEqual(expected.map((message) => expect.stringMatching(message)))
  })

  it('a merge that files become an append by', () => {
    expect(verify(id, merge, filesystem)).toEqual([expect.stringMatching(/appended/)])
  })
})

describe('what is looked at', () => {
  const wrong = { ...twoOf({ hard_delete: true }) }
  it('leaves out tables that never had data and get none', () => {
    const { hints, ...table } = seenTable('orders', wrong)
    const unseen = { ...table, hints: { ...hints, 'x-normalizer': {} } }
    const schema = updateTable(newSchema('shop', namingConvention('snake_case')), unseen)
    expect(verifyDispositions(schema, [], duckdb, 'truncate-and-insert')).toEqual([])
    expect(() => verifyDispositions(schema, ['orders'], duckdb, 'truncate-and-insert')).toThrow(/hard_delete/)
  })

  it('takes a table below its root for that', () => {
    const nested = seenTable('orders__lines', wrong, { parent: 'orders' })
    const schema = updateTable(schemaOf(id, merge), { ...nested, hints: { parent: 'orders' } })
    expect(verifyDispositions(schema, ['orders__lines'], duckdb, 'truncate-and-insert')).toEqual([])
  })
})
