import { describe, expect, it } from 'vitest'
import { namingConvention } from '../../src/naming/open.ts'
import {
  findTypeConflict,
  isDefaultHint,
  mergeTable,
  ParentTableNotFound,
  TableConflict,
  updateTable,
  updateTables,
} from '../../src/schema/merge.ts'
import type { Column, Table, TableHints } from '../../src/schema/model.ts'
import { newSchema } from '../../src/schema/new-schema.ts'
import { normalizeTableIdentifiers } from '../../src/schema/normalize-identifiers.ts'
import { diffSchema, diffTable } from '../../src/schema/diff.ts'

const snake = namingConvention('snake_case')

function table(columns: readonly Column[], hints: TableHints = {}, name = 't'): Table {
  return { name, columns: new Map(columns.map((column) => [column.name, column])), hints }
}

const names = (merged: Table): string[] => [...merged.columns.keys()]

describe('mergeTable', () => {
  it('appends new columns and overwrites hints of known ones, nulls and defaults too', () => {
    const merged = mergeTable(
      table([{ name: 'a', data_type: 'text', nullable: false, 'x-a': 1 }, { name: 'b' }]),
      table([
        { name: 'c', data_type: 'bool' },
        { name: 'a', nullable: true, 'x-a': null },
      ]),
    )
    expect(names(merged)).toEqual(['a', 'b', 'c'])
    expect(merged.columns.get('a')).toEqual({ name: 'a', data_type: 'text', nullable: true, 'x-a': null })
  })

  it('moves a column to the end when it becomes complete', () => {
    const merged = mergeTable(
      table([
        { name: 'id', primary_key: true },
        { name: 'z', data_type: 'text' },
      ]),
      table([
        { name: 'a', data_type: 'bigint' },
        { name: 'id', data_type: 'bigint' },
      ]),
    )
    expect(names(merged)).toEqual(['z', 'a', 'id'])
    expect(merged.columns.get('id')).toEqual({ name: 'id', primary_key: true, data_type: 'bigint' })
  })

  it('adds columns to a key in normalize and replaces the key in extract', () => {
    const known = table([
      { name: 'a', primary_key: true },
      { name: 'b', primary_key: true, merge_key: true },
    ])
    const update = table([{ name: 'c', primary_key: true }])
    const keys = (merged: Table) => [...merged.columns.values()].filter((c) => c.primary_key).map((c) => c.name)
    expect(keys(mergeTable(known, update))).toEqual(['a', 'b', 'c'])
    const replaced = mergeTable(known, update, { compoundHints: 'replace' })
    expect(keys(replaced)).toEqual(['c'])
    expect(replaced.columns.get('b')).toEqual({ name: 'b', merge_key: true })
  })

  it('takes no key away from others where it is set to false', () => {
    const known = table([
      { name: 'a', primary_key: true },
      { name: 'b', primary_key: true },
    ])
    const merged = mergeTable(known, table([{ name: 'b', primary_key: false }]), { compoundHints: 'replace' })
    expect(merged.columns.get('a')?.primary_key).toBe(true)
    expect(merged.columns.get('b')?.primary_key).toBe(false)
  })

  it('merges references by table and x-normalizer by key, other hints as a whole', () => {
    const merged = mergeTable(
      table([], {
        'x-normalizer': { 'seen-data': true },
        'x-a': { b: 1 },
        references: [{ referenced_table: 'r', columns: ['a'], referenced_columns: ['b'] }],
      }),
      table([], {
        'x-normalizer': { max_nesting: 2 },
        'x-a': { c: 2 },
        description: null,
        references: [
          { referenced_table: 'q', columns: ['x'], referenced_columns: ['y'] },
          { referenced_table: 'r', columns: ['c'], referenced_columns: ['d'] },
        ],
      }),
    )
    expect(merged.hints).toEqual({
      'x-normalizer': { 'seen-data': true, max_nesting: 2 },
      'x-a': { c: 2 },
      references: [
        { referenced_table: 'r', columns: ['c'], referenced_columns: ['d'] },
        { referenced_table: 'q', columns: ['x'], referenced_columns: ['y'] },
      ],
    })
  })

  it('refuses another name, another parent, and a resource for a nested table', () => {
    expect(() => mergeTable(table([]), table([], {}, 'u'))).toThrow(TableConflict)
    expect(() => mergeTable(table([]), table([], { parent: 'p' }))).toThrow(/parent from null to "p"/)
    expect(() => mergeTable(table([], { parent: 'p' }), table([], { parent: 'p', resource: 'r' }))).toThrow(
      TableConflict,
    )
    expect(mergeTable(table([], { parent: null }), table([])).hints).toEqual({ parent: null })
  })
})

