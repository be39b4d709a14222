import type { Dialect } from './dialect.ts'
import type { SqlConnection } from './engine.ts'
import type { SystemStatements } from './system-statements.ts'

/** Where a package is loaded: a dataset, and a connection to it. */
export interface LoadPlace {
  readonly connection: SqlConnection
  readonly dataset: string
  /** Where rows wait, where the dialect has that in a dataset. */
  readonly stagingDataset: string
  readonly dialect: Dialect
  readonly statements: SystemStatements
}
