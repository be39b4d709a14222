import { Configuration } from '../../src/index.ts'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { normalizerSettings, schemaFiles, type SchemaFiles } from '../../src/config/schema-settings.ts'
import type { Logger } from '../../src/log.ts'
import { namingConvention } from '../../src/naming/open.ts'
import { TableIdentifiersFrozen } from '../../src/schema/change-naming.ts'
import { encodeSchema } from '../../src/schema/codec.ts'
import { printDocument } from '../../src/schema/document.ts'
import { schemaHash } from '../../src/schema/hash.ts'
import { updateTable } from '../../src/schema/merge.ts'
import type { Column, Schema, Table } from '../../src/schema/model.ts'
import { newSchema } from '../../src/schema/new-schema.ts'
import { bumpVersion } from '../../src/schema/version.ts'
import { printYaml } from '../../src/schema/yaml.ts'
import { workingFolder, type WorkingFolder } from '../../src/storage/folders.ts'
import { linkToMissingImport, openSchema, writeMissingImport } from '../../src/storage/open-schema.ts'
import { SchemaFileInvalid, tryReadSchemaFile, writeSchemaFile } from '../../src/storage/schema-file.ts'
import { storeSchema, tryReadSchema } from '../../src/storage/schema-store.ts'

/** A destination that asks for nothing. */
const anyNaming = {}

const fixtures = join(import.meta.dirname, '../../../../test/fixtures/schema-files')

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gantry-schema-files-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

function table(columns: Readonly<Record<string, Partial<Column>>>, hints: Table['hints'] = {}): Table {
  return {
    name: 'items',
    columns: new Map(Object.entries(columns).map(([name, column]) => [name, { name, ...column }])),
    hints: { write_disposition: 'append', resource: 'items', ...hints },
  }
}

const empty = newSchema('shop', namingConvention('snake_case'))
const withItems = (...args: Parameters<typeof table>): Schema => bumpVersion(updateTable(empty, table(...args)))
const typesOf = (schema: Schema | undefined): unknown =>
  Object.fromEntries(
    [...(schema?.tables.get('items')?.columns ?? [])].map(([name, column]) => [name, column.data_type]),
  )

describe('a schema file that dlt wrote', () => {
  it.each(['yaml', 'json'] as const)('in %s reads with the hash that it says', async (format) => {
    const schema = (await tryReadSchemaFile(fixtures, 'shop', format)) as Schema
    expect(schemaHash(schema)).toBe(schema.version_hash)
    expect(schema.tables.get('items')?.columns.get('price')?.description).toBe('on')
    expect(schema.tables.get('items')?.columns.get('zax')?.['x-words']).toEqual([
      'yes',
      '1e3',
      '012',
      '12:30',
      '',
      'null',
      '~',
    ])
  })

  it('is written again as dlt wrote it, byte by byte', async () => {
    const schema = (await tryReadSchemaFile(fixtures, 'shop', 'yaml')) as Schema
    const document = encodeSchema(schema, { removeDefaults: true })
    const yaml = readFileSync(join(fixtures, 'shop.schema.yaml'), 'utf8')
    // PyYAML goes on in the next line after 80 characters.
    expect(await printYaml(document)).toBe(yaml.replace('fit into\n  one', 'fit into one'))
    expect(printDocument(document, true)).toBe(readFileSync(join(fixtures, 'shop.schema.json'), 'utf8').trimEnd())
  })
})

