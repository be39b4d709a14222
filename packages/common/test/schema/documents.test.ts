import { describe, expect, it } from 'vitest'
import { namingConvention } from '../../src/naming/open.ts'
import {
  decodeSchema,
  encodeSchema,
  parseSchema,
  parseTables,
  stringifySchema,
  stringifyTables,
} from '../../src/schema/codec.ts'
import { schemaHash } from '../../src/schema/hash.ts'
import { updateTable } from '../../src/schema/merge.ts'
import type { Schema, Table } from '../../src/schema/model.ts'
import { newSchema } from '../../src/schema/new-schema.ts'
import { InvalidSchemaDocument } from '../../src/schema/table-codec.ts'
import { SchemaEngineTooNew } from '../../src/schema/upgrade.ts'
import { SchemaInvalid, validateSchema } from '../../src/schema/validate.ts'
import { bumpVersion } from '../../src/schema/version.ts'

const snake = namingConvention('snake_case')
const empty = newSchema('s', snake)

describe('schema documents', () => {
  it('keep the order of columns, integer-like and odd names included', () => {
    const names = ['b', '10', '1', '__proto__', 'a']
    const table: Table = {
      name: 't',
      columns: new Map(names.map((name) => [name, { name, data_type: 'text' }])),
      hints: { write_disposition: 'append', resource: 't' },
    }
    const schema = updateTable(empty, table)
    for (const pretty of [false, true]) {
      const read = parseSchema(stringifySchema(schema, { pretty }))
      expect([...(read.tables.get('t')?.columns.keys() ?? [])]).toEqual(names)
      expect(read).toEqual(schema)
    }
  })

  it('keep hints that nobody here knows, whole doubles and big integers in them too', () => {
    const text = stringifySchema(empty).replace(
      '"tables":{',
      '"tables":{"t":{"name":"t","columns":{"a":{"name":"a","x-n":[1.0,18446744073709551615,{"__proto__":1}]}},"write_disposition":"append","resource":"t","y":null},',
    )
    expect(stringifySchema(parseSchema(text))).toBe(text)
  })

  it('get defaults of root tables back on reading, and names from the keys', () => {
    const read = decodeSchema({
      ...JSON.parse(stringifySchema(empty)),
      tables: { t: { columns: { a: {} } }, t__c: { parent: 't' } },
    })
    expect(read.tables.get('t')).toEqual({
      name: 't',
      columns: new Map([['a', { name: 'a' }]]),
      hints: { write_disposition: 'append', resource: 't' },
    })
    expect(read.tables.get('t__c')?.hints).toEqual({ parent: 't' })
  })

  it('lose names and the hash of the import in an export, and read back alike', () => {
    const schema = bumpVersion({ ...empty, imported_version_hash: 'h', description: 'd' })
    const exported = encodeSchema(schema, { removeDefaults: true })
    expect([...exported.keys()]).not.toContain('imported_version_hash')
    expect(stringifySchema(schema, { removeDefaults: true })).not.toContain('"name":"load_id"')
    expect(schemaHash(decodeSchema(exported))).toBe(schema.version_hash)
  })

  it('are indented by two spaces when pretty', () => {
    expect(stringifySchema({ ...empty, tables: new Map(), settings: { detections: ['x'] } }, { pretty: true })).toBe(
      `{
  "version": 1,
  "version_hash": null,
  "engine_version": 11,
  "name": "s",
  "tables": {},
  "settings": {
    "detections": [
      "x"
    ]
  },
  "normalizers": {
    "names": "snake_case",
    "json": {
      "module": "dlt.common.normalizers.json.relational"
    }
  },
  "previous_hashes": []
}`,
    )
  })

  it('of partial tables read back as they were', () => {
    const tables = new Map([['t', { name: 't', columns: new Map([['a', { name: 'a' }]]), hints: { parent: 'p' } }]])
    expect(stringifyTables(tables)).toBe('{"t":{"name":"t","columns":{"a":{"name":"a"}},"parent":"p"}}')
    expect(parseTables(stringifyTables(tables, { pretty: true }))).toEqual(tables)
    expect(stringifyTables(new Map())).toBe('{}')
  })

  it.each(['[]', '{', '{"name":"x"}', '{"tables":[]}', '{"name":"x","normalizers":{},"tables":{"t":1}}'])(
    'refuse %s',
    (text) => {
      expect(() => parseSchema(text)).toThrow(InvalidSchemaDocument)
    },
  )
})

