import type { Chain, ChainStatements, ChainTable } from './chain.ts'
import { hardDeleteOf } from './hard-delete.ts'
import { columnList, columnsWith, equal, rootKey, rowKey } from './keys.ts'
import { stagedOnce } from './staged-once.ts'

/**
 * Staged rows with a primary key that is not there are added, and rows below by their row keys; what is there stays.
 * Rows that say they are deleted are left out, with all below them.
 * Source: dlt `dlt/destinations/sql_jobs.py`, `gen_insert_only_sql`.
 */
export function insertOnly(chain: Chain): ChainStatements {
  const { root, nested } = chain
  const hardDelete = hardDeleteOf(root)
  const staged = stagedOnce(chain)
  const kept = hardDelete?.kept('s') ?? '1 = 1'
  return {
    prepare: staged.prepare,
    apply: [
      insertMissing(root, staged.root, columnsWith(root, 'primary_key'), kept),
      ...nested.map((table) => {
        const ofKept = `s.${rootKey(table, root)} IN (SELECT s.${rowKey(root)} FROM ${staged.root} AS s WHERE ${kept})`
        const where = hardDelete === undefined ? '1 = 1' : ofKept
        return insertMissing(table, staged.nested(table), [rowKey(table)], where)
      }),
    ],
    cleanUp: staged.cleanUp,
  }
}

/** Adds staged rows whose keys are not in the table. */
export function insertMissing(table: ChainTable, staged: string, keys: readonly string[], where: string): string {
  const list = columnList(table)
  return (
    `INSERT INTO ${table.name} (${list}) SELECT ${list} FROM ${staged} AS s WHERE ${where} AND ` +
    `NOT EXISTS (SELECT 1 FROM ${table.name} AS d WHERE ${equal(keys, 'd', 's')})`
  )
}
