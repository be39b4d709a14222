import { TerminalError } from '../errors.ts'
import { dataTypes } from '../values/data-type.ts'
import type { JsonValue, Schema, Table } from './model.ts'
import { checkSchemaName, InvalidSchemaName } from './new-schema.ts'
import { compilePattern, InvalidPattern } from './patterns.ts'

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

/** Says what is wrong with a value, e.g. `must be true or false`; undefined where nothing is. */
type Check = (value: JsonValue) => string | undefined

const flag: Check = (value) => (value === null || typeof value === 'boolean' ? undefined : 'must be true or false')
const text: Check = (value) => (value === null || typeof value === 'string' ? undefined : 'must be text')
const count: Check = (value) =>
  value === null || (typeof value === 'number' && Number.isInteger(value)) ? undefined : 'must be an integer'
const anything: Check = () => undefined
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    value === null || (values as readonly unknown[]).includes(value) ? undefined : `must be one of ${values.join(', ')}`
const listOfTexts: Check = (value) => (value === null || isListOfTexts(value) ? undefined : 'must be a list of texts')
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
}

const tableChecks: Readonly<Record<string, Check>> = {
  description: text,
  parent: text,
  resource: text,
  write_disposition: oneOf('append', 'replace', 'merge', 'skip'),
  schema_contract: contract,
  table_sealed: flag,
  filters: (value) =>
    isObject(value) ? objectProblem(value, { excludes: patternList, includes: patternList }) : 'must be an object',
  table_format: oneOf('iceberg', 'delta', 'hive', 'native'),
  file_format: text,
  references: (value) => (value === null || Array.isArray(value) ? undefined : 'must be a list'),
}

/** The hints of columns that dlt knows, spelled as in a schema. */
export const columnHintNames: readonly string[] = Object.keys(columnChecks)

/** What is wrong with the value of a known hint, e.g. `must be true or false`; undefined where nothing is. */
export function hintProblem(of: 'column' | 'table', hint: string, value: JsonValue): string | undefined {
  return (of === 'column' ? columnChecks : tableChecks)[hint]?.(value)
}

const settingsChecks: Readonly<Record<string, Check>> = {
  schema_contract: contract,
  detections: listOfTexts,
  default_hints: mapOf(patternList),
  preferred_types: (value) =>
    mapOf(oneOf(...dataTypes))(value) ??
    (isObject(value) ? firstProblem(Object.keys(value), patternProblem) : undefined),
}

const propagated = mapOf(text)
const configChecks: Readonly<Record<string, Check>> = {
  max_nesting: count,
  root_key_propagation: flag,
  propagation: (value) =>
    value === null
      ? undefined
      : isObject(value)
        ? objectProblem(value, { root: propagated, tables: mapOf(propagated) })
        : 'must be an object',
}

const normalizerChecks: Readonly<Record<string, Check>> = {
  names: text,
  json: (value) =>
    isObject(value)
      ? objectProblem(value, {
          module: text,
          config: (config) =>
            config === null ? undefined : isObject(config) ? objectProblem(config, configChecks) : 'must be an object',
        })
      : 'must be an object',
  allow_identifier_change_on_table_with_data: flag,
  use_break_path_on_normalize: flag,
  detections: listOfTexts,
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
 * than its key takes, a column under another name, or a parent that is missing or is the table itself, near or far.
 *
 * @throws {SchemaInvalid}
 */
export function validateSchema(schema: Schema): void {
  const problems: string[] = []
  try {
    checkSchemaName(schema.name)
  } catch (error) {
    if (!(error instanceof InvalidSchemaName)) throw error
    problems.push(error.message.replace(/\.$/, ''))
  }
  for (const key of Object.keys(schema))
    if (!schemaKeys.has(key) && !isFree(key)) problems.push(unknownKey(key, 'schema'))
  problems.push(...problemsOf('settings', schema.settings as JsonValue, settingsChecks))
  problems.push(...problemsOf('normalizers', schema.normalizers as unknown as JsonValue, normalizerChecks))
  for (const [name, table] of schema.tables) problems.push(...tableProblems(schema, name, table))
  if (problems.length > 0) throw new SchemaInvalid(schema.name, problems)
}

function tableProblems(schema: Schema, name: string, table: Table): string[] {
  const place = `table "${name}"`
  const problems = problemsOf(place, table.hints as JsonValue, tableChecks)
  if (table.name !== name) problems.push(`${place} calls itself "${table.name}"`)
  const parents = new Set([name])
  for (let parent = table.hints.parent; parent != null; parent = schema.tables.get(parent)?.hints.parent) {
    if (parents.has(parent)) {
      problems.push(`${place} is nested under itself`)
      break
    }
    parents.add(parent)
    if (!schema.tables.has(parent)) problems.push(`${place} has parent "${parent}", which is not in the schema`)
  }
  for (const [key, column] of table.columns) {
    const columnPlace = `column "${key}" of ${place}`
    problems.push(...problemsOf(columnPlace, column as JsonValue, columnChecks))
    if (column.name !== key) problems.push(`${columnPlace} calls itself "${column.name}"`)
  }
  return problems
}

function problemsOf(place: string, value: JsonValue, checks: Readonly<Record<string, Check>>): string[] {
  if (!isObject(value)) return [`${place} must be an object`]
  const problems: string[] = []
  for (const [key, one] of Object.entries(value)) {
    if (isFree(key)) continue
    const problem = Object.hasOwn(checks, key) ? checks[key]?.(one) : 'unknown'
    if (problem === 'unknown') problems.push(unknownKey(key, place))
    else if (problem !== undefined) problems.push(`"${key}" of ${place} ${problem}`)
  }
  return problems
}

function objectProblem(
  value: { readonly [key: string]: JsonValue },
  checks: Readonly<Record<string, Check>>,
): string | undefined {
  for (const [key, one] of Object.entries(value)) {
    if (isFree(key)) continue
    if (!Object.hasOwn(checks, key)) return `has the unknown key "${key}"`
    const problem = (checks[key] ?? anything)(one)
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