describe('updateTable', () => {
  it('leaves the schema it was given as it was', () => {
    const before = newSchema('s', snake)
    const after = updateTable(before, table([{ name: 'a', data_type: 'text' }]))
    expect(before.tables.has('t')).toBe(false)
    expect(after.tables.get('_dlt_loads')).toBe(before.tables.get('_dlt_loads'))
    expect([...diffSchema(before, after).keys()]).toEqual(['t'])
  })

  it('takes many updates one after the other: a table, one below it, and more of the first', () => {
    const base = newSchema('s', snake)
    const updates = [
      table([{ name: 'a', data_type: 'text' }], {}, 'p'),
      table([{ name: 'b', data_type: 'bigint' }], { parent: 'p' }, 'p__l'),
      table([{ name: 'c', data_type: 'bool' }], {}, 'p'),
    ]
    const together = updateTables(base, updates)
    expect([...together.tables.keys()]).toEqual([...base.tables.keys(), 'p', 'p__l'])
    expect(names(together.tables.get('p')!)).toEqual(['a', 'c'])
    expect(base.tables.has('p')).toBe(false)
    expect(() => updateTables(base, updates.toReversed().slice(1))).toThrow(ParentTableNotFound)
  })

  it('refuses a nested table whose parent is missing', () => {
    expect(() => updateTable(newSchema('s', snake), table([], { parent: 'p' }))).toThrow(ParentTableNotFound)
  })
})

describe('findTypeConflict', () => {
  it('names a column that is complete on both sides with two types', () => {
    const known = table([{ name: 'a', data_type: 'text' }, { name: 'b' }, { name: 'c', data_type: 'bool' }])
    const update = table([
      { name: 'a', data_type: 'text' },
      { name: 'b', data_type: 'bool' },
      { name: 'c', data_type: 'wei' },
    ])
    expect(findTypeConflict(known, update)?.column).toBe('c')
    expect(findTypeConflict(undefined, update)).toBeUndefined()
  })
})

describe('diffTable', () => {
  it('keeps new and changed columns with all hints', () => {
    const before = table([{ name: 'a', data_type: 'text' }, { name: 'b' }], { description: 'd' })
    const after = mergeTable(before, table([{ name: 'b', data_type: 'text' }, { name: 'c' }]))
    expect(diffTable(before, after)).toEqual(
      table([{ name: 'b', data_type: 'text' }, { name: 'c' }], { description: 'd' }),
    )
    expect(diffTable(before, { ...before, columns: new Map(before.columns) })).toBeUndefined()
    expect(diffTable(before, { ...before, hints: {} })).toEqual(table([], {}))
    expect(diffTable(undefined, after)).toBe(after)
  })
})

describe('normalizeTableIdentifiers', () => {
  it('merges columns that get one name: defaults of the later are dropped, the place is that of the earlier', () => {
    const collisions: string[] = []
    const normalized = normalizeTableIdentifiers(
      table([
        { name: 'case', data_type: 'bigint', nullable: false, 'x-description': 'd' },
        { name: 'other' },
        { name: 'Case', data_type: 'double', nullable: true, primary_key: true },
      ]),
      snake,
      (name) => collisions.push(name),
    )
    expect(names(normalized)).toEqual(['case', 'other'])
    expect(normalized.columns.get('case')).toEqual({
      name: 'case',
      data_type: 'double',
      nullable: false,
      'x-description': 'd',
      primary_key: true,
    })
    expect(collisions).toEqual(['case'])
  })

  it('renames table, parent and references, but not the resource', () => {
    const normalized = normalizeTableIdentifiers(
      table(
        [{ name: 'sub__Key' }],
        {
          parent: 'My Parent',
          resource: 'My Resource',
          references: [{ referenced_table: 'Other Table', columns: ['A b'], referenced_columns: ['C d'] }],
        },
        'My__Table',
      ),
      snake,
    )
    expect(normalized.name).toBe('my__table')
    expect(names(normalized)).toEqual(['sub__key'])
    expect(normalized.hints).toEqual({
      parent: 'my_parent',
      resource: 'My Resource',
      references: [{ referenced_table: 'other_table', columns: ['a_b'], referenced_columns: ['c_d'] }],
    })
  })
})

describe('isDefaultHint', () => {
  it('knows which values count as unset', () => {
    expect(isDefaultHint('nullable', true)).toBe(true)
    expect(isDefaultHint('nullable', false)).toBe(false)
    expect(isDefaultHint('timezone', true)).toBe(true)
    expect(isDefaultHint('primary_key', false)).toBe(true)
    expect(isDefaultHint('precision', 0)).toBe(false)
    expect(isDefaultHint('x-mine', 0)).toBe(true)
    expect(isDefaultHint('x-active-record-timestamp', null)).toBe(false)
  })
})
