import {
  codeSpelling,
  storedSpelling,
  hintProblem,
  normalizeTableIdentifiers,
  type Column,
  type JsonValue,
  type NamingConvention,
  type Table,
  type TableHints as StoredHints,
} from '@gantry/common'
import { cursorPath } from '../incremental/cursor-path.ts'
import { columnsOf, isJsonValue } from './column-hints.ts'
import type { NestedHints, Reference, StaticHints, TableHints } from './hints.ts'
import type { DeclaredHints } from './hints-of-row.ts'
import { checkKeys, InvalidHint, isOwnHint } from './invalid-hint.ts'
import { columnsOfSchema, isRowSchema } from './row-schema.ts'
import { parseSchemaContract } from './schema-contract.ts'
import { expandWriteDisposition, type ExpandedDisposition } from './write-disposition.ts'

const hintsOfTables: Readonly<Record<keyof TableHints, true>> = {
  writeDisposition: true,
  primaryKey: true,
  mergeKey: true,
  columns: true,
  schemaContract: true,
  tableFormat: true,
  fileFormat: true,
  references: true,
  additionalTableHints: true,
}
const knownTableHints = Object.keys(hintsOfTables)

/**
 * The tables that hints declare, as they enter a schema: that of the resource first, nested ones after those above them.
 * Names are normalized. Columns stand in the order of `columns`, then those of the keys, then those of scd2.
 *
 * @param table  name of the resource's table, as given
 * @param onCollision  told where two declared columns get one name and are merged
 * @throws {InvalidHint}
 * Follows dlt `dlt/extract/hints.py`.
 */
export function declaredTables(
  resource: string,
  table: string,
  hints: DeclaredHints,
  naming: NamingConvention,
  onCollision: (table: string, column: string) => void = () => undefined,
): Table[] {
  refuseMisspelled(hints)
  const name = naming.normalizeTablesPath(table)
  const declared = (own: TableHints, tableName: string): Table =>
    tableOf(tableName, own, naming, (column) => onCollision(tableName, column))
  const root = withCursor(declared(hints, name), hints.incremental, naming)
  const rootHints = { write_disposition: 'append' as const, ...root.hints, ...nestingOf(hints, name), resource }
  return [
    { ...root, hints: rootHints },
    ...nestedPaths(hints.nestedHints, naming).map(([path, own]) => {
      const nested = declared(own, naming.shortenFragments([name, ...path]))
      const place = isRootLike(own)
        ? { write_disposition: rootHints.write_disposition, resource }
        : { parent: naming.shortenFragments([name, ...path.slice(0, -1)]) }
      return { ...nested, hints: { ...place, ...nested.hints } }
    }),
  ]
}

/** A cursor that is a column is noted with it. */
function withCursor(table: Table, incremental: DeclaredHints['incremental'], naming: NamingConvention): Table {
  const field = incremental === undefined ? undefined : cursorPath(incremental.cursorPath).field
  if (field === undefined) return table
  const name = naming.normalizePath(field)
  const columns = new Map(table.columns).set(name, { ...table.columns.get(name), name, incremental: true })
  return { ...table, columns }
}

const knownHints = new Set([...knownTableHints, 'tableName', 'maxTableNesting', 'nestedHints'])

/** Hints stand among other options, so only those that are known in another spelling can be found out. */
function refuseMisspelled(hints: StaticHints): void {
  for (const key of Object.keys(hints)) {
    const meant = codeSpelling(key)
    if (meant === key || !knownHints.has(meant)) continue
    throw new InvalidHint(`The hint "${key}" is spelled "${meant}" here.`, { key, meant })
  }
}

/** Rows with a key of their own are merged by it, not with the row they came in: their table stands by itself. */
function isRootLike({ primaryKey = [], mergeKey = [] }: TableHints): boolean {
  return primaryKey.length > 0 || mergeKey.length > 0
}

/** Nested hints by normalized path, shorter ones first. */
function nestedPaths(given: NestedHints | undefined, naming: NamingConvention): [readonly string[], TableHints][] {
  if (given === undefined) return []
  const entries: Iterable<[string | readonly string[], TableHints]> =
    given instanceof Map ? given : Object.entries(given)
  const paths = new Map<string, [readonly string[], TableHints]>()
  for (const [key, hints] of entries) {
    const fields = typeof key === 'string' ? [key] : key
    if (!Array.isArray(fields) || fields.length === 0 || !fields.every((field) => typeof field === 'string')) {
      throw new InvalidHint('A key of "nestedHints" must be a field, or a list of fields as its path.', { key })
    }
    const path = (fields as readonly string[]).map((field) => naming.normalizeTablesPath(field))
    checkKeys(hints, knownTableHints, `the nestedHints of ${JSON.stringify(key)}`)
    if (paths.has(JSON.stringify(path))) {
      throw new InvalidHint(`"nestedHints" has ${JSON.stringify(key)} twice. Put its hints together.`, { key })
    }
    paths.set(JSON.stringify(path), [path, hints])
  }
  for (const [path] of paths.values()) {
    const above = path.slice(0, -1)
    if (above.length === 0 || paths.has(JSON.stringify(above))) continue
    throw new InvalidHint(
      `"nestedHints" has ${JSON.stringify(path)}, but not ${JSON.stringify(above)} above it. Add it, be it with {} as its hints.`,
      { path, above },
    )
  }
  return [...paths.values()].toSorted(([a], [b]) => a.length - b.length)
}

