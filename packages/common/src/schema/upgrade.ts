import { TerminalError } from '../errors.ts'
import { namingConvention, UnknownNamingConvention } from '../naming/open.ts'
import type { NamingConvention } from '../naming/naming-convention.ts'
import { isDocumentMap, textOr, type DocumentMap, type DocumentNode } from './document.ts'
import { schemaEngineVersion, type Table } from './model.ts'
import { relationalModule } from './new-schema.ts'
import { loadsTable, versionTable } from './system-tables.ts'
import { encodeTable } from './table-codec.ts'

/*
 * Steps from each engine version of a schema document to the next, as dlt takes them when it loads one
 * (`dlt/common/schema/migrations.py`). They change the content, so its version moves when it is next bumped.
 */

/** A schema document was written by a newer dlt, or by nothing that is known. */
export class SchemaEngineTooNew extends TerminalError {
  override readonly code = 'schema_engine_too_new'

  constructor(name: string, engineVersion: unknown) {
    super(
      `Schema "${name}" has engine version ${String(engineVersion)}; this Gantry reads 1 to ${schemaEngineVersion}. ` +
        'A newer version has written it: upgrade Gantry.',
      { schema: name, engineVersion, known: schemaEngineVersion },
    )
  }
}

type Step = (document: DocumentMap) => void

/** By the engine version they start from. */
const steps: readonly (Step | undefined)[] = [
  undefined,
  resetFilters,
  splitIntoSettingsAndTables,
  emptyHash,
  rebuildSystemTables,
  rebuildLoadsTable,
  dropSealedFlags,
  startHashHistory,
  markTablesWithData,
  renameTypesAndKeys,
  keepWholeNames,
]

/**
 * Changes a document of any known engine version into one of ours, in place, and returns it.
 *
 * @throws {SchemaEngineTooNew}
 */
export function upgradeSchemaDocument(document: DocumentMap): DocumentMap {
  const engine = document.get('engine_version') ?? schemaEngineVersion
  if (typeof engine !== 'number' || (engine !== schemaEngineVersion && steps[engine] === undefined)) {
    throw new SchemaEngineTooNew(textOr(document.get('name'), ''), engine)
  }
  for (let version = engine; version < schemaEngineVersion; version++) steps[version]?.(document)
  document.set('engine_version', schemaEngineVersion)
  dropSeenNullFirst(document)
  return document
}

function resetFilters(document: DocumentMap): void {
  document.set('includes', [])
  document.set('excludes', [])
}

/** Version 2 mapped tables straight to columns and kept hints, types and filters at the top, as regular expressions. */
function splitIntoSettingsAndTables(document: DocumentMap): void {
  document.set(
    'normalizers',
    new Map<string, DocumentNode>([
      ['names', 'snake_case'],
      [
        'json',
        new Map<string, DocumentNode>([
          ['module', relationalModule],
          ['config', new Map([['propagation', new Map([['root', new Map([['_dlt_id', '_dlt_root_id']])]])]])],
        ]),
      ],
    ]),
  )
  const hints: DocumentMap = new Map()
  for (const [hint, patterns] of mapOf(take(document, 'hints'))) {
    hints.set(
      hint,
      textsOf(patterns).map((pattern) => `re:${pattern}`),
    )
  }
  const types: DocumentMap = new Map()
  for (const [pattern, type] of mapOf(take(document, 'preferred_types'))) types.set(`re:${pattern}`, type)
  document.set(
    'settings',
    new Map([
      ['default_hints', hints],
      ['preferred_types', types],
    ]),
  )

  const columnsOf = mapOf(document.get('tables'))
  const tables: DocumentMap = new Map()
  for (const [name, columns] of columnsOf) tables.set(name, plainTable(name, columns, nearestParent(name, columnsOf)))
  document.set('tables', tables)
  for (const group of ['excludes', 'includes']) moveFilters(tables, group, textsOf(take(document, group)))
}

function plainTable(name: string, columns: DocumentNode, parent: string | undefined): DocumentMap {
  const table: DocumentMap = new Map([
    ['name', name],
    ['columns', columns],
  ])
  if (parent !== undefined) return table.set('parent', parent)
  return table.set('write_disposition', 'append').set('resource', name)
}

/** The longest beginning of the name, up to a path separator, that is the name of another table. */
function nearestParent(name: string, tables: ReadonlyMap<string, unknown>): string | undefined {
  for (let at = name.lastIndexOf('__'); at > 0; at = name.lastIndexOf('__', at - 1)) {
    if (tables.has(name.slice(0, at))) return name.slice(0, at)
  }
  return undefined
}

