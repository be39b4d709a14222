import { basename } from 'node:path'
import {
  checkLoadFormat,
  ExtractInfo,
  LoadInfo,
  NormalizeInfo,
  openLog,
  silentProgress,
  systemClock,
  workingFolder,
  pipelinesDir,
  restoresFromDestination,
  type ProgressSink,
  type Schema as StoredSchema,
  type SchemaFilesRequest,
  type StageContext,
  type StageName,
  type WorkingFolder,
} from '@gantry/common'
import {
  extract,
  resourceOf,
  type Columns,
  type DropRequest,
  type Hints,
  type InputOf,
  type RefreshMode,
  type Rows,
  type RowSchema,
} from '@gantry/extract'
import type { Dataset, LoadRequest, SyncResult } from '@gantry/load'
import { destinationReference, type DestinationReference } from './destinations.ts'
import { devDataset, removeWorkingFolder } from './dev-mode.ts'
import { dropPendingPackages, dropWorkingFolder, type DropPendingOptions } from './drop.ts'
import { checkNothingPending, keepState, selectResources, type DropResourcesOptions } from './drop-resources.ts'
import { readSchemas, readState, type StateDocument } from './local-view.ts'
import { PipelineStepFailed } from './errors.ts'
import { findPending, isNothingPending, skippedWarning } from './pending.ts'
import { importLoad, importNormalize } from './stages.ts'

export interface PipelineOptions {
  /** Names the working folder, the default dataset and the default database. Default: `dlt_` and the script's name. */
  readonly pipelineName?: string
  /** Parent of the working folder. Default: `$DLT_DATA_DIR/pipelines`, else as in dlt. */
  readonly pipelinesDir?: string
  /** A name, or what a factory of `destinations` gives. Default: `duckdb`. */
  readonly destination?: string | DestinationReference
  /** Schema that holds the tables. Default: `<pipelineName>_dataset`. */
  readonly datasetName?: string
  /**
   * Folder with `<schema>.schema.yaml` files that overrule the stored schemas; the first run writes one there to begin
   * with. Default: `$IMPORT_SCHEMA_PATH`, else none.
   */
  readonly importSchemaPath?: string
  /** Folder to which schemas are copied when they change. Default: `$EXPORT_SCHEMA_PATH`, else none. */
  readonly exportSchemaPath?: string
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
}

export interface StageOptions {
  /** Aborted: the stage stops at its next durable step. */
  readonly signal?: AbortSignal
}

export interface NormalizeOptions extends StageOptions {
  /** Format of load files, one that the destination takes. Default: the table's own, else the destination's. */
  readonly loaderFileFormat?: string
  /** Worker threads. Default: one for small input, else what cores and memory allow. */
  readonly workers?: number
}

export interface ExtractOptions extends Hints, StageOptions {
  /** What to take back of earlier runs before the new rows are loaded. Default: that of the pipeline. */
  readonly refresh?: RefreshMode
}

export interface RunOptions extends ExtractOptions, NormalizeOptions {
  /** What happens to the new data where packages of an earlier run are pending. Default: it is left for the next run. */
  readonly onPending?: 'finish' | 'continue'
}

/** Options of rows that can be anything, as no schema types them. */
export type Untyped<Options extends Hints> = Options & { readonly columns?: Columns }

/** Options with a schema of the rows, from zod or another library with the Standard Schema interface. */
export type Typed<Options extends Hints, Schema extends RowSchema> = Options & { readonly columns: Schema }

