import {
  compareCodePoints,
  contentRowId,
  JsonObject,
  mergeStrategy,
  sortedKeys,
  stringifyJson,
  TerminalError,
  type Capabilities,
  type Schema,
  type SystemNames,
  type Value,
} from '@gantry/common'
import type { TableState } from './table-state.ts'

/** A table whose rows get their ids from a key, and a row or declaration without one. */
export class MissingKey extends TerminalError {
  override readonly code = 'missing_key'
}

/**
 * How a root row gets its id: at random, or such that the same row gets the same id in every load
 * (`dlt/common/normalizers/json/relational.py`).
 */
export type RowIdRule =
  | { readonly kind: 'random' }
  /** A hash of the values of these columns: merge by upsert or insert-only. */
  | { readonly kind: 'key'; readonly columns: readonly string[] }
  /** A hash of the whole item as it came: scd2 that keeps its row version in the row id. */
  | { readonly kind: 'row' }

const random: RowIdRule = { kind: 'random' }

/** The rule for a table, by its merge strategy. */
export function rowIdRule(schema: Schema, table: string, capabilities: Capabilities, names: SystemNames): RowIdRule {
  const known = schema.tables.get(table)
  if (known === undefined) return random
  const strategy = mergeStrategy(schema, table, capabilities.mergeStrategies)
  if (strategy === 'scd2') {
    return known.columns.get(names.rowId)?.['x-row-version'] === true ? { kind: 'row' } : random
  }
  if (strategy !== 'upsert' && strategy !== 'insert-only') return random
  const columns = [...known.columns.values()].filter((column) => column.primary_key === true)
  return { kind: 'key', columns: columns.map(({ name }) => name).toSorted(compareCodePoints) }
}

/** The id by key of the row at hand, from its flattened fields. @throws {MissingKey} */
export function keyedRowId(table: TableState, columns: readonly string[]): string {
  if (columns.length === 0) {
    throw new MissingKey(`Table "${table.name}" is merged by its primary key, but none is declared. Declare one.`, {
      table: table.name,
    })
  }
  const key = columns.map((name) => {
    const column = table.column(name)
    if (column.row !== table.serial) {
      throw new MissingKey(`A row of table "${table.name}" lacks its key "${name}". Correct the data or the key.`, {
        table: table.name,
        column: name,
      })
    }
    return [name, table.values[column.index] as Value] as const
  })
  return contentRowId(stringifyJson(sortedKeys(JsonObject.of(key))))
}

/** The id by content of an item: all it holds, save for its own `_dlt…` keys at the top. */
export function itemRowId(item: JsonObject): string {
  const entries = [...item.entries()].filter(([key]) => !key.startsWith('_dlt'))
  return contentRowId(stringifyJson(sortedKeys(JsonObject.of(entries))))
}
