import type { ResourceHints } from './resource.ts'
import type { HintChanges } from './hints/change-hints.ts'
import { InvalidHint } from './hints/invalid-hint.ts'

/** What is said about some rows of a resource. */
export interface RowsMark {
  /** Table for these rows, unless the resource's `tableName` is a function. */
  readonly tableName?: string
  /** Changes hints of the resource before the rows are written; those of `tableName` alone where `isVariant`. */
  readonly hints?: HintChanges<ResourceHints>
  readonly isVariant?: boolean
  /** The table is made with its declared columns, also where no row comes. */
  readonly isMaterialized?: boolean
}

const mark: unique symbol = Symbol.for('gantry.marked rows')

/** Rows that carry a mark. */
export interface MarkedRows<Row = unknown> {
  readonly [mark]: RowsMark
  readonly rows: readonly Row[]
}

/** True for what the functions of this file return, also where two copies of the package meet in one program. */
export function isMarked(value: object): value is MarkedRows {
  return mark in value
}

export function markOf(rows: MarkedRows): RowsMark {
  return rows[mark]
}

/**
 * Rows for a table of their own: one resource can fill several. A `tableName` that is a function decides alone.
 *
 * @param rows  a row, or a page of rows
 */
export function withTableName<Row>(rows: Row | readonly Row[], tableName: string): MarkedRows<Row> {
  return marked(rows, { tableName })
}

/**
 * Rows that change hints of their resource, as `applyHints` does, from these rows on.
 *
 * @param rows     a row, or a page of rows; an empty one changes hints alone
 * @param options  `createTableVariant`: the hints are for the table that they name in `tableName`, which these rows go to,
 *   and all other tables stay as they are. Default: false.
 * @throws {InvalidHint} `incremental` is among the hints; or a variant names no table
 */
export function withHints<Row>(
  rows: Row | readonly Row[],
  hints: HintChanges<ResourceHints>,
  { createTableVariant = false }: { readonly createTableVariant?: boolean } = {},
): MarkedRows<Row> {
  const { tableName, incremental } = hints
  if (incremental !== undefined) {
    throw new InvalidHint(
      'Rows cannot change the cursor that they are read by: leave "incremental" out of their hints.',
    )
  }
  if (!createTableVariant) return marked(rows, { hints })
  if (typeof tableName !== 'string' || tableName === '') {
    throw new InvalidHint('A table variant needs a "tableName" among its hints, the name of the table.')
  }
  return marked(rows, { tableName, hints, isVariant: true })
}

/** No rows, but the table: yielded, it is made with its declared columns, be no row there or some. */
export function materializeTableSchema(): MarkedRows<never> {
  return marked<never>([], { isMaterialized: true })
}

function marked<Row>(rows: Row | readonly Row[], given: RowsMark): MarkedRows<Row> {
  return { [mark]: given, rows: Array.isArray(rows) ? (rows as readonly Row[]) : [rows as Row] }
}