describe('a schema file with mistakes', () => {
  async function messageOf(text: string, format: 'yaml' | 'json' = 'yaml'): Promise<string> {
    writeFileSync(join(home, `shop.schema.${format}`), text)
    const error: unknown = await tryReadSchemaFile(home, 'shop', format).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(SchemaFileInvalid)
    return (error as Error).message.replaceAll(home, '')
  }
  const good = readFileSync(join(fixtures, 'shop.schema.yaml'), 'utf8')
  const lineOf = (part: string): number => good.slice(0, good.indexOf(part)).split('\n').length

  it('is refused with path, line and reason of each', async () => {
    const message = await messageOf(
      good
        .replace('data_type: decimal', 'data_type: money')
        .replace('precision: 10', 'precission: 10')
        .replace('x-merge-strategy: upsert', 'x-merge-strategy: upsrt')
        .replace('parent: items', 'parent: item'),
    )
    expect(message).toContain('/shop.schema.yaml cannot be imported. Correct it, or take it away')
    expect(message).toContain(
      `/shop.schema.yaml, line ${lineOf('data_type: decimal')}: "data_type" of column "price" of table "items" must be one of text, bigint`,
    )
    expect(message).toContain(
      `line ${lineOf('precision: 10')}: "precission" of column "price" of table "items" is not known (keys of your own begin with x-)`,
    )
    expect(message).toContain(
      `line ${lineOf('x-merge-strategy')}: "x-merge-strategy" of table "items" must be one of delete-insert`,
    )
    expect(message).toContain(`line ${lineOf('parent: items')}: table "items__lines" has parent "item"`)
  })

  it.each([
    ['a: [', 'line 1: '],
    ['- 1', 'line 1: it is not an object'],
    [good.replace('name: shop', 'name: other'), 'line 4: it calls itself "other", the file\'s name says "shop"'],
    [good.replace('version: 2', 'version: two'), 'line 1: "version" is not an integer'],
    [good.replace('engine_version: 11', 'engine_version: 12'), 'line 3: Schema "shop" has engine version 12'],
    [good.replace('  _dlt_loads:', '  loads:'), 'line 5: table "_dlt_loads" is missing'],
    [good.replace('names: snake_case', 'names: [a]'), '"names" of normalizers must be text'],
    [good.replace(/normalizers:[^]*?previous/, 'previous'), '"normalizers" is missing'],
    [good.replace(/\n {2}json:[^]*?\nprevious/, '\nprevious'), '"json" of normalizers is missing'],
    [
      good.replace('    columns:\n      price:', '    columns: 7\n    x-rest:\n      price:'),
      '"columns" of table "items"',
    ],
    [good.replace('- referenced_table: customers', '- label: y'), 'without "referenced_table"'],
  ])('names the line (case %#)', async (text, expected) => {
    expect(text).not.toBe(good)
    expect(await messageOf(text)).toContain(expected)
  })

  it('names the line of JSON, too', async () => {
    const json = readFileSync(join(fixtures, 'shop.schema.json'), 'utf8')
    const line = json.slice(0, json.indexOf('"precision": 10')).split('\n').length
    expect(await messageOf(json.replace('"precision": 10', '"precision": "ten"'), 'json')).toContain(
      `line ${line}: "precision" of column "price" of table "items" must be an integer`,
    )
    expect(await messageOf('{\n "name": oops}', 'json')).toContain('line 2: unexpected "o"')
  })
})

describe('openSchema', () => {
  let folder: WorkingFolder
  let files: SchemaFiles
  let warnings: string[]
  beforeEach(() => {
    folder = workingFolder(join(home, 'pipelines'), 'shop')
    files = schemaFiles(
      { importSchemaPath: join(home, 'import'), exportSchemaPath: join(home, 'export') },
      Configuration.ofEnvironment({}, 'shop'),
    )
    warnings = []
  })
  const log = {
    warn: (_: unknown, message: string) => void warnings.push(message),
    info: () => undefined,
  } as unknown as Logger
  const open = (env: Record<string, string> = {}, from: SchemaFiles = files): Promise<Schema> =>
    openSchema(folder, 'shop', {
      files: from,
      settings: normalizerSettings('shop', Configuration.ofEnvironment(env, 'shop'), anyNaming),
      log,
    })
  const editImport = (schema: Schema): Promise<void> => writeSchemaFile(join(home, 'import'), schema, files)

  it('gives a new schema where there is nothing, and stores none', async () => {
    expect(schemaHash(await open())).toBe(schemaHash(empty))
    expect(await tryReadSchema(folder, 'shop')).toBeUndefined()
  })

  it('takes an import where nothing is stored, stores and exports it', async () => {
    await editImport(withItems({ price: { data_type: 'decimal' } }))
    expect(typesOf(await open())).toEqual({ price: 'decimal' })
    expect(typesOf(await tryReadSchema(folder, 'shop'))).toEqual({ price: 'decimal' })
    expect(await readdir(join(home, 'export'))).toEqual(['shop.schema.yaml'])
    expect(warnings).toEqual([])
  })

  it('takes an import again only when it has changed, warns, and moves the version on', async () => {
    await editImport(withItems({ id: { data_type: 'bigint' } }))
    const first = await open()
    const grown = updateTable(first, table({ name: { data_type: 'text' } }, { 'x-normalizer': { 'seen-data': true } }))
    await storeSchema(folder, { ...bumpVersion(grown), version: 8 }, 'given', files)
    expect(typesOf(await open())).toEqual({ id: 'bigint', name: 'text' })
    expect(warnings).toEqual([])

    await editImport(withItems({ id: { data_type: 'decimal' } }))
    const changed = await open()
    expect(typesOf(changed)).toEqual({ id: 'decimal' })
    expect(changed.version).toBe(9)
    expect(changed.imported_version_hash).toBe(schemaHash(withItems({ id: { data_type: 'decimal' } })))
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(join(home, 'import/shop.schema.yaml'))
    expect(warnings[0]).toContain('columns of tables with data stay as they are: items.')
    expect(await open()).toEqual(changed)
    expect(warnings).toHaveLength(1)
  })

  it('writes a missing import without notes of the stages, linked to what is stored', async () => {
    const schema = withItems({ id: { data_type: 'bigint' } }, { 'x-normalizer': { 'seen-data': true } })
    const linked = await linkToMissingImport(schema, files)
    await storeSchema(folder, linked, 'given', files)
    await writeMissingImport(linked, files)
    const text = await readFile(join(home, 'import/shop.schema.yaml'), 'utf8')
    expect(text).not.toContain('x-normalizer')
    expect(await readFile(join(home, 'export/shop.schema.yaml'), 'utf8')).toContain('x-normalizer')
    expect((await open()).tables.get('items')?.hints['x-normalizer']).toEqual({ 'seen-data': true })
    expect(warnings).toEqual([])

    await rm(join(home, 'import'), { recursive: true })
    expect((await open()).imported_version_hash).toBeUndefined()
  })

  it('does not import what it has exported to the same folder', async () => {
    const both: SchemaFiles = { ...files, exportPath: join(home, 'import') }
    const schema = withItems({ id: { data_type: 'bigint' } }, { 'x-normalizer': { 'seen-data': true } })
    await storeSchema(folder, schema, 'given', both)
    expect((await open({}, both)).tables.get('items')?.hints['x-normalizer']).toEqual({ 'seen-data': true })
    expect(warnings).toEqual([])
  })

  it('warns of an import that says data was seen', async () => {
    await editImport(withItems({}, { 'x-normalizer': { 'seen-data': true } }))
    await open()
    expect(warnings[0]).toContain('x-normalizer hints')
  })

  it('changes the names of a stored schema at once, unless tables have data', async () => {
    await storeSchema(folder, withItems({ id: { data_type: 'bigint' } }), 'given')
    await open({ SCHEMA__NAMING: 'direct' })
    expect((await tryReadSchema(folder, 'shop'))?.normalizers.names).toBe('direct')
    expect((await open()).normalizers.names).toBe('direct')

    const seen = table({ id: { data_type: 'bigint' } }, { 'x-normalizer': { 'seen-data': true } })
    await storeSchema(folder, bumpVersion(updateTable(await open(), seen)), 'given')
    await expect(open({ SCHEMA__NAMING: 'snake_case' })).rejects.toThrow(TableIdentifiersFrozen)
    const allowed = await open({
      SCHEMA__NAMING: 'snake_case',
      SCHEMA__ALLOW_IDENTIFIER_CHANGE_ON_TABLE_WITH_DATA: 'true',
    })
    expect(allowed.normalizers).toMatchObject({
      names: 'snake_case',
      allow_identifier_change_on_table_with_data: true,
    })
  })

  it('begins a new schema with the names that are configured', async () => {
    expect((await open({ SOURCES__SHOP__SCHEMA__NAMING: 'sql_cs_v1' })).normalizers.names).toBe('sql_cs_v1')
  })

  it('follows the convention that an import names', async () => {
    await mkdir(join(home, 'import'))
    const text = await printYaml(encodeSchema(empty, { removeDefaults: true }))
    await writeFile(join(home, 'import/shop.schema.yaml'), text.replace('names: snake_case', 'names: direct'))
    expect((await open()).normalizers.names).toBe('direct')
  })
})

