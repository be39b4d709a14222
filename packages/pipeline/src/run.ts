import {
  LoadInfo,
  packagesIn,
  pipelinesDir,
  RemoteError,
  restoresFromDestination,
  spawnStage,
  StageProcessLost,
  workingFolder,
  type LoadInfoData,
  type LogFormat,
  type ProgressSink,
  type SchemaFilesRequest,
  type StageName,
  type StageProcess,
} from '@gantry/common'
import type { ExtractFilesRequest, Hints } from '@gantry/extract'
import type { LoadReport, LoadWorkerRequest } from '@gantry/load'
import { PipelineStepFailed } from './errors.ts'
import { findPending, isNothingPending } from './pending.ts'

export interface RunRequest extends SchemaFilesRequest {
  readonly pipelineName: string
  readonly pipelinesDir?: string | undefined
  readonly destination?: string | undefined
  readonly datasetName?: string | undefined
  readonly loaderFileFormat?: string | undefined
  readonly workers?: number | undefined
  readonly files: readonly string[]
  readonly hints: Hints
  readonly refresh: string | undefined
  readonly onPending: 'finish' | 'continue'
  readonly logFormat: LogFormat
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
  readonly progress: ProgressSink
  readonly signal: AbortSignal
  readonly onStage: (run: StageRun) => void
}

/**
 * Runs the three stages, each in a process of its own. The load process starts first, syncs with the destination and
 * finishes what is pending; then it waits for the others, holding neither lock nor database.
 *
 * @throws {PipelineStepFailed}
 */
export async function runInProcesses(request: RunRequest, options: RunOptions): Promise<RunResult> {
  const run = new ProcessRun(request, options)
  try {
    return await run.run()
  } catch (error) {
    run.stop()
    throw error
  }
}

class ProcessRun {
  readonly #request: RunRequest
  readonly #options: RunOptions
  readonly #stages: StageRun[] = []
  /** Ends the load process when another stage has failed. */
  readonly #stop = new AbortController()

  constructor(request: RunRequest, options: RunOptions) {
    this.#request = request
    this.#options = options
  }

  stop(): void {
    this.#stop.abort()
  }

  async run(): Promise<RunResult> {
    const { files, hints, refresh, loaderFileFormat, workers, onPending, ...common } = this.#request
    const before = await findPending(common.pipelineName, common.pipelinesDir)
    const isSynced = restoresFromDestination(undefined, common.pipelineName)
    const load = this.#spawn('load', { ...common, isSynced } satisfies LoadWorkerRequest)
    const finished = await this.#pendingOf(load)
    const isContinued = isNothingPending(before) || onPending === 'continue'
    if (isContinued) await this.#stage('extract', { ...common, files, hints, refresh } satisfies ExtractFilesRequest)
    const { extracted } = await findPending(common.pipelineName, common.pipelinesDir)
    if (extracted.length > 0) await this.#stage('normalize', { ...common, loaderFileFormat, workers })
    const loaded = await this.#finishLoad(load)
    return {
      info: new LoadInfo(merge(finished.info, loaded.info)),
      stages: this.#stages,
      isSkipped: !isContinued,
    }
  }

  /** Waits until the load process has finished what was pending. */
  async #pendingOf(load: StageProcess): Promise<LoadReport> {
    try {
      // An abort ends the process without a pause; its report says which job it was.
      return this.#checked((await Promise.race([load.paused, load.done])) as LoadReport)
    } catch (error) {
      if (error instanceof PipelineStepFailed) throw error
      const isSync = error instanceof RemoteError && error.code === 'sync_failed'
      throw isSync ? new PipelineStepFailed('sync', error.cause) : new PipelineStepFailed('load', error)
    }
  }

  async #finishLoad(load: StageProcess): Promise<LoadReport> {
    const { pipelineName, pipelinesDir: dir } = this.#request
    const { normalized } = await findPending(pipelineName, dir)
    const startedAtMs = performance.now()
    load.proceed()
    try {
      const report = (await load.done) as LoadReport
      this.#note('load', load.pid, startedAtMs)
      return this.#checked(report)
    } catch (error) {
      if (!(error instanceof StageProcessLost) || !(await isAllLoaded(pipelineName, dir, normalized))) {
        throw error instanceof PipelineStepFailed ? error : new PipelineStepFailed('load', error)
      }
      // It was killed after the last durable step, before it could say so: the work is done.
      this.#note('load', load.pid, startedAtMs)
      return { info: emptyInfo(pipelineName) }
    }
  }

  async #stage(stage: StageName, request: unknown): Promise<void> {
    const startedAtMs = performance.now()
    const process_ = this.#spawn(stage, request)
    await this.#step(stage, process_.done)
    this.#note(stage, process_.pid, startedAtMs)
  }

  #spawn(stage: StageName, request: unknown): StageProcess {
    const entry = import.meta.resolve(`@gantry/${stage}/worker`)
    return spawnStage(stage, entry, request, {
      progress: this.#options.progress,
      signal: AbortSignal.any([this.#options.signal, this.#stop.signal]),
    })
  }

  #note(stage: StageName, pid: number, startedAtMs: number): void {
    const run: StageRun = { stage, pid, seconds: (performance.now() - startedAtMs) / 1000 }
    this.#stages.push(run)
    this.#options.onStage(run)
  }

  #checked(report: LoadReport): LoadReport {
    if (report.failure !== undefined) {
      throw new PipelineStepFailed('load', new RemoteError(report.failure), new LoadInfo(report.info))
    }
    return report
  }

  async #step<Result>(stage: StageName, work: Promise<Result>): Promise<Result> {
    try {
      return await work
    } catch (error) {
      throw new PipelineStepFailed(stage, error)
    }
  }
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
  return { ...second, startedAtMs: first.startedAtMs, loadPackages: [...first.loadPackages, ...second.loadPackages] }
}

function emptyInfo(pipelineName: string): LoadInfoData {
  const now = Date.now()
  return {
    pipelineName,
    startedAtMs: now,
    finishedAtMs: now,
    loadPackages: [],
    destinationType: '',
    destinationName: '',
    datasetName: '',
    location: '---',
  }
}
