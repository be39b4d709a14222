import type { NamingConvention } from '../naming/naming-convention.ts'
import { isDefaultHint, mergeColumn } from './merge.ts'
import type { Column, JsonValue, Table, TableHints } from './model.ts'

/**
 * The table with all names normalized: its own and its parent's as table paths, columns and references as paths; the
 * resource keeps its name. Where two columns get one name, the later one's hints go over those of the earlier, at the
 * earlier one's place.
 *
 * @param onCollision  told the name that two columns share, e.g. to log a warning
 * Follows dlt `dlt/common/schema/utils.py`, `normalize_table_identifiers`.
 */
export function normalizeTableIdentifiers(
  table: Table,
  naming: NamingConvention,
  onCollision?: (column: string) => void,
): Table {
  const columns = new Map<string, Column>()
  for (const [rawName, column] of table.columns) {
    const name = naming.normalizePath(rawName)
    const earlier = columns.get(name)
    const renamed: Column = { ...column, name }
    if (earlier === undefined) columns.set(name, renamed)
    else {
      onCollision?.(name)
      columns.set(name, mergeColumn(earlier, withoutDefaults(renamed)))
    }
  }
  return { name: naming.normalizeTablesPath(table.name), columns, hints: normalizeHints(table.hints, naming) }
}

function withoutDefaults(column: Column): Column {
  const set = Object.entries(column).filter(([hint, value]) => !isDefaultHint(hint, value))
  return Object.fromEntries(set) as unknown as Column
}

function normalizeHints(hints: TableHints, naming: NamingConvention): TableHints {
  const normalized: Record<string, JsonValue | undefined> = { ...hints }
  if (hints.parent) normalized['parent'] = naming.normalizeTablesPath(hints.parent)
  const references = hints['references']
  if (Array.isArray(references)) {
    normalized['references'] = (references as readonly JsonValue[]).map((item) => normalizeReference(item, naming))
  }
  return normalized
}

function normalizeReference(reference: JsonValue, naming: NamingConvention): JsonValue {
  if (typeof reference !== 'object' || reference === null || Array.isArray(reference)) return reference
  const normalized: Record<string, JsonValue> = { ...(reference as { readonly [key: string]: JsonValue }) }
  for (const key of ['referenced_table', 'table']) {
    const table = normalized[key]
    if (typeof table === 'string') normalized[key] = naming.normalizeTablesPath(table)
  }
  for (const key of ['columns', 'referenced_columns']) {
    const columns = normalized[key]
    if (Array.isArray(columns)) {
      normalized[key] = (columns as readonly JsonValue[]).map((name) =>
        typeof name === 'string' ? naming.normalizePath(name) : name,
      )
    }
  }
  return normalized
}
