import { columnsOf } from './column-hints.ts'
import type { Columns, Hints } from './hints.ts'
import { isRowSchema } from './row-schema.ts'

/**
 * The hints of `over` added to those of `own`, column by column; a schema stands for all columns.
 *
 * @param place  what the columns belong to, for messages
 * @throws {InvalidHint} what is no map and no list
 */
export function mergeColumns(own: Hints['columns'], over: Hints['columns'], place: string): Hints['columns'] {
  if (own === undefined || over === undefined) return over ?? own
  if (isRowSchema(own) || isRowSchema(over)) return over
  for (const columns of [own, over]) columnsOf(columns, place)
  const merged = new Map(named(own))
  for (const [name, hints] of named(over)) merged.set(name, { ...merged.get(name), ...hints })
  return Object.fromEntries(merged) as Columns
}

function named(columns: Columns): [string, object][] {
  return Array.isArray(columns)
    ? (columns as readonly { readonly name: string }[]).map(({ name, ...hints }) => [name, hints])
    : Object.entries(columns as Readonly<Record<string, object>>)
}
