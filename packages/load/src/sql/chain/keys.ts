import { TerminalError, type Column } from '@gantry/common'
import { quoteIdentifier } from '../identifier.ts'
import type { ChainTable } from './chain.ts'

/** A table lacks the column that its merge strategy needs to tell rows apart. */
export class MergeDispositionException extends TerminalError {
  override readonly code = 'merge_disposition_exception'
}

/** Columns with a hint, quoted, in the order of the schema. */
export function columnsWith({ columns }: ChainTable, hint: keyof Column): string[] {
  return columns.filter((column) => column[hint] === true).map(({ name }) => quoteIdentifier(name))
}

/** All columns, quoted, as a list for SQL. */
export function columnList({ columns }: ChainTable): string {
  return columns.map(({ name }) => quoteIdentifier(name)).join(', ')
}

/**
 * The column that names a row: `row_key`, else the first unique one, else a primary key of one column (dlt
 * `dlt/destinations/sql_jobs.py`).
 *
 * @throws {MergeDispositionException}
 */
export function rowKey(table: ChainTable): string {
  const [key] = [...columnsWith(table, 'row_key'), ...columnsWith(table, 'unique')]
  const primary = columnsWith(table, 'primary_key')
  const found = key ?? (primary.length === 1 ? primary[0] : undefined)
  if (found !== undefined) return found
  throw new MergeDispositionException(
    `Table "${table.table.name}" has no column that names a row (row_key, unique, or a primary key of one column), which merging it with the tables below it needs.`,
    { table: table.table.name },
  )
}

/**
 * The column of a nested table that names the root row: `root_key`; a table right below the root may go by its parent.
 *
 * @throws {MergeDispositionException}
 */
export function rootKey(nested: ChainTable, root: ChainTable): string {
  const isChild = nested.table.hints.parent === root.table.name
  const found = columnsWith(nested, 'root_key')[0] ?? (isChild ? columnsWith(nested, 'parent_key')[0] : undefined)
  if (found !== undefined) return found
  throw new MergeDispositionException(
    `Table "${nested.table.name}" has no column that names the row of "${root.table.name}" it belongs to (root_key), which merging needs. ` +
      'Let the source set it (rootKey), and load with refresh where the table had rows before.',
    { table: nested.table.name },
  )
}

/** `a.k1 = b.k1 AND a.k2 = b.k2`: null is equal to nothing. */
export function equal(keys: readonly string[], a: string, b: string): string {
  return keys.map((key) => `${a}.${key} = ${b}.${key}`).join(' AND ')
}
