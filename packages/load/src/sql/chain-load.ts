import type { PackageUnit } from '../destinations/destination.ts'
import type { StagedChainLoad } from '../plan-package.ts'
import type { Chain, ChainStatements, ChainTable } from './chain/chain.ts'
import { chainStatements } from './chain/statements.ts'
import type { LoadPlace } from './load-place.ts'
import { chainTable } from './staging.ts'

/** A chain whose rows wait in staging tables, and the statements that bring them where they belong. */
export interface PreparedChain {
  readonly chain: StagedChainLoad
  /** In the order of the chain's loads. */
  readonly tables: readonly ChainTable[]
  readonly sql: ChainStatements
}

export function chainOf(
  chain: StagedChainLoad,
  { loadId, createdAt }: Pick<PackageUnit, 'loadId' | 'createdAt'>,
  place: Pick<LoadPlace, 'dataset' | 'stagingDataset' | 'dialect'>,
): PreparedChain {
  const tables = chain.tables.map(({ table }) => chainTable(table, loadId, place))
  const [root, ...nested] = tables as [ChainTable, ...ChainTable[]]
  const staged: Chain = { root, nested, createdAt }
  return { chain, tables, sql: chainStatements(staged, chain.strategy, place.dialect) }
}
