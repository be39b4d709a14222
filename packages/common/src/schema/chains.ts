import { TerminalError } from '../errors.ts'
import type { JsonValue, Schema, Table, WriteDisposition } from './model.ts'

/*
 * A root table with all tables nested under it is a chain: it is loaded together, and what is not set on a nested table
 * holds from above.
 */

/** A schema has no table of this name. */
export class TableNotFound extends TerminalError {
  override readonly code = 'table_not_found'

  constructor(schema: Schema, table: string) {
    super(`Schema "${schema.name}" has no table "${table}".`, { schema: schema.name, table })
  }
}

/** No table of a chain says how its rows are written. */
export class NoWriteDisposition extends TerminalError {
  override readonly code = 'no_write_disposition'

  constructor(schema: Schema, table: string) {
    super(`Neither table "${table}" of schema "${schema.name}" nor a table above it has a write disposition.`, {
      schema: schema.name,
      table,
    })
  }
}

/** A table asks for a merge strategy that the destination does not have. */
export class UnsupportedMergeStrategy extends TerminalError {
  override readonly code = 'unsupported_merge_strategy'

  constructor(table: string, strategy: string, supported: readonly string[]) {
    super(`Table "${table}" asks for merge strategy "${strategy}", but the destination has ${supported.join(', ')}.`, {
      table,
      strategy,
      supported,
    })
  }
}

/** @throws {TableNotFound} */
export function getTable(schema: Schema, name: string): Table {
  const table = schema.tables.get(name)
  if (table === undefined) throw new TableNotFound(schema, name)
  return table
}

/** True for a table under a parent. */
export function isNested(table: Table): boolean {
  return table.hints.parent != null
}

/** The table and those above it, up to its root. @throws {TableNotFound} the table or one above it is missing */
export function ancestry(schema: Schema, name: string): Table[] {
  const tables = [getTable(schema, name)]
  for (let parent = tables[0]?.hints.parent; parent != null; parent = tables.at(-1)?.hints.parent) {
    const table = getTable(schema, parent)
    // Only an edited document can have a circle; whoever walks it has to stop.
    if (tables.includes(table)) break
    tables.push(table)
  }
  return tables
}

/** The root of the chain that the table belongs to. @throws {TableNotFound} */
export function rootTable(schema: Schema, name: string): Table {
  return ancestry(schema, name).at(-1) as Table
}

/** The table, then all below it, depth first, children in the order of the schema. @throws {TableNotFound} */
export function tableChain(schema: Schema, name: string): Table[] {
  const children = new Map<string, Table[]>()
  for (const table of schema.tables.values()) {
    const parent = table.hints.parent
    if (parent == null) continue
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [table])
    else siblings.push(table)
  }
  const chain: Table[] = []
  const pending = [getTable(schema, name)]
  for (let table = pending.pop(); table !== undefined; table = pending.pop()) {
    chain.push(table)
    pending.push(...(children.get(table.name) ?? []).toReversed())
  }
  return chain
}

/** Hints that hold for a whole chain unless a nested table sets its own. */
export type InheritedHint =
  'write_disposition' | 'table_format' | 'file_format' | 'x-merge-strategy' | 'schema_contract'

/** The hint as set on the table, else on the nearest table above it. @throws {TableNotFound} */
export function inheritedHint(schema: Schema, name: string, hint: InheritedHint): JsonValue | undefined {
  for (const table of ancestry(schema, name)) {
    const value = table.hints[hint]
    if (value != null && value !== '') return value
  }
  return undefined
}

/** How rows of the table are written. @throws {NoWriteDisposition} @throws {TableNotFound} */
export function writeDisposition(schema: Schema, name: string): WriteDisposition {
  const disposition = inheritedHint(schema, name, 'write_disposition')
  if (disposition === undefined) throw new NoWriteDisposition(schema, name)
  return disposition as WriteDisposition
}

/**
 * The strategy by which the table is merged; undefined where it is not, or where nothing is known of the destination.
 *
 * @param supported  the destination's strategies, its default first; none while no destination is known
 * @throws {UnsupportedMergeStrategy}
 * Follows dlt `dlt/common/destination/utils.py`, `resolve_merge_strategy`.
 */
export function mergeStrategy(schema: Schema, name: string, supported: readonly string[]): string | undefined {
  if (supported.length === 0 || writeDisposition(schema, name) !== 'merge') return undefined
  const strategy = inheritedHint(schema, name, 'x-merge-strategy') as string | undefined
  if (strategy === undefined) return supported[0]
  if (!supported.includes(strategy)) throw new UnsupportedMergeStrategy(name, strategy, supported)
  return strategy
}
