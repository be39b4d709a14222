import {
  ExtractInfo,
  LoadInfo,
  NormalizeInfo,
  packagesIn,
  pipelinesDir,
  RemoteError,
  restoresFromDestination,
  systemClock,
  TracedCall,
  workingFolder,
  type Configuration,
  type DestinationDeclaration,
  type Display,
  type ExtractInfoData,
  type LoadInfoData,
  type NormalizeInfoData,
  type SchemaFilesRequest,
  type StageName,
  type StepInfo,
} from '@gantry/common'
import { StageProcessLost, type StageProcess } from '@gantry/common/spawn'
import type { ExtractFilesRequest, ExtractProgramRequest, StaticHints } from '@gantry/extract'
import type { LoadReport, LoadWorkerRequest } from '@gantry/load'
import { findPending, isNothingPending } from './pending.ts'
import type { StageProcesses } from './stage-processes.ts'
import { stepFailed } from './step-failed.ts'

/** What all stages are told. */
interface StageRequest extends SchemaFilesRequest {
  readonly pipelineName: string
  readonly pipelinesDir?: string | undefined
  readonly destination?: string | DestinationDeclaration | undefined
  readonly datasetName?: string | undefined
  readonly useSingleDataset?: boolean | undefined
  readonly restoreFromDestination?: boolean | undefined
}

export interface RunRequest {
  readonly common: StageRequest
  /** Files of rows, or the process that has a user's module at hand and waits for its request. */
  readonly input: { readonly files: readonly string[] } | { readonly module: StageProcess }
  readonly hints: StaticHints
  readonly refresh?: string | undefined
  readonly loaderFileFormat?: string | undefined
  readonly workers?: number | undefined
  readonly onPending: 'finish' | 'continue'
}

/** A stage that ran, in which process and how long. */
export interface StageRun {
  readonly stage: StageName
  readonly pid: number
  readonly seconds: number
}

export interface RunResult {
  readonly info: LoadInfo
  readonly stages: readonly StageRun[]
  /** Pending packages were finished and the new data was left untouched. */
  readonly isSkipped: boolean
}

export interface RunOptions {
  readonly stages: StageProcesses
  readonly signal: AbortSignal
  readonly display: Display
  /** As the pipeline sees it. */
  readonly configuration: Configuration
  readonly onStage: (run: StageRun) => void
}

/**
 * Runs the three stages, each in a process of its own. The load process starts first, syncs with the destination and
 * finishes what is pending; then it waits for the others, holding neither lock nor database. What each did is kept as the
 * pipeline's trace.
 *
 * @throws {PipelineStepFailed}
 */
export async function runInProcesses(request: RunRequest, options: RunOptions): Promise<RunResult> {
  const { pipelineName } = request.common
  const folder = workingFolder(pipelinesDir(request.common.pipelinesDir), pipelineName)
  const call = TracedCall.ofRun({
    pipelineName,
    folder,
    clock: systemClock,
    log: options.display.log,
    configuration: options.configuration,
  })
  const startedAtMs = systemClock.nowMs()
  const run = new ProcessRun(request, options, call)
  try {
    const result = await run.run()
    call.note('run', { startedAtMs, info: result.info })
    return result
  } catch (error) {
    run.stop()
    call.note('run', { startedAtMs, error })
    throw error
  } finally {
    await call.save()
  }
}

class ProcessRun {
  readonly #request: RunRequest
  readonly #options: RunOptions
  readonly #call: TracedCall
  readonly #stages: StageRun[] = []
  /** Ends the load process when another stage has failed. */
  readonly #stop = new AbortController()

  constructor(request: RunRequest, options: RunOptions, call: TracedCall) {
    this.#request = request
    this.#options = options
    this.#call = call
  }

  stop(): void {
    this.#stop.abort()
  }

  async run(): Promise<RunResult> {
    const { common, onPending, loaderFileFormat, workers } = this.#request
    const { pipelineName, pipelinesDir: dir } = common
    const before = await findPending(pipelineName, dir)
    const isContinued = isNothingPending(before) || onPending === 'continue'
    const isSynced = restoresFromDestination(common.restoreFromDestination, this.#options.configuration)
    const { load, finished } = await this.#startLoad({ ...common, isSynced }, before.normalized)
    if (isContinued) await this.#stage('extract', () => this.#startExtract())
    const { extracted } = await findPending(pipelineName, dir)
    if (extracted.length > 0) {
      const asked = { ...common, loaderFileFormat, workers }
      await this.#stage('normalize', () => this.#start('normalize', asked))
    }
    // What is not needed goes before the longest part begins.
    this.#options.stages.release()
    const loaded = await this.#finishLoad(load, finished)
    return {
      info: new LoadInfo(merge(finished.data, loaded.data)),
      stages: this.#stages,
      isSkipped: !isContinued,
    }
  }

  /** Lets the process of the user's module go on, or starts one for files. */
  #startExtract(): StageProcess {
    const { input, hints, refresh, loaderFileFormat } = this.#request
    const common = { ...this.#request.common, refresh }
    if ('module' in input) {
      input.module.proceed({ ...common, hints: { ...hints, loaderFileFormat } } satisfies ExtractProgramRequest)
      return input.module
    }
    // As the library does: the format is recorded with the tables.
    const { fileFormat = loaderFileFormat as StaticHints['fileFormat'] } = hints
    const ofFiles = { ...hints, ...(fileFormat === undefined ? {} : { fileFormat }) }
    const asked = { ...common, files: input.files, hints: ofFiles } satisfies ExtractFilesRequest
    return this.#start('extract', asked)
  }

  /** Starts the load process and waits until it has finished what was pending. */
  async #startLoad(
    request: LoadWorkerRequest,
    pending: readonly string[],
  ): Promise<{ readonly load: StageProcess; readonly finished: LoadInfo }> {
    const load = this.#start('load', request)
    try {
      return { load, finished: await this.#pendingOf(load) }
    } catch (error) {
      const { pipelineName, pipelinesDir: dir } = request
      if (pending.length === 0 || !isLost(error) || !(await isAllLoaded(pipelineName, dir, pending))) throw error
      // It was killed after the last durable step of what was pending, which must not be taken for new data.
      return this.#startLoad(request, [])
    }
  }

  /** Waits until the load process has finished what was pending. */
  async #pendingOf(load: StageProcess): Promise<LoadInfo> {
    const startedAtMs = systemClock.nowMs()
    try {
      // An abort ends the process without a pause; its report says which job it was.
      const report = (await Promise.race([load.paused, load.done])) as LoadReport
      const info = await this.#checked(report)
      if (!info.isEmpty) this.#call.note('load', { startedAtMs, info })
      return info
    } catch (cause) {
      if (cause instanceof RemoteError && cause.code === 'sync_failed') throw await this.#failed('sync', cause.cause)
      const error = await this.#failed('load', cause)
      this.#call.note('load', { startedAtMs, error, info: error.stepInfo })
      throw error
    }
  }

