import { UsageError } from '@gantry/common'
import type { ResourceHints } from '../resource.ts'
import type { HintOfRow, StaticHints } from './hints.ts'
import { InvalidHint } from './invalid-hint.ts'
import { isRowSchema } from './row-schema.ts'

/*
 * Hints that are functions of the row (dlt `dlt/extract/hints.py`, "dynamic hints").
 */

/** A hint is a function of the row, and the name of the table is not. */
export class InconsistentTableTemplate extends UsageError {
  override readonly code = 'inconsistent_table_template'
}

/** What is declared about one table. */
export type DeclaredHints = StaticHints & Pick<ResourceHints, 'incremental'>

/** Names of the hints that are functions of the row, without that of the table. */
export function hintsPerRow(hints: ResourceHints): (keyof ResourceHints)[] {
  return Object.entries(hints).flatMap(([name, hint]) =>
    name !== 'tableName' && isPerRow(hint) ? [name as keyof ResourceHints] : [],
  )
}

/** @param place  whose hints they are @throws {InconsistentTableTemplate} */
export function checkPerRow(hints: ResourceHints, place: string): void {
  const [hint] = typeof hints.tableName === 'function' ? [] : hintsPerRow(hints)
  if (hint === undefined) return
  throw new InconsistentTableTemplate(
    `"${hint}" of ${place} is a function of the row, so "tableName" must be one, too: rows of one table cannot differ in what it is.`,
    { hint },
  )
}

/** Hints of which none is a function of the row; undefined for others. */
export function tryStaticHints(hints: ResourceHints): DeclaredHints | undefined {
  return typeof hints.tableName === 'function' ? undefined : (hints as DeclaredHints)
}

/** What is declared about the table of a row. @throws {InvalidHint} a schema of rows as the columns of a row */
export function hintsOfRow(hints: ResourceHints, names: readonly (keyof ResourceHints)[], row: unknown): DeclaredHints {
  const { tableName: _, ...declared } = hints
  const made: Record<string, unknown> = {}
  for (const name of names)
    made[name] = (hints[name] as HintOfRow<unknown>)(row as Record<string, unknown>) ?? undefined
  if (!isRowSchema(made['columns'])) return { ...(declared as DeclaredHints), ...made }
  throw new InvalidHint(
    'The function "columns" gave a schema of rows, which has to be known before the first row. Give it as "columns" itself, or have the function give hints of columns.',
  )
}

/** Tells apart what rows have made of the named hints. */
export function textOfHints(hints: DeclaredHints, names: readonly (keyof ResourceHints)[]): string {
  const made = names.map((name) => hints[name as keyof DeclaredHints])
  return JSON.stringify(made, (_, value: unknown) => (value instanceof Map ? [...value] : value))
}

/** Schemas of rows can be functions, too. */
function isPerRow(hint: unknown): boolean {
  return typeof hint === 'function' && !isRowSchema(hint)
}
