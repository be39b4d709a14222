import { TerminalError, type Column } from '@gantry/common'
import { quoteIdentifier } from '../identifier.ts'
import type { Chain, ChainTable } from './chain.ts'

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
 * Columns of the primary key, quoted.
 *
 * @throws {MergeDispositionException} there is none, which `verifyDispositions` says before anything is loaded
 */
export function primaryKey(table: ChainTable): string[] {
  const keys = columnsWith(table, 'primary_key')
  if (keys.length > 0) return keys
  throw new MergeDispositionException(`Table "${table.table.name}" has no primary key to be merged by. Declare one.`, {
    table: table.table.name,
  })
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
 * Condition on rows of a nested table: they are below one of these root rows. The table says so itself by its `root_key`,
 * and right below the root by its `parent_key`; else it goes by the rows above. So it is where rows came in without root
 * keys, as an append brings them, and none has come since.
 *
 * @param of     where the rows are, and those above them: in the tables, or among those that are staged
 * @param alias  of the nested table
 * @param roots  a query that gives row keys of the root
 * @throws {MergeDispositionException}
 */
export function isBelow(
  nested: ChainTable,
  { root, nested: others }: Pick<Chain, 'root' | 'nested'>,
  of: 'name' | 'staging',
  alias: string,
  roots: string,
): string {
  const { parent: parentName } = nested.table.hints
  const [own] = columnsWith(nested, 'root_key')
  const [toParent] = columnsWith(nested, 'parent_key')
  const toRoot = own ?? (parentName === root.table.name ? toParent : undefined)
  if (toRoot !== undefined) return `${alias}.${toRoot} IN (${roots})`
  const parent = others.find(({ table }) => table.name === parentName)
  if (parent === undefined || toParent === undefined) {
    throw new MergeDispositionException(
      `Table "${nested.table.name}" has no column that names the row above it (parent_key) or the row of "${root.table.name}" it belongs to (root_key), which merging needs.`,
      { table: nested.table.name },
    )
  }
  const above = `SELECT p.${rowKey(parent)} FROM ${parent[of]} AS p WHERE ${isBelow(parent, { root, nested: others }, of, 'p', roots)}`
  return `${alias}.${toParent} IN (${above})`
}

/**
 * `a.k1 = b.k1 AND a.k2 = b.k2`: null is equal to nothing, save in the columns given.
 *
 * @param nullable  of the keys, those in which nulls are alike; engines may be slow at that
 */
export function equal(keys: readonly string[], a: string, b: string, nullable: readonly string[] = []): string {
  return keys
    .map((key) => `${a}.${key} ${nullable.includes(key) ? 'IS NOT DISTINCT FROM' : '='} ${b}.${key}`)
    .join(' AND ')
}

/** Columns that may be null, quoted. */
export function nullableOf({ columns }: ChainTable): string[] {
  return columns.filter((column) => column.nullable !== false).map(({ name }) => quoteIdentifier(name))
}
