import type { Chain, ChainTable } from './chain.ts'
import { firstOfEach, isDeduplicated } from './dedup.ts'
import { columnList, columnsWith, rowKey } from './keys.ts'
import { temporary } from './temporary.ts'

/** Staged rows of a chain, one for each key: names of tables, quoted, and what it takes to have them. */
export interface StagedOnce {
  readonly root: string
  nested(table: ChainTable): string
  readonly prepare: readonly string[]
  readonly cleanUp: readonly string[]
}

/**
 * Rows by the primary key of the root, and by the row keys below it: those follow from the root's, so that two rows with
 * one key have them in common. The staging tables themselves where rows are said to be single.
 */
export function stagedOnce(chain: Chain): StagedOnce {
  const { root, nested } = chain
  if (isDeduplicated(root)) {
    return { root: root.staging, nested: (table) => table.staging, prepare: [], cleanUp: [] }
  }
  const once = (table: ChainTable, what: string, keys: readonly string[]): ReturnType<typeof temporary> => {
    const list = columnList(table)
    return temporary(chain, what, `SELECT ${list} FROM ${firstOfEach(table, keys, list, 's')}`)
  }
  const ofRoot = once(root, 'staged', columnsWith(root, 'primary_key'))
  const below = new Map(nested.map((table, at) => [table, once(table, `staged_${at + 1}`, [rowKey(table)])]))
  const all = [ofRoot, ...below.values()]
  return {
    root: ofRoot.name,
    nested: (table) => below.get(table)?.name ?? table.staging,
    prepare: all.map(({ create }) => create),
    cleanUp: all.map(({ drop }) => drop),
  }
}
