import { isDeepStrictEqual } from 'node:util'
import { TerminalError } from '../errors.ts'
import type { Column, JsonValue, PartialTable, Schema, Table, TableHints } from './model.ts'

/** Hints that name a set of columns; a new declaration replaces the whole set. */
const compoundHints = ['primary_key', 'merge_key', 'partition', 'cluster', 'incremental'] as const

/** How an update treats keys made of several columns. */
export interface MergeOptions {
  /**
   * `add`: columns join the keys that are there, as in normalize (default). `replace`: where the update sets a key, it
   * is first taken off all columns that had it, as in extract, where the declaration says it all.
   */
  readonly compoundHints?: 'add' | 'replace'
}

/** A nested table names a parent that the schema does not have. */
export class ParentTableNotFound extends TerminalError {
  override readonly code = 'parent_table_not_found'

  constructor(schema: string, table: string, parent: string) {
    super(`Table "${table}" of schema "${schema}" names "${parent}" as its parent, which is not in the schema.`, {
      schema,
      table,
      parent,
    })
  }
}

/** An update contradicts what a table is. */
export class TableConflict extends TerminalError {
  override readonly code = 'table_conflict'

  constructor(table: string, property: string, existing: unknown, incoming: unknown) {
    super(
      `Table "${table}" cannot change its ${property} from ${JSON.stringify(existing ?? null)} to ` +
        `${JSON.stringify(incoming ?? null)}. Drop the table first, or use another name.`,
      { table, property, existing, incoming },
    )
  }
}

/** True for a column with a data type; others are kept, but never created or written. */
export function isComplete(column: Column | undefined): boolean {
  return column?.data_type != null
}

/** The columns of a table that are created and written, in the order of the schema. */
export function completeColumns(table: Table): Column[] {
  return [...table.columns.values()].filter(isComplete)
}

/** True where the value of this hint means the same as its absence. */
export function isDefaultHint(hint: string, value: JsonValue | undefined): boolean {
  if (value === undefined) return true
  switch (hint) {
    case 'x-active-record-timestamp':
      return false
    case 'name':
    case 'data_type':
    case 'precision':
    case 'scale':
      return value === null
    case 'timezone':
    case 'nullable':
      return value === null || value === true
    default:
      return value === null || value === false || value === 0
  }
}

/** The column with all keys of `update`, explicit nulls and defaults included; nothing is taken away. */
export function mergeColumn(column: Column, update: Column): Column {
  return { ...column, ...update }
}

/**
 * The columns with those of `updates` merged in, in their order: a new one goes to the end, and so does one that becomes
 * complete by it; others keep their place.
 *
 * Follows dlt `dlt/common/schema/utils.py`, `merge_columns`.
 */
export function mergeColumns(
  columns: ReadonlyMap<string, Column>,
  updates: ReadonlyMap<string, Column>,
  options: MergeOptions = {},
): ReadonlyMap<string, Column> {
  const merged = new Map(options.compoundHints === 'replace' ? withoutReplacedHints(columns, updates) : columns)
  for (const [name, update] of updates) {
    const column = merged.get(name)
    if (column !== undefined && !isComplete(column) && isComplete(update)) merged.delete(name)
    merged.set(name, column === undefined ? update : mergeColumn(column, update))
  }
  return merged
}

function withoutReplacedHints(
  columns: ReadonlyMap<string, Column>,
  updates: ReadonlyMap<string, Column>,
): ReadonlyMap<string, Column> {
  const replaced = compoundHints.filter((hint) =>
    [...updates.values()].some((column) => !isDefaultHint(hint, column[hint])),
  )
  if (replaced.length === 0) return columns
  const kept = new Map<string, Column>()
  for (const [name, column] of columns) {
    const hints = Object.entries(column).filter(([hint]) => !(replaced as string[]).includes(hint))
    kept.set(name, Object.fromEntries(hints) as unknown as Column)
  }
  return kept
}

