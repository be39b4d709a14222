import type { NamingConvention } from '../naming/naming-convention.ts'
import { mergeStrategy, rootTable, tableChain } from './chains.ts'
import type { PropagationConfig, Schema, Table } from './model.ts'
import { systemNames } from './system-tables.ts'

/** Strategies that find the rows of nested tables through the id of their root row. */
const strategiesByRoot: ReadonlySet<string | undefined> = new Set(['delete-insert', 'upsert', 'insert-only'])

/**
 * The schema with the id of root rows handed down in the chain of this table, if its tables, the normalizer's config or
 * the merge strategy ask for it; the very same schema where nothing changes. Call it after each new or changed table.
 *
 * @param supported  the destination's merge strategies, its default first; none while no destination is known
 * @throws {UnsupportedMergeStrategy}
 * Follows dlt `dlt/common/normalizers/json/relational.py`, `DataItemNormalizer.extend_table`.
 */
export function propagateRootKey(
  schema: Schema,
  tableName: string,
  naming: NamingConvention,
  supported: readonly string[],
): Schema {
  const names = systemNames(naming)
  const root = rootTable(schema, tableName)
  const from = rowKeyColumn(root) ?? names.rowId
  const config = schema.normalizers.json.config
  if (config?.propagation?.tables?.[root.name]?.[from] === names.rootId) return schema
  if (!needsRootKey(schema, root, names.prefix, supported)) return schema
  const tables = config?.propagation?.tables
  return withPropagation(schema, {
    ...config?.propagation,
    tables: { ...tables, [root.name]: { ...tables?.[root.name], [from]: names.rootId } },
  })
}

function needsRootKey(schema: Schema, root: Table, systemPrefix: string, supported: readonly string[]): boolean {
  for (const table of tableChain(schema, root.name)) {
    for (const column of table.columns.values()) if (column.root_key) return true
  }
  if (root.name.startsWith(systemPrefix)) return false
  const wanted = schema.normalizers.json.config?.root_key_propagation
  return wanted ?? strategiesByRoot.has(mergeStrategy(schema, root.name, supported))
}

function rowKeyColumn(table: Table): string | undefined {
  for (const column of table.columns.values()) if (column.row_key) return column.name
  return undefined
}

/** The schema without what is handed down from the given tables, which are being dropped. */
export function dropPropagation(schema: Schema, tableNames: Iterable<string>): Schema {
  const propagation = schema.normalizers.json.config?.propagation
  if (propagation?.tables === undefined) return schema
  const dropped = new Set(tableNames)
  const kept = Object.entries(propagation.tables).filter(([table]) => !dropped.has(table))
  if (kept.length === Object.keys(propagation.tables).length) return schema
  return withPropagation(schema, { ...propagation, tables: Object.fromEntries(kept) })
}

function withPropagation(schema: Schema, propagation: PropagationConfig): Schema {
  const { normalizers } = schema
  const config = { ...normalizers.json.config, propagation }
  return { ...schema, normalizers: { ...normalizers, json: { ...normalizers.json, config } } }
}