/** `^table__path` becomes `re:^path` of the table, which is made if it is not there. */
function moveFilters(tables: DocumentMap, group: string, patterns: readonly string[]): void {
  for (const pattern of patterns) {
    const body = pattern.replace(/^\^/, '')
    const at = body.indexOf('__')
    const name = at < 0 ? body.replace(/\$$/, '') : body.slice(0, at)
    const table = mapOf(tables.get(name) ?? plainTable(name, new Map(), undefined))
    const filters = mapOf(table.get('filters'))
    filters.set(group, [...listOf(filters.get(group)), `re:^${at < 0 ? body : body.slice(at + 2)}`])
    tables.set(name, table.set('filters', filters))
  }
}

/** Hashing came with version 4. */
function emptyHash(document: DocumentMap): void {
  if (!document.has('version_hash')) document.set('version_hash', '')
}

function rebuildSystemTables(document: DocumentMap): void {
  putTable(document, versionTable(namingOf(document)))
  rebuildLoadsTable(document)
}

function rebuildLoadsTable(document: DocumentMap): void {
  putTable(document, loadsTable(namingOf(document)))
}

function putTable(document: DocumentMap, table: Table): void {
  document.set('tables', mapOf(document.get('tables')).set(table.name, encodeTable(table)))
}

function namingOf(document: DocumentMap): NamingConvention {
  const name = textOr(mapOf(document.get('normalizers')).get('names'), 'snake_case')
  try {
    return namingConvention(name)
  } catch (error) {
    // The first versions stored a path that is gone; what they meant was the default.
    if (error instanceof UnknownNamingConvention) return namingConvention('snake_case')
    throw error
  }
}

function dropSealedFlags(document: DocumentMap): void {
  mapOf(document.get('settings')).delete('schema_sealed')
  for (const table of tablesOf(document)) table.delete('table_sealed')
}

function startHashHistory(document: DocumentMap): void {
  document.set('previous_hashes', [])
}

function markTablesWithData(document: DocumentMap): void {
  for (const table of tablesOf(document)) {
    if (!mapOf(table.get('columns')).has('_dlt_id')) continue
    table.set('x-normalizer', mapOf(table.get('x-normalizer')).set('seen-data', true))
  }
}

function renameTypesAndKeys(document: DocumentMap): void {
  const settings = mapOf(document.get('settings'))
  const hints = mapOf(settings.get('default_hints'))
  if (hints.size > 0) {
    hints.delete('foreign_key')
    hints.set('row_key', ['_dlt_id']).set('parent_key', ['_dlt_parent_id'])
  }
  const types = mapOf(settings.get('preferred_types'))
  for (const [pattern, type] of types) types.set(pattern, currentType(type))
  for (const table of tablesOf(document)) {
    for (const [name, node] of mapOf(table.get('columns'))) {
      const column = mapOf(node)
      if (column.has('data_type')) column.set('data_type', currentType(column.get('data_type') ?? null))
      const isForeignKey = take(column, 'foreign_key') ?? false
      if (name === '_dlt_id') column.set('row_key', column.get('unique') ?? false)
      if (name === '_dlt_parent_id') column.set('parent_key', isForeignKey)
    }
  }
  const json = mapOf(mapOf(document.get('normalizers')).get('json'))
  mapOf(json.get('config')).delete('generate_dlt_id')
}

function currentType(type: DocumentNode): DocumentNode {
  return type === 'complex' ? 'json' : type
}

/** Up to version 10 a key with a path separator lost it, and tables with data have to keep their names. */
function keepWholeNames(document: DocumentMap): void {
  const normalizers = mapOf(document.get('normalizers'))
  document.set('normalizers', normalizers.set('use_break_path_on_normalize', false))
}

/** A hint that versions of dlt with engine 11 wrote for a while; columns that were nothing else go with it. */
function dropSeenNullFirst(document: DocumentMap): void {
  for (const table of tablesOf(document)) {
    const columns = mapOf(table.get('columns'))
    for (const [name, node] of columns) {
      const column = mapOf(node)
      const state = mapOf(column.get('x-normalizer'))
      if (state.get('seen-null-first') !== true) continue
      state.delete('seen-null-first')
      if (state.size === 0) column.delete('x-normalizer')
      if (!column.has('data_type')) columns.delete(name)
    }
  }
}

function tablesOf(document: DocumentMap): DocumentMap[] {
  return [...mapOf(document.get('tables')).values()].filter(isDocumentMap)
}

/** The object itself, so that it can be changed in place; a new empty one where there is none. */
function mapOf(node: DocumentNode | undefined): DocumentMap {
  return isDocumentMap(node) ? node : new Map()
}

function listOf(node: DocumentNode | undefined): readonly DocumentNode[] {
  return Array.isArray(node) ? (node as readonly DocumentNode[]) : []
}

function textsOf(node: DocumentNode | undefined): string[] {
  return listOf(node).filter((item) => typeof item === 'string')
}

function take(document: DocumentMap, key: string): DocumentNode | undefined {
  const node = document.get(key)
  document.delete(key)
  return node
}
