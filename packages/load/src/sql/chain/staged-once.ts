import type { Chain, ChainStatements } from './chain.ts'
import { isDeduplicated, keepOne, type DedupRules } from './dedup.ts'
import { columnsWith, rowKey } from './keys.ts'

/**
 * Leaves one staged row of each primary key of the root, and of each row key below it. Nothing where rows are said to be
 * single.
 *
 * Where ids follow from keys (upsert, insert-only), rows with one key share the ids of all rows below them: a list that
 * is longer in the row that goes leaves its rest to the row that stays. Who sends keys twice should send whole rows twice.
 */
export function stagedOnce(chain: Chain, rules: DedupRules = {}): ChainStatements {
  const { root, nested } = chain
  const primary = columnsWith(root, 'primary_key')
  if (isDeduplicated(root)) return { prepare: [], apply: [], cleanUp: [] }
  const each = [
    ...(primary.length === 0 ? [] : [keepOne(chain, root, primary, 'first', rules)]),
    ...nested.map((table, at) => keepOne(chain, table, [rowKey(table)], `first_${at + 1}`)),
  ]
  return {
    prepare: each.flatMap(({ prepare }) => prepare),
    apply: each.flatMap(({ apply }) => apply),
    cleanUp: each.flatMap(({ cleanUp }) => cleanUp),
  }
}