function tableOf(
  name: string,
  hints: TableHints,
  naming: NamingConvention,
  onCollision: (column: string) => void,
): Table {
  const place = `table "${name}"`
  const disposition =
    hints.writeDisposition === undefined ? none : expandWriteDisposition(hints.writeDisposition, place)
  const table = normalizeTableIdentifiers(
    { name, columns: columnsIn(hints, place), hints: { ...storedHints(hints, place), ...disposition.hints } },
    naming,
    onCollision,
  )
  const columns = new Map(table.columns)
  addKey(columns, 'primary_key', keyOf(hints.primaryKey, 'primaryKey', place), naming)
  addKey(columns, 'merge_key', keyOf(hints.mergeKey, 'mergeKey', place), naming)
  for (const column of disposition.columns) {
    const columnName = naming.normalizePath(column.name)
    columns.set(columnName, { ...columns.get(columnName), ...column, name: columnName })
  }
  return { name, columns, hints: table.hints }
}

const none: ExpandedDisposition = { hints: {}, columns: [] }

function columnsIn({ columns }: TableHints, place: string): ReadonlyMap<string, Column> {
  if (columns === undefined) return new Map()
  return isRowSchema(columns)
    ? (columnsOfSchema(columns, place) ?? new Map<string, Column>())
    : columnsOf(columns, place)
}

function keyOf(given: unknown, hint: string, place: string): readonly string[] {
  const names: unknown = given === undefined || given === '' ? [] : typeof given === 'string' ? [given] : given
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names
  throw new InvalidHint(`"${hint}" of ${place} takes the name of a column, or a list of names.`, { given })
}

/** Puts the hint on the columns of the key and takes it off all others. */
function addKey(
  columns: Map<string, Column>,
  hint: 'primary_key' | 'merge_key',
  key: readonly string[],
  naming: NamingConvention,
): void {
  if (key.length === 0) return
  for (const [name, { [hint]: _, ...others }] of columns) columns.set(name, others)
  for (const given of key) {
    const name = naming.normalizePath(given)
    columns.set(name, { nullable: false, ...columns.get(name), name, [hint]: true })
  }
}

function storedHints(hints: TableHints, place: string): StoredHints {
  const { schemaContract, references, additionalTableHints } = hints
  const stored: Record<string, JsonValue | undefined> = {}
  for (const hint of ['tableFormat', 'fileFormat'] as const) {
    const value = hints[hint]
    if (value === undefined) continue
    const problem = hint === 'fileFormat' ? fileFormatProblem(value) : hintProblem('table', storedSpelling(hint), value)
    if (problem !== undefined) throw new InvalidHint(`"${hint}" of ${place} ${problem}, not "${value}".`, { value })
    stored[storedSpelling(hint)] = value
  }
  if (schemaContract !== undefined) stored['schema_contract'] = parseSchemaContract(schemaContract, place)
  if (references !== undefined) stored['references'] = references.map((reference) => referenceOf(reference, place))
  return { ...stored, ...additionalHints(additionalTableHints ?? {}, place) }
}

const fileFormats: readonly string[] = ['preferred', 'jsonl', 'parquet', 'csv', 'insert_values']

function fileFormatProblem(value: string): string | undefined {
  return fileFormats.includes(value) ? undefined : `must be one of ${fileFormats.join(', ')}`
}

const referenceKeys = ['referencedTable', 'columns', 'referencedColumns', 'label', 'cardinality']

function referenceOf(reference: Reference, place: string): JsonValue {
  const what = `a reference of ${place}`
  checkKeys(reference, referenceKeys, what, () => false)
  const { referencedTable, columns, referencedColumns } = reference
  if (typeof referencedTable !== 'string' || !Array.isArray(columns) || !Array.isArray(referencedColumns)) {
    throw new InvalidHint(`${what} needs "referencedTable", "columns" and "referencedColumns".`, { reference })
  }
  if (columns.length !== referencedColumns.length) {
    throw new InvalidHint(
      `${what} to "${referencedTable}" has ${columns.length} columns for ${referencedColumns.length} there.`,
      { reference },
    )
  }
  return Object.fromEntries(
    Object.entries(reference)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [storedSpelling(key), value]),
  )
}

function additionalHints(given: object, place: string): Record<string, JsonValue> {
  checkKeys(given, ['description'], `the additionalTableHints of ${place}`)
  for (const [hint, value] of Object.entries(given) as [string, unknown][]) {
    const isFit = isOwnHint(hint) ? isJsonValue(value) : typeof value === 'string'
    if (!isFit) {
      throw new InvalidHint(
        `"${hint}" in the additionalTableHints of ${place} must be ${isOwnHint(hint) ? 'a value that JSON can hold' : 'text'}.`,
      )
    }
  }
  return { ...given }
}

function nestingOf({ maxTableNesting }: StaticHints, table: string): StoredHints {
  if (maxTableNesting === undefined) return {}
  checkNesting(maxTableNesting, `table "${table}"`)
  return { 'x-normalizer': { max_nesting: maxTableNesting } }
}

/** @throws {InvalidHint} no whole number from 0 */
export function checkNesting(levels: number, place: string): void {
  if (Number.isInteger(levels) && levels >= 0) return
  throw new InvalidHint(`"maxTableNesting" of ${place} takes a whole number from 0, not ${String(levels)}.`, {
    maxTableNesting: levels,
  })
}
