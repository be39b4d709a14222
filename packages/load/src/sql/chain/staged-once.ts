import type { Chain, ChainStatements } from './chain.ts'
import { isDeduplicated, keepOne, type DedupRules } from './dedup.ts'
import { columnsWith, isBelow, rowKey } from './keys.ts'

/**
 * Leaves one staged row of each primary key of the root, and of each row key below it. Nothing where rows are said to be
 * single.
 *
 * Where ids follow from keys (upsert, insert-only), rows with one key share the ids of all rows below them, so those are
 * told apart by their place in the list alone: a list that is longer in the row that goes leaves its rest to the row that
 * stays.
 */
export function stagedOnce(chain: Chain, rules: DedupRules = {}): ChainStatements {
  const { root, nested } = chain
  const primary = columnsWith(root, 'primary_key')
  if (isDeduplicated(root)) return { prepare: [], apply: [], cleanUp: [] }
  const ofRoot = primary.length === 0 ? [] : [keepOne(chain, root, primary, 'first', rules)]
  const below = nested.map((table, at) => {
    // Ids of rows below follow from the id of the root, so that only under repeated roots there can be two alike.
    const [one] = ofRoot
    const among = one && isBelow(table, chain, 'staging', 's', `SELECT ${rowKey(root)} FROM ${one.first}`)
    return keepOne(chain, table, [rowKey(table)], `first_${at + 1}`, among === undefined ? {} : { among })
  })
  const each = [...ofRoot, ...below]
  return {
    prepare: each.flatMap(({ prepare }) => prepare),
    apply: each.flatMap(({ apply }) => apply),
    cleanUp: each.flatMap(({ cleanUp }) => cleanUp),
  }
}
