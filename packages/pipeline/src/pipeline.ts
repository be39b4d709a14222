import type {
  ConfigDocument,
  ConfigProvider,
  DestinationDeclaration,
  DestinationReference,
  ExtractInfo,
  LoadInfo,
  NormalizeInfo,
  PipelineTrace,
  ProgressSink,
  Schema as StoredSchema,
} from '@gantry/common'
import type {
  Hints,
  InputOf,
  RefreshMode,
  ResourceData,
  RowSchema,
  SchemaContractHint,
  Typed,
  Untyped,
} from '@gantry/extract'
import type { Dataset, SyncResult } from '@gantry/load'
import type { DropPendingOptions } from './drop.ts'
import type { DropResourcesOptions } from './drop-resources.ts'
import { localPipeline } from './local-pipeline.ts'
import type { StateDocument } from './local-view.ts'

export interface PipelineOptions {
  /** Names the working folder, the default dataset and the default database. Default: `dlt_` and the script's name. */
  readonly pipelineName?: string
  /** Parent of the working folder. Default: `$DLT_DATA_DIR/pipelines`, else as in dlt. */
  readonly pipelinesDir?: string
  /**
   * A name, a module's path, or what a factory of `destinations` or `defineSink` gives. Default: `$DESTINATION_TYPE`, else
   * that of earlier runs, else `duckdb`.
   */
  readonly destination?: string | DestinationDeclaration
  /**
   * Schema that holds the tables. Default: `$DATASET_NAME`, else that of earlier runs, else `<pipelineName>_dataset`. What
   * is new goes through `$DATASET_NAME_LAYOUT`, such as `prod_%s`.
   */
  readonly datasetName?: string
  /**
   * Folder with `<schema>.schema.yaml` files that overrule the stored schemas; the first run writes one there to begin
   * with. Default: `$IMPORT_SCHEMA_PATH`, else none.
   */
  readonly importSchemaPath?: string
  /** Folder to which schemas are copied when they change. Default: `$EXPORT_SCHEMA_PATH`, else none. */
  readonly exportSchemaPath?: string
  /** Settings under dlt's names, dotted or in tables: `{ 'load.workers': 4 }`. They go before all others. */
  readonly config?: ConfigDocument
  /** Where to look for settings after the environment and TOML files. */
  readonly configProviders?: readonly ConfigProvider[]
  /** Gets counters while stages work. */
  readonly progress?: ProgressSink
  /**
   * For trying things out: each pipeline object has a dataset of its own, `<datasetName>_YYYYMMDDhhmmss`, and begins with
   * an empty working folder. Nothing is taken over from the destination. Default: false.
   */
  readonly devMode?: boolean
  /** Refresh of all runs that ask for none. Default: `$REFRESH`, else none. */
  readonly refresh?: RefreshMode
  /**
   * False: state is neither sent to the destination nor taken over from there. Default: `$RESTORE_FROM_DESTINATION`, else
   * true.
   */
  readonly restoreFromDestination?: boolean
  /**
   * False: only the default schema has its tables in the dataset; those of another schema are in `<dataset>_<schema>`.
   * Default: `$USE_SINGLE_DATASET`, else true.
   */
  readonly useSingleDataset?: boolean
}

export interface DatasetOptions {
  /** The schema whose tables are meant, where each has a dataset of its own. Default: the default schema. */
  readonly schema?: string
}

export interface StageOptions {
  /** Aborted: the stage stops at its next durable step. */
  readonly signal?: AbortSignal
}

export interface ExtractOptions extends Omit<Hints, 'schemaContract'>, StageOptions {
  /** Contract of the whole schema from now on. Default: the one that it has. */
  readonly schemaContract?: SchemaContractHint
  /** What to take back of earlier runs before the new rows are loaded. Default: that of the pipeline. */
  readonly refresh?: RefreshMode
  /**
   * Format of load files, one that the destination takes, for tables whose resource has no `fileFormat`. It is recorded
   * in the schema.
   */
  readonly loaderFileFormat?: string
}

export interface NormalizeOptions extends StageOptions {
  /** Format of load files, one that the destination takes. Default: the table's own, else the destination's. */
  readonly loaderFileFormat?: string
  /** Worker threads. Default: one for small input, else what cores and memory allow. */
  readonly workers?: number
}

export interface RunOptions extends ExtractOptions, NormalizeOptions {
  /** What happens to the new data where packages of an earlier run are pending. Default: it is left for the next run. */
  readonly onPending?: 'finish' | 'continue'
}

