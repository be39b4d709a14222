import {
  mergeStrategy,
  normalizerHints,
  rootTable,
  tableChain,
  writeDisposition,
  type Capabilities,
  type Job,
  type Schema,
  type Table,
} from '@gantry/common'

/*
 * What is to be done with the files of a package, table chain by table chain.
 */

/**
 * How rows of a chain get into its tables: straight; straight, after those that are there were taken out; or over staging
 * tables, by a strategy.
 */
export type ChainStrategy = 'append' | 'truncate-and-insert' | StagedStrategy

/** Those that go over staging tables. */
export type StagedStrategy =
  'insert-from-staging' | 'staging-optimized' | 'delete-insert' | 'upsert' | 'insert-only' | 'scd2'

/** One table of a chain with its files of the package, which may be none. */
export interface TableLoad {
  readonly table: Table
  readonly jobs: readonly Job[]
}

/** A root table and the tables below it that take part, parents first. */
export interface ChainLoad {
  readonly root: Table
  readonly strategy: ChainStrategy
  readonly tables: readonly TableLoad[]
}

/** A chain whose rows wait in staging tables until all of them are there. */
export type StagedChainLoad = ChainLoad & { readonly strategy: StagedStrategy }

export function isStaged(chain: ChainLoad): chain is StagedChainLoad {
  return chain.strategy !== 'append' && chain.strategy !== 'truncate-and-insert'
}

/**
 * The chains of a package: tables with files, and where a chain is replaced or merged, all its tables that have ever had
 * data, so that rows of them go too (dlt `dlt/load/utils.py`, `get_all_chains_tables_with_filter`).
 *
 * @param replaceStrategy  the configured one, else the destination's
 */
export function planChains(
  schema: Schema,
  jobs: readonly Job[],
  capabilities: Capabilities,
  replaceStrategy: ChainStrategy,
): ChainLoad[] {
  const byTable = new Map<string, Job[]>()
  for (const job of jobs) byTable.set(job.name.table, [...(byTable.get(job.name.table) ?? []), job])
  const roots = new Set([...byTable.keys()].map((name) => rootTable(schema, name)))
  return [...roots].map((root) => {
    const strategy = strategyOf(schema, root, capabilities, replaceStrategy)
    const tables = tableChain(schema, root.name)
      .map((table): TableLoad => ({ table, jobs: byTable.get(table.name) ?? [] }))
      .filter(({ table, jobs: ofTable }) => ofTable.length > 0 || (strategy !== 'append' && hasSeenData(table)))
    return { root, strategy, tables }
  })
}

function hasSeenData(table: Table): boolean {
  return normalizerHints(table)['seen-data'] === true
}

function strategyOf(
  schema: Schema,
  root: Table,
  capabilities: Capabilities,
  replaceStrategy: ChainStrategy,
): ChainStrategy {
  if (!capabilities.hasDataset) return 'append'
  switch (writeDisposition(schema, root.name)) {
    case 'replace':
      return replaceStrategy
    case 'merge':
      return mergeStrategy(schema, root.name, capabilities.mergeStrategies) as ChainStrategy
    default:
      return 'append'
  }
}
