import { isDeepStrictEqual } from 'node:util'
import type { Column, PartialTable, Schema, Table } from './model.ts'

/**
 * What `after` has beyond `before`: its new and changed columns with all its hints; undefined where nothing differs.
 * Columns that are gone are not seen, as a schema never loses any by merging.
 */
export function diffTable(before: Table | undefined, after: Table): PartialTable | undefined {
  if (before === undefined) return after
  if (before === after) return undefined
  const columns = new Map<string, Column>()
  for (const [name, column] of after.columns) {
    const known = before.columns.get(name)
    if (known !== column && !isDeepStrictEqual(known, column)) columns.set(name, column)
  }
  if (columns.size === 0 && isDeepStrictEqual(before.hints, after.hints)) return undefined
  return { name: after.name, columns, hints: after.hints }
}

/** The tables of `after` that are new or differ from `before`, in the order of `after`. */
export function diffSchema(before: Schema, after: Schema): Map<string, PartialTable> {
  const changed = new Map<string, PartialTable>()
  for (const [name, table] of after.tables) {
    const partial = diffTable(before.tables.get(name), table)
    if (partial !== undefined) changed.set(name, partial)
  }
  return changed
}
