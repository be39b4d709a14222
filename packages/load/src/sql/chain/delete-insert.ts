import type { Chain, ChainStatements, ChainTable } from './chain.ts'
import { firstOfEach, isDeduplicated } from './dedup.ts'
import { hardDeleteOf } from './hard-delete.ts'
import { columnList, columnsWith, equal, rootKey, rowKey } from './keys.ts'
import { temporary, type Temporary } from './temporary.ts'

/**
 * Rows with a primary or merge key that is also staged go, with all that is below them; then staged rows come, the first
 * one of each primary key, unless it says that it is deleted. Without any key, staged rows are added.
 * Source: dlt `dlt/destinations/sql_jobs.py`, `SqlMergeFollowupJob.gen_merge_sql`.
 */
export function deleteInsert(chain: Chain): ChainStatements {
  return chain.nested.length === 0 ? ofOneTable(chain.root) : ofManyTables(chain)
}

function ofOneTable(root: ChainTable): ChainStatements {
  const list = columnList(root)
  const matching = matchingKeys(root)
  const where = hardDeleteOf(root)?.kept('s') ?? '1 = 1'
  return {
    prepare: [],
    apply: [
      ...(matching === undefined ? [] : [`DELETE FROM ${root.name} AS d WHERE ${matching}`]),
      `INSERT INTO ${root.name} (${list}) SELECT ${list} FROM ${stagedOnce(root, list)} WHERE ${where}`,
    ],
    cleanUp: [],
  }
}

function ofManyTables(chain: Chain): ChainStatements {
  const { root, nested } = chain
  const list = columnList(root)
  const key = rowKey(root)
  const matching = matchingKeys(root)
  const hardDelete = hardDeleteOf(root)
  const hasPrimaryKey = columnsWith(root, 'primary_key').length > 0
  const deleted =
    matching === undefined
      ? undefined
      : temporary(chain, 'deleted', `SELECT d.${key} FROM ${root.name} AS d WHERE ${matching}`)
  const wanted = hardDelete === undefined ? key : `${key}, ${hardDelete.column}`
  const inserted =
    hasPrimaryKey || hardDelete !== undefined
      ? temporary(
          chain,
          'inserted',
          `SELECT s.${key} FROM ${stagedOnce(root, wanted)} WHERE ${hardDelete?.kept('s') ?? '1 = 1'}`,
        )
      : undefined
  const only = (column: string): string =>
    inserted === undefined ? '1 = 1' : `s.${column} IN (SELECT ${key} FROM ${inserted.name})`
  const temporaries = [deleted, inserted].filter((table): table is Temporary => table !== undefined)
  return {
    prepare: temporaries.map(({ create }) => create),
    apply: [
      ...(deleted === undefined
        ? []
        : [...nested.map((table) => [table, rootKey(table, root)] as const), [root, key] as const].map(
            ([table, column]) => `DELETE FROM ${table.name} WHERE ${column} IN (SELECT ${key} FROM ${deleted.name})`,
          )),
      `INSERT INTO ${root.name} (${list}) SELECT ${list} FROM ${root.staging} AS s WHERE ${only(key)}`,
      ...nested.map((table) => {
        const columns = columnList(table)
        const from = isDeduplicated(root) ? `${table.staging} AS s` : firstOfEach(table, [rowKey(table)], columns, 's')
        // Where nothing is left out, a nested row needs no link to its root.
        const where = inserted === undefined ? '1 = 1' : only(rootKey(table, root))
        return `INSERT INTO ${table.name} (${columns}) SELECT ${columns} FROM ${from} WHERE ${where}`
      }),
    ],
    cleanUp: temporaries.map(({ drop }) => drop),
  }
}

/** The staged rows of the root, one for each primary key. */
function stagedOnce(root: ChainTable, list: string): string {
  const primary = columnsWith(root, 'primary_key')
  return primary.length === 0 || isDeduplicated(root) ? `${root.staging} AS s` : firstOfEach(root, primary, list, 's')
}

/** Condition on rows `d` of the root: a key of theirs is staged. Undefined where there are no keys. */
function matchingKeys(root: ChainTable): string | undefined {
  const conditions = [columnsWith(root, 'primary_key'), columnsWith(root, 'merge_key')]
    .filter((keys) => keys.length > 0)
    .map((keys) => `EXISTS (SELECT 1 FROM ${root.staging} AS s WHERE ${equal(keys, 'd', 's')})`)
  return conditions.length === 0 ? undefined : conditions.join(' OR ')
}