/* What is expected here was seen by running `migrate_schema` of dlt 1.26.0 on the same documents. */
describe('upgrades', () => {
  it('bring a schema of engine 1 up to ours', () => {
    const upgraded = decodeSchema({
      version: 7,
      engine_version: 1,
      name: 'event',
      tables: {
        event: {
          id: { name: 'id', data_type: 'complex', foreign_key: false },
          _dlt_id: { name: '_dlt_id', unique: true },
        },
        event__l: { _dlt_parent_id: { name: '_dlt_parent_id', foreign_key: true } },
        event__l__m__n: {},
        other__z: {},
      },
      hints: { foreign_key: ['^_dlt_parent_id$'], not_null: ['^_dlt_id$'] },
      preferred_types: { '^x$': 'complex' },
      excludes: ['^event__a$'],
      includes: [],
    })
    expect(upgraded).toMatchObject({
      version: 7,
      engine_version: 11,
      previous_hashes: [],
      normalizers: {
        names: 'snake_case',
        json: { config: { propagation: { root: { _dlt_id: '_dlt_root_id' } } } },
        use_break_path_on_normalize: false,
      },
      settings: {
        default_hints: { not_null: ['re:^_dlt_id$'], row_key: ['_dlt_id'], parent_key: ['_dlt_parent_id'] },
        preferred_types: { 're:^x$': 'json' },
      },
    })
    expect(upgraded.settings.default_hints).not.toHaveProperty('foreign_key')
    expect([...upgraded.tables.keys()]).toEqual([
      'event',
      'event__l',
      'event__l__m__n',
      'other__z',
      '_dlt_version',
      '_dlt_loads',
    ])
    const event = upgraded.tables.get('event')
    expect(event?.columns.get('id')).toEqual({ name: 'id', data_type: 'json' })
    expect(event?.columns.get('_dlt_id')).toEqual({ name: '_dlt_id', unique: true, row_key: true })
    expect(event?.hints).toEqual({
      write_disposition: 'append',
      resource: 'event',
      'x-normalizer': { 'seen-data': true },
    })
    expect(upgraded.tables.get('event__l')?.columns.get('_dlt_parent_id')).toEqual({
      name: '_dlt_parent_id',
      parent_key: true,
    })
    expect(upgraded.tables.get('event__l')?.hints).toEqual({ parent: 'event' })
    expect(upgraded.tables.get('event__l__m__n')?.hints).toEqual({ parent: 'event__l' })
    expect(upgraded.tables.get('other__z')?.hints).toEqual({ write_disposition: 'append', resource: 'other__z' })
  })

  it('move filters of engine 2 to their tables', () => {
    const upgraded = decodeSchema({
      engine_version: 2,
      name: 'event',
      tables: { event: {} },
      excludes: ['^event__a__x', '^nope__z'],
      includes: ['^event__a__b$'],
    })
    expect(upgraded.tables.get('event')?.hints['filters']).toEqual({ excludes: ['re:^a__x'], includes: ['re:^a__b$'] })
    expect(upgraded.tables.get('nope')?.hints['filters']).toEqual({ excludes: ['re:^z'] })
  })

  it('strip the hint seen-null-first, with columns that were nothing else', () => {
    const text = stringifySchema(empty).replace(
      '"tables":{',
      '"tables":{"t":{"columns":{"a":{"x-normalizer":{"seen-null-first":true}},"b":{"data_type":"text","x-normalizer":{"seen-null-first":true}}}},',
    )
    expect([...(parseSchema(text).tables.get('t')?.columns.values() ?? [])]).toEqual([{ name: 'b', data_type: 'text' }])
  })

  it('refuse a newer engine and unknown ones', () => {
    for (const engine of ['12', '0', '"x"', '1.5']) {
      const text = stringifySchema(empty).replace('"engine_version":11', `"engine_version":${engine}`)
      expect(() => parseSchema(text)).toThrow(SchemaEngineTooNew)
    }
  })
})

describe('validateSchema', () => {
  const table = (hints: Table['hints'], columns: Table['columns'] = new Map()): Schema =>
    updateTable(empty, { name: 't', hints, columns })

  it('takes a new schema, and keys of your own', () => {
    validateSchema(empty)
    validateSchema(table({ 'x-mine': { anything: 1 } }, new Map([['a', { name: 'a', 'x-mine': [1] }]])))
  })

  it.each([
    ['an unknown key of a table', table({ color: 'red' }), '"color" of table "t" is not known'],
    ['an unknown key of a column', table({}, new Map([['a', { name: 'a', widht: 1 }]])), '"widht" of column "a"'],
    ['an unknown key of the schema', { ...empty, colour: 1 }, '"colour" of schema is not known'],
    [
      'an unknown type',
      table({}, new Map([['a', { name: 'a', data_type: 'complex' as 'json' }]])),
      'must be one of text',
    ],
    [
      'a flag that is none',
      table({}, new Map([['a', { name: 'a', nullable: 'no' as unknown as boolean }]])),
      'true or false',
    ],
    [
      'a contract that is none',
      table({ schema_contract: { tables: 'no' as 'freeze' } }),
      '.tables must be one of evolve',
    ],
    [
      'a pattern that is none',
      { ...empty, settings: { default_hints: { unique: ['re:('] } } },
      'not a regular expression',
    ],
    ['a column under another name', table({}, new Map([['a', { name: 'b' }]])), 'calls itself "b"'],
    ['a bad name', { ...empty, name: 'a b' }, 'Schema name "a b" will not do'],
  ])('refuses %s', (_, schema: Schema, message) => {
    expect(() => validateSchema(schema)).toThrow(message)
  })

  it('refuses a parent that is missing and a circle of parents, and lists all problems', () => {
    const tables = new Map([
      ['t', { name: 't', columns: new Map(), hints: { parent: 'nope', x: 1 } }],
      ['u', { name: 'u', columns: new Map(), hints: { parent: 'u' } }],
    ])
    expect(() => validateSchema({ ...empty, tables })).toThrow(SchemaInvalid)
    expect(() => validateSchema({ ...empty, tables })).toThrow(
      /"x" of table "t".*"nope", which.*"u" is nested under itself/,
    )
  })
})
