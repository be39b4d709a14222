import { basename } from 'node:path'
import {
  capabilitiesOf,
  checkLoadFormat,
  Configuration,
  DatasetNotAvailable,
  datasetOf,
  ExtractInfo,
  LoadInfo,
  NormalizeInfo,
  newDataset,
  openLog,
  pipelineDeclaration,
  pipelineDestination,
  silentProgress,
  systemClock,
  workingFolder,
  pipelinesDir,
  resolveDestination,
  restoresFromDestination,
  silentLog,
  textOf,
  TracedCall,
  tryReadTrace,
  type DestinationReference,
  type PipelineDeclaration,
  type PipelineTrace,
  type TraceOptions,
  type Schema as StoredSchema,
  type SchemaFilesRequest,
  type StageContext,
  type StageName,
  type StepInfo,
  type WorkingFolder,
} from '@gantry/common'
import { extract, extractableSources, bareSource, type DropRequest } from '@gantry/extract'
import type { Dataset, LoadRequest, SyncResult } from '@gantry/load'
import { devDataset, isOfDevMode, removeWorkingFolder } from './dev-mode.ts'
import { dropPendingPackages, dropWorkingFolder, type DropPendingOptions } from './drop.ts'
import { checkNothingPending, keepState, selectResources, type DropResourcesOptions } from './drop-resources.ts'
import { readPipelineState, readSchemas, readState, type StateDocument } from './local-view.ts'
import { findPending, isNothingPending, skippedWarning } from './pending.ts'
import { importLoad, importNormalize } from './stages.ts'
import { stepFailed } from './step-failed.ts'
import type {
  DatasetOptions,
  ExtractOptions,
  NormalizeOptions,
  Pipeline,
  PipelineOptions,
  RunOptions,
  StageOptions,
} from './pipeline.ts'

/** A pipeline whose stages run in this process. */
export function localPipeline(options: PipelineOptions): Pipeline {
  return new LocalPipeline(options)
}

class LocalPipeline implements Pipeline {
  readonly pipelineName: string
  readonly workingDir: string
  readonly #options: PipelineOptions
  readonly #configuration: Configuration
  /** Undefined: the one of earlier runs. */
  readonly #declaredDestination: DestinationReference | undefined
  /** Of this object alone, before its layout; undefined unless in dev mode. */
  readonly #devDataset: string | undefined
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
    this.#declaredDestination = resolveDestination(options.destination, this.#configuration)
    const declared = this.#declaredDestination
    const hasDataset = declared === undefined || capabilitiesOf(declared).hasDataset
    if (options.devMode && (hasDataset || options.datasetName !== undefined)) {
      this.#devDataset = devDataset(newDataset(options.datasetName, this.#configuration))
    }
    this.#folder = workingFolder(pipelinesDir(options.pipelinesDir), this.pipelineName)
    this.workingDir = this.#folder.root
    if (options.devMode) removeWorkingFolder(this.#folder)
  }

  /** For commands that are given a module which exports this. */
  [pipelineDeclaration](): PipelineDeclaration {
    const { pipelinesDir: dir, datasetName, refresh, restoreFromDestination, useSingleDataset } = this.#options
    return {
      pipelineName: this.pipelineName,
      pipelinesDir: dir,
      destination: this.#declaredDestination,
      datasetName,
      useSingleDataset,
      refresh,
      restoreFromDestination,
      ...this.#schemaFiles(),
    }
  }

  get datasetName(): string | undefined {
    const capabilities = capabilitiesOf(this.destination)
    return datasetOf(this.#askedDataset(), capabilities, this.#configuration, readPipelineState(this.#folder))
  }

  get destination(): DestinationReference {
    const state = this.#declaredDestination === undefined ? readPipelineState(this.#folder) : undefined
    return this.#declaredDestination ?? pipelineDestination(undefined, this.#configuration, state)
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
    checkLoadFormat(capabilitiesOf(this.destination), options.loaderFileFormat)
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
    checkLoadFormat(capabilitiesOf(this.destination), options.loaderFileFormat)
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
        datasetName: this.#askedDataset(),
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

  dataset({ schema }: DatasetOptions = {}): Dataset {
    const { hasDataset, destination } = capabilitiesOf(this.destination)
    if (!hasDataset) throw new DatasetNotAvailable(this.pipelineName, destination)
    const open = async (): Promise<Dataset> =>
      (await importLoad()).openDataset(this.#loadRequest(), { configuration: this.#configuration }, schema)
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
    const { useSingleDataset } = this.#options
    return { ...this.#request(), datasetName: this.#askedDataset(), useSingleDataset }
  }

  /** Undefined: the dataset of earlier runs, else a new one; one of dev mode is nobody's but its own object's. */
  #askedDataset(): string | undefined {
    if (this.#devDataset !== undefined) return this.#devDataset
    const isLeft = this.#options.datasetName === undefined && isOfDevMode(readPipelineState(this.#folder))
    return isLeft ? newDataset(undefined, this.#configuration) : this.#options.datasetName
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
