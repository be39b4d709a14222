import type { StagedStrategy } from '../../plan-package.ts'
import type { Dialect } from '../dialect.ts'
import type { Chain, ChainStatements } from './chain.ts'
import { deleteInsert } from './delete-insert.ts'
import { insertFromStaging } from './insert-from-staging.ts'
import { insertOnly } from './insert-only.ts'
import { scd2 } from './scd2.ts'
import { stagingOptimized } from './staging-optimized.ts'
import { upsert } from './upsert.ts'

const strategies: Readonly<Record<StagedStrategy, (chain: Chain, dialect: Dialect) => ChainStatements>> = {
  'delete-insert': deleteInsert,
  upsert,
  'insert-only': insertOnly,
  scd2,
  'insert-from-staging': insertFromStaging,
  'staging-optimized': stagingOptimized,
}

/** The statements by which staged rows of a chain get into its tables. @throws {MergeDispositionException} */
export function chainStatements(chain: Chain, strategy: StagedStrategy, dialect: Dialect): ChainStatements {
  return strategies[strategy](chain, dialect)
}