  async #finishLoad(load: StageProcess, finished: LoadInfo): Promise<LoadInfo> {
    const startedAtMs = systemClock.nowMs()
    try {
      const info = await this.#restOf(load)
      // Where only pending packages were there to load, that step is noted already.
      if (finished.isEmpty || !info.isEmpty) this.#call.note('load', { startedAtMs, info })
      return info
    } catch (cause) {
      const error = await this.#failed('load', cause)
      this.#call.note('load', { startedAtMs, error, info: error.stepInfo })
      throw error
    }
  }

  async #restOf(load: StageProcess): Promise<LoadInfo> {
    const { pipelineName, pipelinesDir: dir } = this.#request.common
    const { normalized } = await findPending(pipelineName, dir)
    const startedAtMs = performance.now()
    load.proceed()
    try {
      const report = (await load.done) as LoadReport
      this.#note('load', load.pid, startedAtMs)
      return await this.#checked(report)
    } catch (error) {
      if (!(error instanceof StageProcessLost) || !(await isAllLoaded(pipelineName, dir, normalized))) {
        throw error
      }
      // It was killed after the last durable step, before it could say so: the work is done.
      this.#note('load', load.pid, startedAtMs)
      return new LoadInfo(emptyInfo(pipelineName))
    }
  }

  async #stage(stage: 'extract' | 'normalize', start: () => StageProcess): Promise<void> {
    await this.#call.step(stage, async () => {
      const startedAtMs = performance.now()
      const process_ = start()
      try {
        const data = await process_.done
        this.#note(stage, process_.pid, startedAtMs)
        return stage === 'extract'
          ? new ExtractInfo(data as ExtractInfoData)
          : new NormalizeInfo(data as NormalizeInfoData)
      } catch (error) {
        throw await this.#failed(stage, error)
      }
    })
  }

  #start(stage: StageName, request: unknown): StageProcess {
    const signal = AbortSignal.any([this.#options.signal, this.#stop.signal])
    return this.#options.stages.take(stage).start(request, { display: this.#options.display, signal })
  }

  #note(stage: StageName, pid: number, startedAtMs: number): void {
    const run: StageRun = { stage, pid, seconds: (performance.now() - startedAtMs) / 1000 }
    this.#stages.push(run)
    this.#options.onStage(run)
  }

  async #checked(report: LoadReport): Promise<LoadInfo> {
    const info = new LoadInfo(report.info)
    if (report.failure !== undefined) throw await this.#failed('load', new RemoteError(report.failure), info)
    return info
  }

  #failed(stage: StageName | 'sync', cause: unknown, stepInfo?: StepInfo): ReturnType<typeof stepFailed> {
    const { pipelineName, pipelinesDir: dir } = this.#request.common
    return stepFailed(stage, cause, { pipelineName, pipelinesDir: dir, stepInfo })
  }
}

/** True where a stage's process was killed, be it under the error of a step. */
function isLost(error: unknown): boolean {
  return error instanceof StageProcessLost || (error instanceof Error && isLost(error.cause))
}

async function isAllLoaded(
  pipelineName: string,
  dir: string | undefined,
  loadIds: readonly string[],
): Promise<boolean> {
  const folder = workingFolder(pipelinesDir(dir), pipelineName)
  const loaded = new Set<string>()
  for (const package_ of await packagesIn(folder.loaded)) {
    if ((await package_.completion()) === 'loaded') loaded.add(package_.loadId)
  }
  return loadIds.every((id) => loaded.has(id))
}

function merge(first: LoadInfoData, second: LoadInfoData): LoadInfoData {
  if (first.loadPackages.length === 0) return second
  if (second.loadPackages.length === 0) return first
  return {
    ...second,
    firstRun: first.firstRun,
    startedAtMs: first.startedAtMs,
    loadPackages: [...first.loadPackages, ...second.loadPackages],
    metrics: { ...first.metrics, ...second.metrics },
  }
}

function emptyInfo(pipelineName: string): LoadInfoData {
  const now = Date.now()
  return {
    pipelineName,
    firstRun: false,
    startedAtMs: now,
    finishedAtMs: now,
    loadPackages: [],
    metrics: {},
    destinationType: '',
    destinationName: '',
    datasetName: '',
    location: '---',
  }
}
