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
  silentLog,
  TracedCall,
  tryReadTrace,
  type PipelineTrace,
  type TraceOptions,
  type ProgressSink,
  type SchemaFilesRequest,
  type StageContext,
  type StageName,
  type StepInfo,
  type WorkingFolder,
} from '@gantry/common'
import { extract, resourceOf, type Columns, type Hints, type InputOf, type Rows, type RowSchema } from '@gantry/extract'
import type { Dataset, LoadRequest } from '@gantry/load'
import { destinationReference, type DestinationReference } from './destinations.ts'
import { findPending, isNothingPending, skippedWarning } from './pending.ts'
import { importLoad, importNormalize } from './stages.ts'
import { stepFailed } from './step-failed.ts'

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

export interface RunOptions extends Hints, NormalizeOptions {
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
   * What this pipeline did last, here or in another process; undefined where it did nothing yet, or where traces are off
   * (`RUNTIME__ENABLE_RUNTIME_TRACE=false`).
   */
  readonly lastTrace: PipelineTrace | undefined
  /**
   * Extracts, normalizes and loads rows in this process. Where packages of an earlier run are pending, finishes those
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
  extract(data: unknown, options?: Untyped<Hints & StageOptions>): Promise<ExtractInfo>
  extract<Schema extends RowSchema>(
    data: Rows<InputOf<Schema>>,
    options: Typed<Hints & StageOptions, Schema>,
  ): Promise<ExtractInfo>
  /** Turns extracted packages into load packages. Needs no driver. @throws {PipelineStepFailed} */
  normalize(options?: NormalizeOptions): Promise<NormalizeInfo>
  /** Brings load packages to the destination. @throws {PipelineStepFailed} */
  load(options?: StageOptions): Promise<LoadInfo>
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
  #trace: PipelineTrace | undefined

  constructor(options: PipelineOptions) {
    this.#options = options
    this.pipelineName = options.pipelineName ?? defaultName()
    this.datasetName = options.datasetName ?? `${this.pipelineName}_dataset`
    this.destination = destinationReference(options.destination) ?? { type: 'duckdb' }
    this.#folder = workingFolder(pipelinesDir(options.pipelinesDir), this.pipelineName)
    this.workingDir = this.#folder.root
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
    const pending = await findPending(this.pipelineName, this.#options.pipelinesDir)
    if (!isNothingPending(pending) && options.onPending !== 'continue') {
      if (pending.extracted.length > 0) await this.#normalize(options, call)
      const info = await this.#load(options, call)
      if (data !== undefined) (await this.#context('load', options)).log.warn(skippedWarning)
      return info
    }
    if (data === undefined) return null
    await this.#extract(data, options, call)
    await this.#normalize(options, call)
    return this.#load(options, call)
  }

  extract(data: unknown, options: Hints & StageOptions = {}): Promise<ExtractInfo> {
    return this.#traced(options, (call) => this.#extract(data, options, call))
  }

  normalize(options: NormalizeOptions = {}): Promise<NormalizeInfo> {
    return this.#traced(options, (call) => this.#normalize(options, call))
  }

  load(options: StageOptions = {}): Promise<LoadInfo> {
    return this.#traced(options, (call) => this.#load(options, call))
  }

  #extract(data: unknown, options: Hints & StageOptions, call: TracedCall): Promise<ExtractInfo> {
    return this.#step('extract', options, call, async (context) => {
      const { schemaContract } = options
      const request = { ...this.#request(), ...this.#schemaFiles(), datasetName: this.datasetName, schemaContract }
      return new ExtractInfo(await extract([resourceOf(data, options)], request, context))
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

  #step<Info extends StepInfo>(
    step: StageName,
    options: StageOptions,
    call: TracedCall,
    work: (context: StageContext) => Promise<Info>,
  ): Promise<Info> {
    return call.step(step, async () => {
      try {
        return await work(await this.#context(step, options))
      } catch (error) {
        throw await this.#failed(step, error)
      }
    })
  }

  #failed(step: StageName, cause: unknown, stepInfo?: StepInfo): Promise<Error> {
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
    const { log, clock } = await this.#context('extract', options)
    return { pipelineName: this.pipelineName, folder: this.#folder, clock, log, previous: this.#trace }
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
