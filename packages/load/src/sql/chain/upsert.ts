import { quoteIdentifier } from '../identifier.ts'
import type { Chain, ChainStatements, ChainTable } from './chain.ts'
import { hardDeleteOf } from './hard-delete.ts'
import { columnList, equal, isBelow, primaryKey, rowKey } from './keys.ts'
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
  const keys = primaryKey(root)
  const hardDelete = hardDeleteOf(root)
  const staged = stagedOnce(chain)
  const kept = hardDelete?.kept('s') ?? '1 = 1'
  const apply = [
    ...staged.apply,
    ...updateAndInsert(root, keys, kept),
    ...(hardDelete === undefined
      ? []
      : [
          `DELETE FROM ${root.name} AS d WHERE EXISTS (SELECT 1 FROM ${root.staging} AS s WHERE ${equal(keys, 'd', 's')} AND ${hardDelete.deleted('s')})`,
        ]),
  ]
  const stagedRoots = `SELECT s.${rowKey(root)} FROM ${root.staging} AS s`
  const ofKept = (table: ChainTable): string =>
    hardDelete === undefined ? '1 = 1' : isBelow(table, chain, 'staging', 's', `${stagedRoots} WHERE ${kept}`)
  for (const table of nested) apply.push(...updateAndInsert(table, [rowKey(table)], ofKept(table)))
  // The lowest first: some are known by the rows above them only.
  for (const table of nested.toReversed()) {
    apply.push(
      `DELETE FROM ${table.name} AS d WHERE ${isBelow(table, chain, 'name', 'd', stagedRoots)} AND ` +
        `NOT EXISTS (SELECT 1 FROM ${table.staging} AS s WHERE ${equal([rowKey(table)], 'd', 's')} AND ${ofKept(table)})`,
    )
  }
  return { prepare: staged.prepare, apply, cleanUp: staged.cleanUp }
}

function updateAndInsert(table: ChainTable, keys: readonly string[], where: string): string[] {
  const list = columnList(table)
  const values = table.columns.map(({ name }) => `${quoteIdentifier(name)} = s.${quoteIdentifier(name)}`)
  const same = equal(keys, 'd', 's')
  return [
    `UPDATE ${table.name} AS d SET ${values.join(', ')} FROM ${table.staging} AS s WHERE ${same} AND ${where}`,
    `INSERT INTO ${table.name} (${list}) SELECT ${list} FROM ${table.staging} AS s WHERE ${where} AND NOT EXISTS (SELECT 1 FROM ${table.name} AS d WHERE ${same})`,
  ]
}
