import { basename } from 'node:path'
import {
  checkLoadFormat,
  Configuration,
  datasetOf,
  ExtractInfo,
  LoadInfo,
  NormalizeInfo,
  openLog,
  pipelineDeclaration,
  pipelineDestination,
  silentProgress,
  systemClock,
  workingFolder,
  pipelinesDir,
  restoresFromDestination,
  silentLog,
  textOf,
  TracedCall,
  tryReadTrace,
  type ConfigDocument,
  type ConfigProvider,
  type DestinationDeclaration,
  type DestinationReference,
  type PipelineDeclaration,
  type PipelineTrace,
  type TraceOptions,
  type ProgressSink,
  type Schema as StoredSchema,
  type SchemaFilesRequest,
  type StageContext,
  type StageName,
  type StepInfo,
  type WorkingFolder,
} from '@gantry/common'
import {
  extract,
  extractableSources,
  bareSource,
  type DropRequest,
  type Hints,
  type InputOf,
  type RefreshMode,
  type ResourceData,
  type RowSchema,
  type SchemaContractHint,
  type Typed,
  type Untyped,
} from '@gantry/extract'
import type { Dataset, LoadRequest, SyncResult } from '@gantry/load'
import { devDataset, removeWorkingFolder } from './dev-mode.ts'
import { dropPendingPackages, dropWorkingFolder, type DropPendingOptions } from './drop.ts'
import { checkNothingPending, keepState, selectResources, type DropResourcesOptions } from './drop-resources.ts'
import { readSchemas, readState, type StateDocument } from './local-view.ts'
import { findPending, isNothingPending, skippedWarning } from './pending.ts'
import { importLoad, importNormalize } from './stages.ts'
import { stepFailed } from './step-failed.ts'

export interface PipelineOptions {
  /** Names the working folder, the default dataset and the default database. Default: `dlt_` and the script's name. */
  readonly pipelineName?: string
  /** Parent of the working folder. Default: `$DLT_DATA_DIR/pipelines`, else as in dlt. */
  readonly pipelinesDir?: string
  /**
   * A name, a module's path, or what a factory of `destinations` gives. Default: `$DESTINATION_TYPE`, else `duckdb`.
   */
  readonly destination?: string | DestinationDeclaration
  /** Schema that holds the tables. Default: `<pipelineName>_dataset`. */
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
  readonly datasetName: string
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
  readonly #configuration: Configuration
  readonly #folder: WorkingFolder
  /** Once is enough: what changes later at the destination are this object's own loads. */
  #isSynced = false
  #trace: PipelineTrace | undefined