/**
 * The table with columns and hints of `update`. References merge by the table they refer to and `x-normalizer` key by
 * key; every other hint is overwritten as a whole.
 *
 * @throws {TableConflict} another name, another parent, or a resource for a nested table
 * Follows dlt `dlt/common/schema/utils.py`, `merge_table`; `x-normalizer` is ours, where dlt loses its other keys.
 */
export function mergeTable(table: Table, update: PartialTable, options: MergeOptions = {}): Table {
  if (table.name !== update.name) throw new TableConflict(table.name, 'name', table.name, update.name)
  const parent = table.hints.parent ?? null
  if (parent !== (update.hints.parent ?? null)) {
    throw new TableConflict(table.name, 'parent', parent, update.hints.parent)
  }
  if (parent !== null && update.hints.resource) {
    throw new TableConflict(table.name, 'resource', table.hints.resource, update.hints.resource)
  }
  return {
    name: table.name,
    columns: update.columns.size === 0 ? table.columns : mergeColumns(table.columns, update.columns, options),
    hints: mergeHints(table.hints, update.hints),
  }
}

function mergeHints(hints: TableHints, update: TableHints): TableHints {
  const merged: Record<string, JsonValue | undefined> = { ...hints }
  for (const [hint, value] of Object.entries(update)) {
    // Null over nothing is no difference to dlt, so it must not enter the hash.
    if (value !== undefined && (value !== null || hint in hints)) merged[hint] = value
  }
  if (isList(hints['references']) && isList(update['references'])) {
    merged['references'] = mergeReferences(hints['references'], update['references'])
  }
  const state = hints['x-normalizer']
  const newState = update['x-normalizer']
  if (isObject(state) && isObject(newState)) merged['x-normalizer'] = { ...state, ...newState }
  return isDeepStrictEqual(merged, hints) ? hints : merged
}

function mergeReferences(references: readonly JsonValue[], updates: readonly JsonValue[]): readonly JsonValue[] {
  const merged = [...references]
  for (const update of updates) {
    const at = merged.findIndex((reference) => referencedTable(reference) === referencedTable(update))
    if (at < 0) merged.push(update)
    else merged[at] = update
  }
  return merged
}

function referencedTable(reference: JsonValue): JsonValue | undefined {
  return isObject(reference) ? reference['referenced_table'] : undefined
}

/**
 * The schema with `update` merged into its table, or added as a new one. Names must be normalized already.
 *
 * @throws {ParentTableNotFound}
 * @throws {TableConflict}
 * Follows dlt `dlt/common/schema/schema.py`, `Schema.update_table`, save for root-key propagation, which is
 * `propagateRootKey`.
 */
export function updateTable(schema: Schema, update: PartialTable, options: MergeOptions = {}): Schema {
  return updateTables(schema, [update], options)
}

/**
 * {@link updateTable} for one update after the other. Copies the list of tables once, which counts where there are
 * thousands of both.
 */
export function updateTables(schema: Schema, updates: Iterable<PartialTable>, options: MergeOptions = {}): Schema {
  const tables = new Map(schema.tables)
  for (const update of updates) {
    const parent = update.hints.parent
    if (parent != null && !tables.has(parent)) throw new ParentTableNotFound(schema.name, update.name, parent)
    const table = tables.get(update.name)
    tables.set(update.name, table === undefined ? update : mergeTable(table, update, options))
  }
  return { ...schema, tables }
}

/** A column that is complete on both sides with different types. */
export interface TypeConflict {
  readonly table: string
  readonly column: string
  readonly existing: Column
  readonly incoming: Column
}

/**
 * The first column of `update` whose type contradicts the table's. {@link updateTable} would overwrite it, so whoever
 * merges what was found apart from this schema asks here first.
 */
export function findTypeConflict(table: Table | undefined, update: PartialTable): TypeConflict | undefined {
  if (table === undefined) return undefined
  for (const [name, incoming] of update.columns) {
    const existing = table.columns.get(name)
    if (existing?.data_type == null || incoming.data_type == null) continue
    if (existing.data_type !== incoming.data_type) return { table: table.name, column: name, existing, incoming }
  }
  return undefined
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function isObject(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