/** Loads rows into typed tables, in three stages that may run here, or each in a process of its own. */
export interface Pipeline {
  readonly pipelineName: string
  /** Undefined where there is none, as of a sink. @throws {SinkNotGiven} */
  readonly datasetName: string | undefined
  /** @throws {SinkNotGiven} the pipeline has loaded to a sink before, and is told of no destination */
  readonly destination: DestinationReference
  /** Folder with the pipeline's packages, schemas and state. */
  readonly workingDir: string
  /**
   * What this pipeline did last, here or in another process; undefined where it did nothing yet, or where traces are off
   * (`RUNTIME__ENABLE_RUNTIME_TRACE=false`).
   */
  readonly lastTrace: PipelineTrace | undefined
  /**
   * Extracts, normalizes and loads rows in this process. The first run of a pipeline object syncs before. Where packages
   * of an earlier run are pending, finishes those
   * and leaves `data` untouched, unless `onPending` says otherwise.
   *
   * @param data  resources or sources, one or a list of them; or rows, or a function that gives rows
   * @param options  hints hold for all resources, and win over their own; with a schema as `columns`, rows have the type that it takes
   * @returns what was loaded; null where there was neither data nor anything pending
   * @throws {PipelineStepFailed}
   */
  run(data?: unknown, options?: Untyped<RunOptions>): Promise<LoadInfo | null>
  run<Schema extends RowSchema>(
    data: ResourceData<InputOf<Schema>>,
    options: Typed<RunOptions, Schema>,
  ): Promise<LoadInfo | null>
  /**
   * Writes rows into load packages, one for each schema. Needs no driver.
   *
   * @param data  as in `run`
   * @param options  as in `run`; with a schema as `columns`, rows have the type that it takes
   * @throws {PipelineStepFailed}
   */
  extract(data: unknown, options?: Untyped<ExtractOptions>): Promise<ExtractInfo>
  extract<Schema extends RowSchema>(
    data: ResourceData<InputOf<Schema>>,
    options: Typed<ExtractOptions, Schema>,
  ): Promise<ExtractInfo>
  /** Turns extracted packages into load packages. Needs no driver. @throws {PipelineStepFailed} */
  normalize(options?: NormalizeOptions): Promise<NormalizeInfo>
  /** Brings load packages to the destination. @throws {PipelineStepFailed} */
  load(options?: StageOptions): Promise<LoadInfo>
  /**
   * Takes state and schemas over from the destination. Where packages are pending, nothing changes; where the dataset is
   * gone, state and schemas here are removed.
   *
   * @throws {PipelineStepFailed}
   */
  sync(options?: StageOptions): Promise<SyncResult>
  /** The state as the working folder has it: keys as dlt spells them; undefined where there is none yet. */
  readonly state: StateDocument | undefined
  /** The schemas in the working folder, by name. */
  readonly schemas: ReadonlyMap<string, StoredSchema>
  /** The schema of rows that belong to no source; undefined where nothing was extracted yet. */
  readonly defaultSchema: StoredSchema | undefined
  /**
   * Empties the working folder: packages, state and schemas are gone. The destination is left as it is, so the next run
   * takes state and schemas over from there.
   *
   * @throws {StageLocked} a stage is at work
   */
  drop(): Promise<void>
  /**
   * Drops the tables of resources at the destination, and resets their state, by a load of its own: other working folders
   * see it with their next sync. Syncs before. Where the load fails, schema and state are put back.
   *
   * @param resources  of the default schema: names, or patterns of names
   * @returns what was loaded; null where no such resource has a table or a state
   * @throws {PipelineHasPendingData}
   * @throws {PipelineStepFailed}
   */
  dropResources(
    resources: string | RegExp | readonly (string | RegExp)[],
    options?: DropResourcesOptions,
  ): Promise<LoadInfo | null>
  /**
   * Removes packages that wait to be normalized or loaded. What their extract has made of the state stays.
   *
   * @returns their load ids
   * @throws {StageLocked} a stage is at work
   */
  dropPendingPackages(options?: DropPendingOptions): Promise<readonly string[]>
  /** The tables that were loaded. @throws {DatasetNotAvailable} the destination is a sink */
  dataset(options?: DatasetOptions): Dataset
}

/** A pipeline; nothing is read, written or opened before one of its methods is called. */
export function pipeline(options: PipelineOptions = {}): Pipeline {
  return localPipeline(options)
}