  constructor(options: PipelineOptions) {
    this.#options = options
    const configuration = Configuration.open({ settings: options.config, providers: options.configProviders })
    this.pipelineName =
      options.pipelineName ?? textOf(configuration.find('pipeline_name', [['pipelines'], []])) ?? defaultName()
    this.#configuration = configuration.forPipeline(this.pipelineName)
    const dataset = datasetOf(options.datasetName, this.#configuration)
    this.datasetName = options.devMode ? devDataset(dataset) : dataset
    this.destination = pipelineDestination(options.destination, this.#configuration)
    this.#folder = workingFolder(pipelinesDir(options.pipelinesDir), this.pipelineName)
    this.workingDir = this.#folder.root
    if (options.devMode) removeWorkingFolder(this.#folder)
  }

  /** For commands that are given a module which exports this. */
  [pipelineDeclaration](): PipelineDeclaration {
    const { pipelinesDir: dir, datasetName, refresh, restoreFromDestination } = this.#options
    return {
      pipelineName: this.pipelineName,
      pipelinesDir: dir,
      destination: this.destination,
      datasetName,
      refresh,
      restoreFromDestination,
      ...this.#schemaFiles(),
    }
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

  get lastTrace(): PipelineTrace | undefined {
    return this.#trace ?? tryReadTrace(this.#folder, silentLog())
  }

  async run(data?: unknown, options: RunOptions = {}): Promise<LoadInfo | null> {
    checkLoadFormat(this.destination.type, options.loaderFileFormat)
    const call = TracedCall.ofRun(await this.#traceOptions(options))
    return this.#ending(call, () => call.step('run', () => this.#run(data, options, call)))
  }

  async #run(data: unknown, options: RunOptions, call: TracedCall): Promise<LoadInfo | null> {
    const { devMode, restoreFromDestination } = this.#options
    const isRestored = !devMode && restoresFromDestination(restoreFromDestination, this.#configuration)
    if (isRestored && !this.#isSynced) await this.sync(options)
    const pending = await findPending(this.pipelineName, this.#options.pipelinesDir)
    if (!isNothingPending(pending) && options.onPending !== 'continue') {
      if (pending.extracted.length > 0) await this.#normalize(options, call)
      const info = await this.#load(options, call)
      if (data !== undefined) this.#context('load', options).log.warn(skippedWarning)
      return info
    }
    if (data === undefined) return null
    await this.#extract(data, options, call)
    await this.#normalize(options, call)
    return this.#load(options, call)
  }

  async extract(data: unknown, options: ExtractOptions = {}): Promise<ExtractInfo> {
    checkLoadFormat(this.destination.type, options.loaderFileFormat)
    return this.#traced(options, (call) => this.#extract(data, options, call))
  }

  normalize(options: NormalizeOptions = {}): Promise<NormalizeInfo> {
    return this.#traced(options, (call) => this.#normalize(options, call))
  }

  load(options: StageOptions = {}): Promise<LoadInfo> {
    return this.#traced(options, (call) => this.#load(options, call))
  }

  #extract(
    data: unknown,
    { drop, ...options }: ExtractOptions & { readonly drop?: DropRequest },
    call: TracedCall,
  ): Promise<ExtractInfo> {
    return this.#step('extract', options, call, async (context) => {
      const { refresh = this.#options.refresh, ...hints } = options
      const { schemaContract } = hints
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
      const sources =
        drop === undefined ? await extractableSources(data, hints, context.configuration) : [bareSource([])]
      return new ExtractInfo(await extract(sources, request, context))
    })
  }

  #normalize(options: NormalizeOptions, call: TracedCall): Promise<NormalizeInfo> {
    return this.#step('normalize', options, call, async (context) => {
      const { normalize } = await importNormalize()
      const { loaderFileFormat, workers } = options
      const request = { ...this.#request(), ...this.#schemaFiles(), loaderFileFormat, workers }
      return new NormalizeInfo(await normalize(request, context))
    })
  }

  #load(options: StageOptions, call: TracedCall): Promise<LoadInfo> {
    return this.#step('load', options, call, async (context) => {
      const { load } = await importLoad()
      const { info: data, failure } = await load(this.#loadRequest(), context)
      const info = new LoadInfo(data)
      if (failure !== undefined) throw await this.#failed('load', failure, info)
      return info
    })
  }

  async sync(options: StageOptions = {}): Promise<SyncResult> {
    try {
      const { sync } = await importLoad()
      const result = await sync(this.#loadRequest(), this.#context('load', options))
      this.#isSynced = true
      return result
    } catch (error) {
      throw await this.#failed('sync', error)
    }
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
    return this.#traced(options, async (call) => {
      await this.#extract(undefined, { ...options, drop }, call)
      try {
        await this.#normalize(options, call)
        return await this.#load(options, call)
      } catch (error) {
        // What is left of it must not be loaded by the next run, which knows nothing of it.
        await dropPendingPackages(this.#folder, {})
        await state.restore()
        throw error
      }
    })
  }

  dropPendingPackages(options: DropPendingOptions = {}): Promise<readonly string[]> {
    return dropPendingPackages(this.#folder, options)
  }

  dataset(): Dataset {
    const open = async (): Promise<Dataset> =>
      (await importLoad()).openDataset(this.#loadRequest(), { configuration: this.#configuration })
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
      destination: this.destination,
    }
  }

  #schemaFiles(): SchemaFilesRequest {
    const { importSchemaPath, exportSchemaPath } = this.#options
    return { importSchemaPath, exportSchemaPath }
  }

  #loadRequest(): LoadRequest {
    return { ...this.#request(), datasetName: this.datasetName }
  }

  #step<Info extends StepInfo>(
    step: StageName,
    options: StageOptions,
    call: TracedCall,
    work: (context: StageContext) => Promise<Info>,
  ): Promise<Info> {
    return call.step(step, async () => {
      try {
        return await work(this.#context(step, options))
      } catch (error) {
        throw await this.#failed(step, error)
      }
    })
  }

  #failed(step: StageName | 'sync', cause: unknown, stepInfo?: StepInfo): Promise<Error> {
    return stepFailed(step, cause, {
      pipelineName: this.pipelineName,
      pipelinesDir: this.#options.pipelinesDir,
      stepInfo,
    })
  }

  /** A step by itself goes on with the last trace. */
  async #traced<Info>(options: StageOptions, work: (call: TracedCall) => Promise<Info>): Promise<Info> {
    const call = TracedCall.ofStep(await this.#traceOptions(options))
    return this.#ending(call, () => work(call))
  }

  async #ending<Info>(call: TracedCall, work: () => Promise<Info>): Promise<Info> {
    try {
      return await work()
    } finally {
      this.#trace = call.trace ?? this.#trace
      await call.save()
    }
  }

  async #traceOptions(options: StageOptions): Promise<TraceOptions> {
    const { log, clock } = this.#context('extract', options)
    return {
      pipelineName: this.pipelineName,
      folder: this.#folder,
      clock,
      log,
      configuration: this.#configuration,
      previous: this.#trace,
    }
  }

  #context(stage: StageName, options: StageOptions): StageContext {
    return {
      // A library keeps quiet, unless something needs attention.
      log: openLog(stage, 'auto', process.env['LOG_LEVEL'] ?? 'warn'),
      progress: this.#options.progress ?? silentProgress,
      clock: systemClock,
      configuration: this.#configuration,
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