describe('settings out of the environment', () => {
  it('are taken from the first of their names, with the pipeline in front before without', () => {
    const env: Record<string, string> = { SCHEMA__NAMING: 'a' }
    const naming = (): string | undefined =>
      normalizerSettings('shop', Configuration.ofEnvironment(env, 'my'), anyNaming).naming
    for (const name of [
      'SOURCES__SCHEMA__NAMING',
      'SOURCES__SHOP__SCHEMA__NAMING',
      'MY__SCHEMA__NAMING',
      'MY__SOURCES__SCHEMA__NAMING',
      'MY__SOURCES__SHOP__SCHEMA__NAMING',
    ]) {
      env[name] = name
      expect(naming()).toBe(name)
    }
    expect(normalizerSettings('shop', Configuration.ofEnvironment({ SCHEMA__NAMING: '' }, 'my'), anyNaming)).toEqual({})
  })

  it('refuse what is neither true nor false, and an unknown format', () => {
    const env = { SCHEMA__USE_BREAK_PATH_ON_NORMALIZE: 'perhaps', EXTERNAL_SCHEMA_FORMAT: 'toml' }
    expect(() => normalizerSettings('shop', Configuration.ofEnvironment(env, 'my'), anyNaming)).toThrow(
      'SCHEMA__USE_BREAK_PATH_ON_NORMALIZE (environment) takes true or false, not "perhaps"',
    )
    expect(() => schemaFiles({}, Configuration.ofEnvironment(env, 'my'))).toThrow(
      'EXTERNAL_SCHEMA_FORMAT (environment) takes yaml or json, not "toml"',
    )
  })

  it('give the folders of schema files, unless they are given in code', () => {
    const env = { IMPORT_SCHEMA_PATH: '/a', PIPELINES__MY__IMPORT_SCHEMA_PATH: '/b', SCHEMA__EXPORT_SCHEMA_PATH: '/c' }
    expect(schemaFiles({}, Configuration.ofEnvironment(env, 'my'))).toEqual({
      importPath: '/b',
      exportPath: '/c',
      format: 'yaml',
      removeDefaults: true,
    })
    expect(schemaFiles({ importSchemaPath: '/d' }, Configuration.ofEnvironment(env, 'my')).importPath).toBe('/d')
  })
})
