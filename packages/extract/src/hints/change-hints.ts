import { columnsOf } from './column-hints.ts'
import type { Columns, Hints } from './hints.ts'
import { isRowSchema } from './row-schema.ts'

/** Hints by which others are changed: what is undefined stays, what is null or empty takes the hint away. */
export type HintChanges<Of> = { readonly [Hint in keyof Of]?: Of[Hint] | null | undefined }

/**
 * Hints changed by others: columns are added, hint by hint, references by the table that they refer to, additional hints
 * by name, and all else is replaced; so is what is a function of the row, or becomes one.
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
    else if (hint === 'references') changed[hint] = mergeReferences(own.references, value as Hints['references'])
    else if (hint === 'additionalTableHints') changed[hint] = mergeOwnHints(own[hint], value as OwnHints)
    else changed[hint] = value
  }
  return changed as unknown as Of
}

/** Columns with others added, column by column; a schema stands for all columns. */
export function mergeColumns(own: Hints['columns'], added: Hints['columns'], place: string): Hints['columns'] {
  if (own === undefined || added === undefined) return added ?? own
  if (isRowSchema(own) || isRowSchema(added) || typeof own === 'function' || typeof added === 'function') return added
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

function mergeReferences(own: Hints['references'] = [], added: Hints['references'] = []): Hints['references'] {
  if (typeof own === 'function' || typeof added === 'function') return added
  const replaced = new Set(added.map(({ referencedTable }) => referencedTable))
  return [...own.filter(({ referencedTable }) => !replaced.has(referencedTable)), ...added]
}

type OwnHints = Hints['additionalTableHints']

function mergeOwnHints(own: OwnHints, added: OwnHints): OwnHints {
  return typeof own === 'function' || typeof added === 'function' ? added : { ...own, ...added }
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  if (value instanceof Map) return value.size === 0
  return (
    typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype && Object.keys(value).length === 0
  )
}
