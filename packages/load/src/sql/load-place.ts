import type { Dialect } from './dialect.ts'
import type { SqlConnection } from './engine.ts'
import type { SystemStatements } from './system-statements.ts'

/** What the lock of a load is called. */
export function loadLock(dataset: string, loadId: string): string {
  return `${dataset} ${loadId}`
}

/** Where a package is loaded: a dataset, and a connection to it. */
export interface LoadPlace {
  readonly connection: SqlConnection
  readonly dataset: string
  /** Where rows wait, where the dialect has that in a dataset. */
  readonly stagingDataset: string
  readonly dialect: Dialect
  readonly statements: SystemStatements
}
