import type { Job, Schema, Table } from '@gantry/common'

/** A load package as a destination takes it: its schema, and the load files by table. */
export interface PackageUnit {
  readonly loadId: string
  readonly schema: Schema
  /** Tables with files, roots before the tables below them. */
  readonly tables: readonly TableLoad[]
  /** When the load is recorded, as ISO text in UTC. */
  readonly insertedAt: string
}

/** What happens to one table in a package. */
export interface TableLoad {
  readonly table: Table
  readonly jobs: readonly Job[]
  /** Rows that are there go first. */
  readonly isReplaced: boolean
}

/** What a migration did. */
export interface MigrationResult {
  /** New columns by table. */
  readonly changes: ReadonlyMap<string, readonly string[]>
  readonly relaxed: readonly { readonly table: string; readonly column: string }[]
}

export type ReadOptions = {
  /**
   * What JavaScript would round comes as text: timestamps in ISO form instead of `Date`, which stops at milliseconds, and
   * json as it stands instead of parsed, which rounds numbers past 2^53.
   */
  readonly exact?: boolean
}

/** A row as it comes out of a destination. */
export type Row = Record<string, unknown>

/**
 * An open destination and one dataset in it. The naming conventions of schemas are loaded. The loader calls `hasLoad`, `migrate` and `commitPackage` in this order;
 * whatever is killed in between, calling them again gives the same end.
 */
export interface Destination extends AsyncDisposable {
  readonly name: string
  readonly datasetName: string
  /** Where the data goes, without secrets. */
  readonly location: string
  /**
   * True if the load is recorded as complete.
   *
   * @param schema  says what the table of loads is called
   */
  hasLoad(loadId: string, schema: Schema): Promise<boolean>
  /** Makes or extends the dataset and its tables, and records the schema's version; in one transaction. */
  migrate(schema: Schema, tables: readonly Table[], insertedAt: string): Promise<MigrationResult>
  /**
   * Loads all files and records the load, in one transaction: a reader sees all of the package or nothing.
   *
   * @throws {LoadJobFailed} the data of a job is refused
   */
  commitPackage(unit: PackageUnit, onTable: (done: number) => void): Promise<void>
  /** Names of the dataset's tables, or none where it is not there. */
  tableNames(): Promise<readonly string[]>
  /** The rows of a table, in no order that is promised. @throws {UnknownTable} */
  rows(table: string, options?: ReadOptions): AsyncIterable<Row>
}

/** How a destination is opened. */
export interface OpenDestination {
  readonly datasetName: string
  /** Given by the user in code, else found in the environment. */
  readonly credentials: unknown
  readonly pipelineName: string
  readonly workingFolder: string
  /** Folder against which relative paths are resolved. */
  readonly localDir: string
  readonly access: 'load' | 'read'
}
