import { describe, expect, it } from 'vitest'
import { namingConvention } from '../../src/naming/open.ts'
import { stringifySchema } from '../../src/schema/codec.ts'
import { schemaHash } from '../../src/schema/hash.ts'
import { updateTable } from '../../src/schema/merge.ts'
import type { Column, Schema, Table, TableHints } from '../../src/schema/model.ts'
import { InvalidSchemaName, newSchema, SystemTablesRenamed } from '../../src/schema/new-schema.ts'
import { pipelineStateTable, systemNames } from '../../src/schema/system-tables.ts'
import {
  applyImport,
  bumpVersion,
  isModified,
  parseStoredSchema,
  renameSchema,
  replaceSchema,
  StoredSchemaModified,
} from '../../src/schema/version.ts'

const snake = namingConvention('snake_case')
const id: Column = { name: 'id', data_type: 'bigint', nullable: false }
const name: Column = { name: 'name', data_type: 'text', nullable: true }
const age: Column = { name: 'age', data_type: 'double', nullable: true }

function users(columns: readonly Column[], hints: TableHints = {}): Table {
  return {
    name: 'users',
    columns: new Map(columns.map((column) => [column.name, column])),
    hints: { write_disposition: 'append', resource: 'users', ...hints },
  }
}

function withUsers(columns: readonly Column[], hints?: TableHints): Schema {
  return updateTable(newSchema('event', snake), users(columns, hints))
}

describe('schemaHash', () => {
  it.each([
    ['a new schema default', newSchema('default', snake), '1Occ/hcwX995pjBPNBYghIHXaqrgRro5V6yKXy84zC4='],
    ['a new schema event', newSchema('event', snake), '9807so/3pqwqiNZ1kUh6Lq8Ny0D3QQ67QYNnsDuLDsU='],
    [
      'a description',
      { ...newSchema('event', snake), description: 'desc' },
      'JTGPthT4p1PRj3yDWSuhx9VMDH20vQaSEKkk31lioos=',
    ],
    ['a table', withUsers([id, name]), 'T6q8T1IP5oV4J/b3WsCUHn+2X1IFKuCadHmeOftay/Q='],
    ['another order of columns', withUsers([name, id]), 'pkYCy/10ThFtj9MxQD5gaSwpsPfb/6x/oK7vT62rd1o='],
    [
      'a processing hint',
      withUsers([id, name], { 'x-normalizer': { 'seen-data': true } }),
      'SHCq2uqAuN8Gazhp1LZKnmaKJRh0rPRWPlsH5EFLSN8=',
    ],
    ['a third column', withUsers([id, name, age]), '1w1drZ43+CJjVs2EsgYr6AMTWT9Ngj3NFChUfG71p3Y='],
    [
      'tables that lose their underscores',
      newSchema('default', namingConvention('s3_tables')),
      'QJfWt0ElSXJUumn/acCcd2Hza1pOsiMb2xNaSfEiwrg=',
    ],
  ])('answers as dlt for %s', (_, schema, hash) => {
    expect(schemaHash(schema)).toBe(hash)
  })

  it('puts write disposition and resource of a root table in where they are not set', () => {
    const bare: Table = { ...users([id, name]), hints: {} }
    expect(schemaHash(updateTable(newSchema('event', snake), bare))).toBe(schemaHash(withUsers([id, name])))
  })
})

describe('newSchema', () => {
  it.each(['1a', '', 'a b', 'a-b', 'x²', 'x'.repeat(65)])('refuses the name %j', (bad) => {
    expect(() => newSchema(bad, snake)).toThrow(InvalidSchemaName)
  })

  it.each(['a', '_x1', 'zażółć_gęślą', 'a·b', 'x'.repeat(64)])('takes the name %j', (good) => {
    expect(newSchema(good, snake).name).toBe(good)
  })

  it('refuses names so short that system tables lose their prefix', () => {
    expect(() => newSchema('x', namingConvention('snake_case', 8))).toThrow(SystemTablesRenamed)
  })

  it('has the state table ready, with load id but without row id', () => {
    expect([...pipelineStateTable(snake).columns.keys()]).toEqual([
      'version',
      'engine_version',
      'pipeline_name',
      'state',
      'created_at',
      'version_hash',
      '_dlt_load_id',
    ])
    expect(systemNames(namingConvention('s3_tables')).stateTable).toBe('dlt_pipeline_state')
  })
})

