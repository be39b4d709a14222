import type { Chain, ChainStatements, ChainTable } from './chain.ts'
import { isDeduplicated } from './dedup.ts'
import { hardDeleteOf } from './hard-delete.ts'
import { columnList, columnsWith, equal, isBelow, rowKey } from './keys.ts'
import { stagedOnce } from './staged-once.ts'
import { temporary } from './temporary.ts'

/**
 * Rows with a primary or merge key that is also staged go, with all that is below them; then staged rows come, one of each
 * primary key, unless that one says that it is deleted. Without any key, staged rows are added.
 * Source: dlt `dlt/destinations/sql_jobs.py`, `SqlMergeFollowupJob.gen_merge_sql`.
 */
export function deleteInsert(chain: Chain): ChainStatements {
  // A row that is dropped for another one of its primary key still takes part in what goes: it may have a merge key.
  const gone = deleteMatching(chain)
  const staged = stagedOnce(chain, { nullsAlike: true })
  return {
    prepare: [...gone.prepare, ...staged.prepare],
    apply: [...gone.apply, ...staged.apply, ...insertStaged(chain)],
    cleanUp: [...gone.cleanUp, ...staged.cleanUp],
  }
}

function deleteMatching(chain: Chain): ChainStatements {
  const { root, nested } = chain
  const matching = matchingKeys(root)
  if (matching.length === 0) return { prepare: [], apply: [], cleanUp: [] }
  if (nested.length === 0) {
    const apply = matching.map((condition) => `DELETE FROM ${root.name} AS d WHERE ${condition}`)
    return { prepare: [], apply, cleanUp: [] }
  }
  const key = rowKey(root)
  const each = matching.map((condition) => `SELECT d.${key} FROM ${root.name} AS d WHERE ${condition}`)
  const gone = temporary(chain, 'deleted', each.join(' UNION '))
  const roots = `SELECT ${key} FROM ${gone.name}`
  return {
    prepare: [gone.create],
    apply: [
      // The lowest first: some are known by the rows above them only.
      ...nested
        .toReversed()
        .map((table) => `DELETE FROM ${table.name} AS d WHERE ${isBelow(table, chain, 'name', 'd', roots)}`),
      `DELETE FROM ${root.name} AS d WHERE d.${key} IN (${roots})`,
    ],
    cleanUp: [gone.drop],
  }
}

function insertStaged(chain: Chain): string[] {
  const { root, nested } = chain
  const hardDelete = hardDeleteOf(root)
  const kept = hardDelete?.kept('s') ?? '1 = 1'
  const takesAll = hardDelete === undefined && (isDeduplicated(root) || !hasPrimaryKey(root))
  return [
    insert(root, kept),
    ...nested.map((table) => {
      // Where all staged rows of the root come in, a row below needs no link to it.
      if (takesAll) return insert(table, '1 = 1')
      const roots = `SELECT s.${rowKey(root)} FROM ${root.staging} AS s WHERE ${kept}`
      return insert(table, isBelow(table, chain, 'staging', 's', roots))
    }),
  ]
}

function insert(table: ChainTable, where: string): string {
  const list = columnList(table)
  return `INSERT INTO ${table.name} (${list}) SELECT ${list} FROM ${table.staging} AS s WHERE ${where}`
}

function hasPrimaryKey(root: ChainTable): boolean {
  return columnsWith(root, 'primary_key').length > 0
}

/** Conditions on rows `d` of the root: one for each kind of key, as engines cannot join by either of two. */
function matchingKeys(root: ChainTable): string[] {
  return [columnsWith(root, 'primary_key'), columnsWith(root, 'merge_key')]
    .filter((keys) => keys.length > 0)
    .map((keys) => `EXISTS (SELECT 1 FROM ${root.staging} AS s WHERE ${equal(keys, 'd', 's')})`)
}
