import { TerminalError } from '../errors.ts'
import { namingConvention, UnknownNamingConvention } from '../naming/open.ts'
import { dataTypes } from '../values/data-type.ts'
import type { DocumentPath } from './document.ts'
import type { JsonValue, Schema, Table } from './model.ts'
import { checkSchemaName, InvalidSchemaName, relationalModule, relationalNoCoercionModule } from './new-schema.ts'
import { compilePattern, InvalidPattern } from './patterns.ts'
import { systemNames } from './system-tables.ts'

/*
 * Checks on schemas that people write. What comes out of storage is taken as it is: it may hold hints of another
 * version, and dlt does not check it either.
 */

/** An imported schema has mistakes; all of them are listed. */
export class SchemaInvalid extends TerminalError {
  override readonly code = 'schema_invalid'

  constructor(schema: string, problems: readonly string[]) {
    super(`Schema "${schema}" is not valid: ${problems.join('; ')}.`, { schema, problems })
  }
}

/** One mistake in a schema, and where it is in its document. */
export interface SchemaProblem {
  readonly path: DocumentPath
  readonly text: string
}

/** Says what is wrong with a value, e.g. `must be true or false`; undefined where nothing is. */
type Check = (value: JsonValue) => string | undefined

const flag: Check = (value) => (value === null || typeof value === 'boolean' ? undefined : 'must be true or false')
const text: Check = (value) => (value === null || typeof value === 'string' ? undefined : 'must be text')
const count: Check = (value) =>
  value === null || (typeof value === 'number' && Number.isInteger(value)) ? undefined : 'must be an integer'
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    value === null || (values as readonly unknown[]).includes(value) ? undefined : `must be one of ${values.join(', ')}`
const listOfTexts: Check = (value) => (value === null || isListOfTexts(value) ? undefined : 'must be a list of texts')
const listOf =
  (item: Check): Check =>
  (value) => {
    if (value === null) return undefined
    if (!Array.isArray(value)) return 'must be a list'
    return firstProblem(value as readonly JsonValue[], (one) => item(one))
  }
const fields =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    value === null ? undefined : isObject(value) ? objectProblem(value, checks) : 'must be an object'
const mapOf =
  (item: Check): Check =>
  (value) => {
    if (!isObject(value)) return 'must be an object'
    for (const [key, one] of Object.entries(value)) {
      const problem = item(one)
      if (problem !== undefined) return `${key} ${problem}`
    }
    return undefined
  }
const patternList: Check = (value) =>
  isListOfTexts(value) ? firstProblem(value, patternProblem) : 'must be a list of patterns'

const contractModes = oneOf('evolve', 'freeze', 'discard_row', 'discard_value')
const contract: Check = (value) =>
  isObject(value)
    ? objectProblem(value, { tables: contractModes, columns: contractModes, data_type: contractModes })
    : contractModes(value)

const columnChecks: Readonly<Record<string, Check>> = {
  name: text,
  data_type: oneOf(...dataTypes),
  nullable: flag,
  precision: count,
  scale: count,
  timezone: flag,
  variant: flag,
  description: text,
  partition: flag,
  cluster: flag,
  sort: flag,
  unique: flag,
  primary_key: flag,
  merge_key: flag,
  row_key: flag,
  parent_key: flag,
  root_key: flag,
  hard_delete: flag,
  dedup_sort: oneOf('asc', 'desc'),
  incremental: flag,
  'x-normalizer': fields({ 'seen-null-first': flag }),
  'x-valid-from': flag,
  'x-valid-to': flag,
  'x-active-record-timestamp': text,
  'x-row-version': flag,
  'x-nested-type': text,
}

const reference: Check = (value) => {
  if (!isObject(value)) return 'must hold objects'
  const problem = objectProblem(value, {
    referenced_table: text,
    columns: listOfTexts,
    referenced_columns: listOfTexts,
    label: text,
    cardinality: oneOf(...cardinalities),
    table: text,
  })
  if (problem !== undefined) return problem
  const missing = ['referenced_table', 'columns', 'referenced_columns'].find((key) => value[key] == null)
  return missing === undefined ? undefined : `has an entry without "${missing}"`
}
const cardinalities = ['zero', 'one', 'many'].flatMap((left) =>
  ['zero', 'one', 'many'].filter((right) => left + right !== 'zerozero').map((right) => `${left}_to_${right}`),
)