describe('bumpVersion', () => {
  it('gives a schema that was never hashed its hash and keeps version 1', () => {
    const bumped = bumpVersion(newSchema('event', snake))
    expect(bumped.version).toBe(1)
    expect(bumped.version_hash).toBe('9807so/3pqwqiNZ1kUh6Lq8Ny0D3QQ67QYNnsDuLDsU=')
    expect(bumped.previous_hashes).toEqual([])
    expect(isModified(bumped)).toBe(false)
  })

  it('moves by one, however much has changed, and remembers the hash before', () => {
    const first = bumpVersion(newSchema('event', snake))
    const second = bumpVersion(updateTable(updateTable(first, users([id])), users([name])))
    expect(second.version).toBe(2)
    expect(second.previous_hashes).toEqual([first.version_hash])
    expect(bumpVersion(second)).toBe(second)
  })

  it('remembers ten hashes, newest first, none twice', () => {
    let schema = bumpVersion(newSchema('event', snake))
    const hashes: (string | null)[] = []
    for (let index = 0; index < 12; index++) {
      hashes.unshift(schema.version_hash)
      schema = bumpVersion({ ...schema, description: `d${index}` })
    }
    expect(schema.previous_hashes).toEqual(hashes.slice(0, 10))
    const again = bumpVersion({ ...schema, version_hash: hashes[3] as string, description: 'other' })
    expect(again.previous_hashes).toEqual(hashes.slice(0, 10))
  })
})

describe('replacing and renaming', () => {
  const old = bumpVersion(newSchema('event', snake))
  const incoming = bumpVersion({ ...withUsers([id]), version: 7 })

  it('keeps version and hash of the incoming schema and remembers the replaced hash', () => {
    const replaced = replaceSchema(old, incoming)
    expect(replaced.version).toBe(7)
    expect(replaced.version_hash).toBe(incoming.version_hash)
    expect(replaced.previous_hashes).toEqual([old.version_hash])
    expect(replaceSchema(incoming, incoming)).toBe(incoming)
  })

  it('starts a renamed schema anew', () => {
    const renamed = renameSchema({ ...incoming, imported_version_hash: 'h', previous_hashes: ['h'] }, 'other')
    expect(renamed).toMatchObject({ name: 'other', version: 1, version_hash: null, previous_hashes: [] })
    expect(renamed.imported_version_hash).toBeUndefined()
  })

  it('takes an import once, and again only when the import has changed', () => {
    const first = applyImport(withUsers([id]), undefined)
    expect(first.imported_version_hash).toBe(schemaHash(withUsers([id])))
    const stored = bumpVersion(updateTable(first, users([age])))
    expect(applyImport(withUsers([id]), stored)).toBe(stored)
    const second = applyImport(withUsers([id, name]), stored)
    expect([...(second.tables.get('users')?.columns.keys() ?? [])]).toEqual(['id', 'name'])
    expect(second.previous_hashes[0]).toBe(stored.version_hash)
    expect(second.imported_version_hash).toBe(schemaHash(withUsers([id, name])))
  })
})

describe('parseStoredSchema', () => {
  const text = stringifySchema(bumpVersion(withUsers([id])), { pretty: true })

  it('takes what was stored and refuses what was edited', () => {
    expect(parseStoredSchema(text)).toEqual(bumpVersion(withUsers([id])))
    expect(() => parseStoredSchema(text.replace('"users"', '"people"'))).toThrow(StoredSchemaModified)
  })

  it('does not compare the hash of an older engine', () => {
    const older = text.replace('"engine_version": 11', '"engine_version": 10')
    expect(isModified(parseStoredSchema(older))).toBe(true)
  })
})
