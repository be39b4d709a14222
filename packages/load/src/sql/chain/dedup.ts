import { quoteIdentifier } from '../identifier.ts'
import type { Chain, ChainStatements, ChainTable } from './chain.ts'
import { columnList, equal, nullableOf } from './keys.ts'
import { temporary } from './temporary.ts'

/*
 * Staged rows that share a key. Of those the first by the column with the hint `dedup_sort` stays, else any one: staged
 * rows have no order. Most loads have none, and are not to be copied or sorted as a whole to find that out: keys alone are
 * counted, and only rows of repeated keys are looked at.
 */

/** Rows of a key are numbered by this column. */
const rank = '"_dlt_dedup_rank"'

export interface DedupRules {
  /** Condition on rows `s`, true for few: others are known to be single. Saves counting the keys of all. */
  readonly among?: string
  /** Condition on rows `s` that come before all others of their key. */
  readonly prefer?: string
  /** Rows whose key is null are alike and one of them stays, as in dlt's delete-insert; else all of them do. */
  readonly nullsAlike?: boolean
}

/** Statements that leave one row of each key in a staging table. */
export interface Deduplication extends ChainStatements {
  /** The temporary table with the rows that stay of those that were looked at, quoted. */
  readonly first: string
}

/** @param what  a word that tells the temporary table from others of the chain */
export function keepOne(
  chain: Chain,
  table: ChainTable,
  keys: readonly string[],
  what: string,
  { among, prefer, nullsAlike = false }: DedupRules = {},
): Deduplication {
  const { staging } = table
  const list = columnList(table)
  const by = keys.map((key) => `s.${key}`).join(', ')
  const order = (prefer === undefined ? '' : `CASE WHEN ${prefer} THEN 0 ELSE 1 END, `) + sortOf(table)
  const nullable = nullsAlike ? nullableOf(table) : undefined
  const repeated =
    `EXISTS (SELECT 1 FROM (SELECT ${by} FROM ${staging} AS s GROUP BY ${by} HAVING COUNT(*) > 1) AS r ` +
    `WHERE ${equal(keys, 's', 'r', nullable)})`
  const ranked =
    `SELECT ROW_NUMBER() OVER (PARTITION BY ${by} ORDER BY ${order}) AS ${rank}, ${list} ` +
    `FROM ${staging} AS s WHERE ${among ?? repeated}`
  const first = temporary(chain, what, `SELECT ${list} FROM (${ranked}) AS ranked WHERE ${rank} = 1`)
  return {
    first: first.name,
    prepare: [first.create],
    apply: [
      `DELETE FROM ${staging} AS d WHERE EXISTS (SELECT 1 FROM ${first.name} AS s WHERE ${equal(keys, 'd', 's', nullable)})`,
      `INSERT INTO ${staging} (${list}) SELECT ${list} FROM ${first.name}`,
    ],
    cleanUp: [first.drop],
  }
}

/** True where the staged rows are said to be one for each key already. */
export function isDeduplicated({ table }: ChainTable): boolean {
  return table.hints['x-stage-data-deduplicated'] === true
}

/** Nulls go where the engine puts them, as in dlt. */
function sortOf({ columns }: ChainTable): string {
  const sorted = columns.find((column) => column.dedup_sort != null)
  if (sorted === undefined) return '(SELECT NULL)'
  return `s.${quoteIdentifier(sorted.name)} ${sorted.dedup_sort === 'desc' ? 'DESC' : 'ASC'}`
}