const tableChecks: Readonly<Record<string, Check>> = {
  description: text,
  parent: text,
  resource: text,
  write_disposition: oneOf('append', 'replace', 'merge', 'skip'),
  schema_contract: contract,
  table_sealed: flag,
  filters: fields({ excludes: patternList, includes: patternList }),
  table_format: oneOf('iceberg', 'delta', 'hive', 'native'),
  file_format: oneOf('preferred', 'jsonl', 'typed-jsonl', 'insert_values', 'parquet', 'csv', 'reference', 'model'),
  references: listOf(reference),
  'x-normalizer': fields({ 'seen-data': flag, 'evolve-columns-once': flag, max_nesting: count }),
  'x-merge-strategy': oneOf('delete-insert', 'scd2', 'upsert', 'insert-only'),
  'x-replace-strategy': oneOf('truncate-and-insert', 'insert-from-staging', 'staging-optimized'),
  'x-stage-data-deduplicated': flag,
  'x-boundary-timestamp': text,
}

const detections = listOf(
  oneOf('timestamp', 'iso_timestamp', 'iso_date', 'large_integer', 'hexbytes_to_text', 'wei_to_double'),
)
/** The hints of columns that dlt knows, spelled as in a schema. */
export const columnHintNames: readonly string[] = Object.keys(columnChecks)

/** What is wrong with the value of a known hint, e.g. `must be true or false`; undefined where nothing is. */
export function hintProblem(of: 'column' | 'table', hint: string, value: JsonValue): string | undefined {
  return (of === 'column' ? columnChecks : tableChecks)[hint]?.(value)
}

const settingsChecks: Readonly<Record<string, Check>> = {
  schema_contract: contract,
  detections,
  default_hints: mapOf(patternList),
  preferred_types: (value) =>
    mapOf(oneOf(...dataTypes))(value) ??
    (isObject(value) ? firstProblem(Object.keys(value), patternProblem) : undefined),
}

const propagated = mapOf(text)
const configChecks: Readonly<Record<string, Check>> = {
  max_nesting: count,
  root_key_propagation: flag,
  propagation: fields({ root: propagated, tables: mapOf(propagated) }),
}

const normalizerChecks: Readonly<Record<string, Check>> = {
  names: (value) => (typeof value === 'string' ? undefined : 'must be text'),
  json: fields({ module: oneOf(relationalModule, relationalNoCoercionModule), config: fields(configChecks) }),
  allow_identifier_change_on_table_with_data: flag,
  use_break_path_on_normalize: flag,
  detections,
}

const schemaKeys = new Set([
  'version',
  'version_hash',
  'engine_version',
  'name',
  'tables',
  'settings',
  'normalizers',
  'previous_hashes',
  'imported_version_hash',
  'description',
])

/**
 * Refuses a schema with a name that will not do, an unknown key that does not begin with `x-`, a value of another kind
 * than its key takes, a column under another name, a parent that is missing or is the table itself, near or far, or
 * without dlt's own tables. A convention of the user's must be loaded.
 *
 * @throws {SchemaInvalid}
 */
export function validateSchema(schema: Schema): void {
  const problems = schemaProblems(schema)
  if (problems.length > 0) {
    throw new SchemaInvalid(
      schema.name,
      problems.map((problem) => problem.text),
    )
  }
}

/** All that {@link validateSchema} refuses. */
export function schemaProblems(schema: Schema): SchemaProblem[] {
  const problems: SchemaProblem[] = []
  const add = (problem: string, ...path: DocumentPath): void => void problems.push({ path, text: problem })
  try {
    checkSchemaName(schema.name)
  } catch (error) {
    if (!(error instanceof InvalidSchemaName)) throw error
    add(error.message.replace(/\.$/, ''), 'name')
  }
  for (const key of Object.keys(schema)) if (!schemaKeys.has(key) && !isFree(key)) add(unknownKey(key, 'schema'), key)
  if (!isListOfTexts(schema.previous_hashes)) add('"previous_hashes" must be a list of texts', 'previous_hashes')
  problems.push(...problemsOf('settings', ['settings'], schema.settings as JsonValue, settingsChecks))
  const normalizers = schema.normalizers as unknown as JsonValue
  problems.push(...problemsOf('normalizers', ['normalizers'], normalizers, normalizerChecks))
  const { names, json } = schema.normalizers as Partial<Schema['normalizers']>
  if (names === undefined) add('"names" of normalizers is missing, for example snake_case', 'normalizers')
  if (json?.module === undefined)
    add(`"json" of normalizers is missing: { module: ${relationalModule} }`, 'normalizers')
  for (const table of missingSystemTables(schema)) {
    add(`table "${table}" is missing; copy it from an exported schema`, 'tables')
  }
  for (const [name, table] of schema.tables) problems.push(...tableProblems(schema, name, table))
  return problems
}

