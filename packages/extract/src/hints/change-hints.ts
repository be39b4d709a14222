import { columnsOf } from './column-hints.ts'
import type { Columns, Hints, Reference } from './hints.ts'
import { isRowSchema } from './row-schema.ts'

/** Hints by which others are changed: what is undefined stays, what is null or empty takes the hint away. */
export type HintChanges<Of> = { readonly [Hint in keyof Of]?: Of[Hint] | null | undefined }

/**
 * Hints changed by others: columns are added, hint by hint, references by the table that they refer to, and all else is
 * replaced.
 *
 * @param place  whose hints they are, e.g. `resource "orders"`
 * @throws {InvalidHint} columns that are no map, no list and no schema
 * Follows dlt `dlt/extract/hints.py`, `apply_hints`.
 */
export function changedHints<Of extends Hints>(own: Of, changes: HintChanges<Of>, place: string): Of {
  const changed: { [hint: string]: unknown } = Object.fromEntries(Object.entries(own))
  for (const [hint, value] of Object.entries(changes)) {
    if (value === undefined) continue
    if (isEmpty(value)) delete changed[hint]
    else if (hint === 'columns') changed[hint] = mergeColumns(own.columns, value as Hints['columns'], place)
    else if (hint === 'references') changed[hint] = mergeReferences(own.references ?? [], value as readonly Reference[])
    else changed[hint] = value
  }
  return changed as unknown as Of
}

/** Columns with others added, column by column; a schema stands for all columns. */
export function mergeColumns(own: Hints['columns'], added: Hints['columns'], place: string): Hints['columns'] {
  if (own === undefined || added === undefined) return added ?? own
  if (isRowSchema(own) || isRowSchema(added)) return added
  // Refuses what is no map and no list.
  for (const columns of [own, added]) columnsOf(columns, place)
  const merged = new Map(named(own))
  for (const [name, hints] of named(added)) merged.set(name, { ...merged.get(name), ...hints })
  return Object.fromEntries(merged) as Columns
}

function named(columns: Columns): [string, object][] {
  return Array.isArray(columns)
    ? (columns as readonly { readonly name: string }[]).map(({ name, ...hints }) => [name, hints])
    : Object.entries(columns as Readonly<Record<string, object>>)
}

function mergeReferences(own: readonly Reference[], added: readonly Reference[]): readonly Reference[] {
  const replaced = new Set(added.map(({ referencedTable }) => referencedTable))
  return [...own.filter(({ referencedTable }) => !replaced.has(referencedTable)), ...added]
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  if (value instanceof Map) return value.size === 0
  return (
    typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype && Object.keys(value).length === 0
  )
}
