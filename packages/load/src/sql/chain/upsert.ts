import { quoteIdentifier } from '../identifier.ts'
import type { Chain, ChainStatements, ChainTable } from './chain.ts'
import { hardDeleteOf } from './hard-delete.ts'
import { columnList, columnsWith, equal, rootKey, rowKey } from './keys.ts'
import { stagedOnce } from './staged-once.ts'

/**
 * A staged row takes the place of the one with its primary key, column by column, or is added; rows below it follow, and
 * those that it does not have any more go. A row that says it is deleted goes with all below it, and is never added.
 * Columns that only the destination knows keep their values.
 *
 * Of several staged rows with one key the first by `dedup_sort` counts, else any one. Updates and inserts in place of
 * MERGE, which PostgreSQL has from version 15 on only.
 * Source: dlt `dlt/destinations/sql_jobs.py`, `gen_upsert_sql`.
 */
export function upsert(chain: Chain): ChainStatements {
  const { root, nested } = chain
  const keys = columnsWith(root, 'primary_key')
  const hardDelete = hardDeleteOf(root)
  const staged = stagedOnce(chain)
  const kept = hardDelete?.kept('s') ?? '1 = 1'
  const apply = [
    ...updateAndInsert(root, staged.root, keys, kept),
    ...(hardDelete === undefined
      ? []
      : [
          `DELETE FROM ${root.name} AS d WHERE EXISTS (SELECT 1 FROM ${staged.root} AS s WHERE ${equal(keys, 'd', 's')} AND ${hardDelete.deleted('s')})`,
        ]),
  ]
  for (const table of nested) {
    const [rootRow, ownRow, toRoot] = [rowKey(root), rowKey(table), rootKey(table, root)]
    const ofKept = `s.${toRoot} IN (SELECT s.${rootRow} FROM ${staged.root} AS s WHERE ${kept})`
    apply.push(
      ...updateAndInsert(table, staged.nested(table), [ownRow], hardDelete === undefined ? '1 = 1' : ofKept),
      `DELETE FROM ${table.name} AS d WHERE d.${toRoot} IN (SELECT s.${rootRow} FROM ${staged.root} AS s) AND ` +
        `NOT EXISTS (SELECT 1 FROM ${staged.nested(table)} AS s WHERE ${equal([ownRow], 'd', 's')}` +
        `${hardDelete === undefined ? '' : ` AND ${ofKept}`})`,
    )
  }
  return { prepare: staged.prepare, apply, cleanUp: staged.cleanUp }
}

function updateAndInsert(table: ChainTable, staged: string, keys: readonly string[], where: string): string[] {
  const list = columnList(table)
  const values = table.columns.map(({ name }) => `${quoteIdentifier(name)} = s.${quoteIdentifier(name)}`)
  const same = equal(keys, 'd', 's')
  return [
    `UPDATE ${table.name} AS d SET ${values.join(', ')} FROM ${staged} AS s WHERE ${same} AND ${where}`,
    `INSERT INTO ${table.name} (${list}) SELECT ${list} FROM ${staged} AS s WHERE ${where} AND NOT EXISTS (SELECT 1 FROM ${table.name} AS d WHERE ${same})`,
  ]
}
