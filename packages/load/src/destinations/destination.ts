import type {
  Capabilities,
  Configuration,
  DestinationReference,
  DestinationState,
  Job,
  PipelineState,
  Schema,
  Table,
} from '@gantry/common'
import type { ChainLoad, TableLoad } from '../plan-package.ts'
import type { JobKeeper } from '../job-keeper.ts'

/** A load package as a destination takes it: its schema, and what is to be done with its files. */
export interface PackageUnit {
  readonly loadId: string
  readonly schema: Schema
  readonly chains: readonly ChainLoad[]
  /** The pipeline's state, which is recorded together with the load. */
  readonly state: readonly TableLoad[]
  /** When the package was made, ISO 8601 in UTC. */
  readonly createdAt: string
  /** When the load is recorded, likewise. */
  readonly insertedAt: string
  /** Rows of a job, where the package says so. */
  rowsOf(job: Job): number | undefined
  /** What the destination has noted of its work, and what it notes. */
  readonly notes: DestinationState
}

/** What a package asks for before its rows come. */
export interface MigrationUnit {
  readonly loadId: string
  readonly schema: Schema
  /** Tables that have to be there, with all their columns. */
  readonly tables: readonly Table[]
  /** Tables that are dropped first, those below before those above. */
  readonly dropped: readonly string[]
  /** Tables that are emptied. */
  readonly truncated: readonly string[]
  readonly insertedAt: string
}

/** What a migration does. */
export interface MigrationPlan {
  /** In one transaction, in this order. */
  readonly statements: readonly string[]
  /** Rows in tables of dlt and Gantry that say so, in the same transaction. */
  readonly records: readonly string[]
  /** Columns that are required from then on, each in a transaction of its own. One that is lost leaves them nullable. */
  readonly afterwards: readonly { readonly table: string; readonly column: string; readonly statement: string }[]
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

/** The state of a pipeline, as a load has brought it to the destination. */
export interface StoredState {
  readonly loadId: string
  readonly state: PipelineState
}

/** Schemas by name. Their naming conventions need not be loaded. */
export type StoredSchemas = ReadonlyMap<string, Schema>

/** A row as it comes out of a destination. */
export type Row = Record<string, unknown>

/**
 * An open destination and one dataset in it. The naming conventions of schemas are loaded. The loader calls `hasLoad`,
 * `migrate` and `load` in this order; whatever is killed in between, calling them again gives the same end.
 */
export interface Destination extends AsyncDisposable {
  readonly name: string
  readonly capabilities: Capabilities
  /** Empty where it has none. */
  readonly datasetName: string
  /** Where the data goes, without secrets. */
  readonly location: string
  /**
   * Keeps other loaders off this load until it is disposed.
   *
   * @throws {DestinationLocked}
   */
  lockLoad(loadId: string): Promise<AsyncDisposable>
  /**
   * True if the load is recorded as complete.
   *
   * @param schema  says what the table of loads is called
   */
  hasLoad(loadId: string, schema: Schema): Promise<boolean>
  /** What `migrate` would do, for each unit after those before it; changes nothing. */
  planMigrations(units: readonly MigrationUnit[]): Promise<readonly MigrationPlan[]>
  /** Makes or extends the dataset and its tables, and records the schema's version. @returns what it did */
  migrate(unit: MigrationUnit): Promise<MigrationPlan>
  /**
   * Loads all files and records the load. Jobs that are recorded as done are not run again.
   *
   * @throws {LoadJobFailed} the data of a job is refused
   * @throws {LoadClientJobRetry} a job has failed too often
   */
  load(unit: PackageUnit, keeper: JobKeeper): Promise<void>
  /**
   * Removes what loads of the pipeline that nobody will go on with have left beside the dataset.
   *
   * @param pending  load ids of packages that wait for another run
   * @returns names of the tables that were removed
   */
  sweep(schema: Schema, pending: readonly string[]): Promise<readonly string[]>
  /** Ends what is running with an error, and undoes what was not committed; nothing more can be done after it. */
  interrupt(): Promise<void>
  /** True if the dataset is there, with tables or without. */
  hasDataset(): Promise<boolean>
  /**
   * The newest state of a pipeline whose load is complete; undefined where there is none.
   *
   * @param naming  convention of the pipeline's schema, which says what dlt's tables are called; undefined where it is
   *                not known: then they are looked for
   */
  storedState(pipelineName: string, naming?: string): Promise<StoredState | undefined>
  /** The newest version of each of these schemas; those that are not there are absent. */
  storedSchemas(names: readonly string[], naming?: string): Promise<StoredSchemas>
  /** Names of the dataset's tables, or none where it is not there. */
  tableNames(): Promise<readonly string[]>
  /** The rows of a table, in no order that is promised. @throws {UnknownTable} */
  rows(table: string, options?: ReadOptions): AsyncIterable<Row>
}

/** How a destination is opened. */
export interface OpenDestination {
  readonly reference: DestinationReference
  /** Empty where there is none. */
  readonly datasetName: string
  /** Where rows wait until all of their package are there, where the destination has a dataset for that. */
  readonly stagingDatasetName: string
  readonly pipelineName: string
  readonly workingFolder: string
  /** Folder against which relative paths are resolved. */
  readonly localDir: string
  /** As the destination sees it. */
  readonly configuration: Configuration
  /**
   * To read opens what is there, and makes nothing. To plan does the same, and takes what is not there for empty.
   */
  readonly access: 'load' | 'read' | 'plan'
}