function missingSystemTables(schema: Schema): string[] {
  try {
    const { versionTable, loadsTable } = systemNames(namingConvention(schema.normalizers.names))
    return [versionTable, loadsTable].filter((table) => !schema.tables.has(table))
  } catch (error) {
    // What the convention should be is asked before; without one nobody knows what the tables are called.
    if (error instanceof UnknownNamingConvention) return []
    throw error
  }
}

function tableProblems(schema: Schema, name: string, table: Table): SchemaProblem[] {
  const place = `table "${name}"`
  const path: DocumentPath = ['tables', name]
  const problems = problemsOf(place, path, table.hints as JsonValue, tableChecks)
  if (table.name !== name) problems.push({ path: [...path, 'name'], text: `${place} calls itself "${table.name}"` })
  const parents = new Set([name])
  for (let parent = table.hints.parent; parent != null; parent = schema.tables.get(parent)?.hints.parent) {
    if (parents.has(parent)) {
      problems.push({ path: [...path, 'parent'], text: `${place} is nested under itself` })
      break
    }
    parents.add(parent)
    if (!schema.tables.has(parent)) {
      problems.push({ path: [...path, 'parent'], text: `${place} has parent "${parent}", which is not in the schema` })
    }
  }
  for (const [key, column] of table.columns) {
    const columnPlace = `column "${key}" of ${place}`
    const columnPath = [...path, 'columns', key]
    problems.push(...problemsOf(columnPlace, columnPath, column as JsonValue, columnChecks))
    if (column.name !== key) {
      problems.push({ path: [...columnPath, 'name'], text: `${columnPlace} calls itself "${column.name}"` })
    }
  }
  return problems
}

function problemsOf(
  place: string,
  path: DocumentPath,
  value: JsonValue,
  checks: Readonly<Record<string, Check>>,
): SchemaProblem[] {
  if (!isObject(value)) return [{ path, text: `${place} must be an object` }]
  const problems: SchemaProblem[] = []
  for (const [key, one] of Object.entries(value)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined
    const problem = check?.(one)
    if (check === undefined && !isFree(key)) problems.push({ path: [...path, key], text: unknownKey(key, place) })
    else if (problem !== undefined) problems.push({ path: [...path, key], text: `"${key}" of ${place} ${problem}` })
  }
  return problems
}

function objectProblem(
  value: { readonly [key: string]: JsonValue },
  checks: Readonly<Record<string, Check>>,
): string | undefined {
  for (const [key, one] of Object.entries(value)) {
    if (!Object.hasOwn(checks, key)) {
      if (isFree(key)) continue
      return `has the unknown key "${key}"`
    }
    const problem = checks[key]?.(one)
    if (problem !== undefined) return `.${key} ${problem}`
  }
  return undefined
}

function patternProblem(pattern: string): string | undefined {
  try {
    compilePattern(pattern)
    return undefined
  } catch (error) {
    if (error instanceof InvalidPattern) return `holds "${pattern}", which is not a regular expression`
    throw error
  }
}

function firstProblem<Item>(items: readonly Item[], problemOf: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = problemOf(item)
    if (problem !== undefined) return problem
  }
  return undefined
}

function unknownKey(key: string, place: string): string {
  return `"${key}" of ${place} is not known (keys of your own begin with x-)`
}

function isFree(key: string): boolean {
  return key.startsWith('x-')
}

function isListOfTexts(value: JsonValue): value is readonly string[] {
  return Array.isArray(value) && (value as readonly JsonValue[]).every((item) => typeof item === 'string')
}

function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