/** Loads rows into typed tables, in three stages that may run here, or each in a process of its own. */
export interface Pipeline {
  readonly pipelineName: string
  readonly datasetName: string
  readonly destination: DestinationReference
  /** Folder with the pipeline's packages, schemas and state. */
  readonly workingDir: string
  /**
   * Extracts, normalizes and loads rows in this process. The first run of a pipeline object syncs before. Where packages of an earlier run are pending, finishes those
   * and leaves `data` untouched, unless `onPending` says otherwise.
   *
   * @param options  with a schema as `columns`, rows have the type that it takes
   * @returns what was loaded; null where there was neither data nor anything pending
   * @throws {PipelineStepFailed}
   */
  run(data?: unknown, options?: Untyped<RunOptions>): Promise<LoadInfo | null>
  run<Schema extends RowSchema>(
    data: Rows<InputOf<Schema>>,
    options: Typed<RunOptions, Schema>,
  ): Promise<LoadInfo | null>
  /**
   * Writes rows into a load package. Needs no driver.
   *
   * @param options  with a schema as `columns`, rows have the type that it takes
   * @throws {PipelineStepFailed}
   */
  extract(data: unknown, options?: Untyped<ExtractOptions>): Promise<ExtractInfo>
  extract<Schema extends RowSchema>(
    data: Rows<InputOf<Schema>>,
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
  /** The tables that were loaded. */
  dataset(): Dataset
}

/** A pipeline; nothing is read, written or opened before one of its methods is called. */
export function pipeline(options: PipelineOptions = {}): Pipeline {
  return new LocalPipeline(options)
}

class LocalPipeline implements Pipeline {
  readonly pipelineName: string
  readonly datasetName: string
  readonly destination: DestinationReference
  readonly workingDir: string
  readonly #options: PipelineOptions
  readonly #folder: WorkingFolder
  /** Once is enough: what changes later at the destination are this object's own loads. */
  #isSynced = false

