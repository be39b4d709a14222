import type { Chain, ChainStatements, ChainTable } from './chain.ts'
import { hardDeleteOf } from './hard-delete.ts'
import { columnList, equal, isBelow, primaryKey, rowKey } from './keys.ts'
import { stagedOnce } from './staged-once.ts'

/**
 * Staged rows with a primary key that is not there are added, and rows below by their row keys; what is there stays.
 * Rows that say they are deleted are left out, with all below them. Of several staged rows with one key one is added: the
 * first by `dedup_sort`, else any.
 * Source: dlt `dlt/destinations/sql_jobs.py`, `gen_insert_only_sql`.
 */
export function insertOnly(chain: Chain): ChainStatements {
  const { root, nested } = chain
  const hardDelete = hardDeleteOf(root)
  const kept = hardDelete?.kept('s') ?? '1 = 1'
  const staged = stagedOnce(chain, hardDelete === undefined ? {} : { prefer: kept })
  return {
    prepare: staged.prepare,
    apply: [
      ...staged.apply,
      insertMissing(root, primaryKey(root), kept),
      ...nested.map((table) => {
        const roots = `SELECT s.${rowKey(root)} FROM ${root.staging} AS s WHERE ${kept}`
        const where = hardDelete === undefined ? '1 = 1' : isBelow(table, chain, 'staging', 's', roots)
        return insertMissing(table, [rowKey(table)], where)
      }),
    ],
    cleanUp: staged.cleanUp,
  }
}

/** Adds staged rows whose keys are not in the table. */
export function insertMissing(table: ChainTable, keys: readonly string[], where: string): string {
  const list = columnList(table)
  return (
    `INSERT INTO ${table.name} (${list}) SELECT ${list} FROM ${table.staging} AS s WHERE ${where} AND ` +
    `NOT EXISTS (SELECT 1 FROM ${table.name} AS d WHERE ${equal(keys, 'd', 's')})`
  )
}