  constructor(options: PipelineOptions) {
    this.#options = options
    this.pipelineName = options.pipelineName ?? defaultName()
    const dataset = options.datasetName ?? `${this.pipelineName}_dataset`
    this.datasetName = options.devMode ? devDataset(dataset) : dataset
    this.destination = destinationReference(options.destination) ?? { type: 'duckdb' }
    this.#folder = workingFolder(pipelinesDir(options.pipelinesDir), this.pipelineName)
    this.workingDir = this.#folder.root
    if (options.devMode) removeWorkingFolder(this.#folder)
  }

  get state(): StateDocument | undefined {
    return readState(this.#folder)
  }

  get schemas(): ReadonlyMap<string, StoredSchema> {
    return readSchemas(this.#folder)
  }

  get defaultSchema(): StoredSchema | undefined {
    const name = this.state?.default_schema_name
    return typeof name === 'string' ? this.schemas.get(name) : undefined
  }

  async run(data?: unknown, options: RunOptions = {}): Promise<LoadInfo | null> {
    checkLoadFormat(this.destination.type, options.loaderFileFormat)
    const { devMode, restoreFromDestination } = this.#options
    const isRestored = !devMode && restoresFromDestination(restoreFromDestination, this.pipelineName)
    if (isRestored && !this.#isSynced) await this.sync(options)
    const pending = await findPending(this.pipelineName, this.#options.pipelinesDir)
    if (!isNothingPending(pending) && options.onPending !== 'continue') {
      if (pending.extracted.length > 0) await this.normalize(options)
      const info = await this.load(options)
      if (data !== undefined) (await this.#context('load', options)).log.warn(skippedWarning)
      return info
    }
    if (data === undefined) return null
    await this.#extract(data, options)
    await this.normalize(options)
    return this.load(options)
  }

  extract(data: unknown, options: ExtractOptions = {}): Promise<ExtractInfo> {
    return this.#extract(data, options)
  }

  #extract(data: unknown, options: ExtractOptions & { readonly drop?: DropRequest }): Promise<ExtractInfo> {
    return this.#step('extract', options, async (context) => {
      const { schemaContract, drop, refresh = this.#options.refresh } = options
      const { restoreFromDestination, devMode } = this.#options
      const request = {
        ...this.#request(),
        ...this.#schemaFiles(),
        datasetName: this.datasetName,
        schemaContract,
        refresh,
        drop,
        restoreFromDestination,
        devMode,
      }
      return new ExtractInfo(await extract(drop === undefined ? [resourceOf(data, options)] : [], request, context))
    })
  }

  normalize(options: NormalizeOptions = {}): Promise<NormalizeInfo> {
    return this.#step('normalize', options, async (context) => {
      const { normalize } = await importNormalize()
      const { loaderFileFormat, workers } = options
      const request = { ...this.#request(), ...this.#schemaFiles(), loaderFileFormat, workers }
      return new NormalizeInfo(await normalize(request, context))
    })
  }

  load(options: StageOptions = {}): Promise<LoadInfo> {
    return this.#step('load', options, async (context) => {
      const { load } = await importLoad()
      const { info, failure } = await load(this.#loadRequest(), context)
      if (failure !== undefined) throw new PipelineStepFailed('load', failure, new LoadInfo(info))
      return new LoadInfo(info)
    })
  }

  sync(options: StageOptions = {}): Promise<SyncResult> {
    return this.#step('sync', options, async (context) => {
      const { sync } = await importLoad()
      const result = await sync(this.#loadRequest(), context)
      this.#isSynced = true
      return result
    })
  }

  drop(): Promise<void> {
    this.#isSynced = false
    return dropWorkingFolder(this.#folder)
  }

  async dropResources(
    resources: string | RegExp | readonly (string | RegExp)[],
    options: DropResourcesOptions = {},
  ): Promise<LoadInfo | null> {
    await checkNothingPending(this.#folder)
    if (!this.#options.devMode) await this.sync(options)
    const drop = selectResources([resources].flat(), this.defaultSchema, this.state, options)
    if (drop === undefined) return null
    const state = keepState(this.#folder)
    await this.#extract(undefined, { ...options, drop })
    try {
      await this.normalize(options)
      return await this.load(options)
    } catch (error) {
      // What is left of it must not be loaded by the next run, which knows nothing of it.
      await dropPendingPackages(this.#folder, {})
      await state.restore()
      throw error
    }
  }

  dropPendingPackages(options: DropPendingOptions = {}): Promise<readonly string[]> {
    return dropPendingPackages(this.#folder, options)
  }

  dataset(): Dataset {
    const open = async (): Promise<Dataset> => (await importLoad()).openDataset(this.#loadRequest())
    return {
      tableNames: async () => (await open()).tableNames(),
      table: (name) => ({
        name,
        async *rows(options) {
          yield* (await open()).table(name).rows(options)
        },
      }),
    }
  }

  #request(): Pick<LoadRequest, 'pipelineName' | 'pipelinesDir' | 'destination'> {
    return {
      pipelineName: this.pipelineName,
      pipelinesDir: this.#options.pipelinesDir,
      destination: this.destination.type,
    }
  }

  #schemaFiles(): SchemaFilesRequest {
    const { importSchemaPath, exportSchemaPath } = this.#options
    return { importSchemaPath, exportSchemaPath }
  }

  #loadRequest(): LoadRequest {
    return { ...this.#request(), datasetName: this.datasetName, credentials: this.destination.credentials }
  }

  async #step<Info>(
    step: PipelineStepFailed['step'],
    options: StageOptions,
    work: (context: StageContext) => Promise<Info>,
  ): Promise<Info> {
    try {
      return await work(await this.#context(step === 'sync' ? 'load' : step, options))
    } catch (error) {
      throw error instanceof PipelineStepFailed ? error : new PipelineStepFailed(step, error)
    }
  }

  async #context(stage: StageName, options: StageOptions): Promise<StageContext> {
    return {
      // A library keeps quiet, unless something needs attention.
      log: await openLog(stage, 'auto', process.env['LOG_LEVEL'] ?? 'warn'),
      progress: this.#options.progress ?? silentProgress,
      clock: systemClock,
      signal: options.signal ?? new AbortController().signal,
    }
  }
}

/** As dlt: `dlt_` and the stem of the script that was started, `dlt_pipeline` where there is none. */
function defaultName(): string {
  const script = process.argv[1]
  const stem = script === undefined ? '' : (basename(script).split('.')[0] ?? '')
  return stem === '' ? 'dlt_pipeline' : `dlt_${stem}`
}
