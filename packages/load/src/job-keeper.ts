import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import {
  printJobFileName,
  type Capabilities,
  type Job,
  type JobFolder,
  type LoadJobMetrics,
  type LoadPackage,
  type StageContext,
} from '@gantry/common'
import { LoadClientJobRetry, LoadJobFailed } from './errors.ts'
import type { LoadSettings } from './load-settings.ts'

/** First pause before something is tried again; each further one is twice as long. */
const firstPauseMs = 500
const longestPauseMs = 30_000

/**
 * Keeps the job files of a package in the folders that say how far they are (dlt `dlt/load/load.py`). A destination tells
 * it what becomes of a job; it knows where the job's file is by then.
 */
export class JobKeeper {
  readonly settings: LoadSettings
  readonly #package: LoadPackage
  readonly #context: StageContext
  readonly #total: number
  readonly #hasDataset: boolean
  /** Where the file of each job is now, by job id. */
  readonly #places = new Map<string, Job>()
  /** When each job began, by job id. */
  readonly #startedAtMs = new Map<string, number>()
  /** What became of jobs, by job id. */
  readonly metrics: Map<string, LoadJobMetrics> = new Map()
  readonly #followups: ReadonlyMap<string, readonly string[]>
  #done = 0

  /**
   * @param total      jobs of the package
   * @param followups  by job id, those that are made once it has finished, and others with it
   */
  constructor(
    package_: LoadPackage,
    total: number,
    followups: ReadonlyMap<string, readonly string[]>,
    settings: LoadSettings,
    context: StageContext,
    { hasDataset }: Pick<Capabilities, 'hasDataset'>,
  ) {
    this.settings = settings
    this.#followups = followups
    this.#package = package_
    this.#total = total
    this.#hasDataset = hasDataset
    this.#context = context
    // Each job that waits for its next attempt listens to it, and Node would warn of a leak from eleven on.
    setMaxListeners(0, context.signal)
  }

  /** Aborted: no further job begins. */
  get signal(): AbortSignal {
    return this.#context.signal
  }

  /** @returns the job, its file at its new place */
  async started(job: Job): Promise<Job> {
    this.#startedAtMs.set(job.id, this.#context.clock.nowMs())
    return this.#move(job, 'started_jobs')
  }

  /** The rows of the job are committed. */
  async completed(job: Job): Promise<void> {
    this.#note(await this.#move(job, 'completed_jobs'), 'completed')
    this.#context.progress.update('load', { name: 'loaded', unit: 'jobs', done: ++this.#done, total: this.#total })
  }

  /** The job has to wait for another run. */
  async returned(job: Job): Promise<void> {
    this.metrics.delete(job.id)
    await this.#move(job, 'new_jobs')
  }

  /** The job cannot be loaded, now or later. */
  async failed(job: Job, cause: Error): Promise<LoadJobFailed> {
    const error = new LoadJobFailed(job, this.#package.loadId, cause, this.#hasDataset)
    const place = this.#places.get(job.id) ?? job
    await this.#package.fail(place, error.message)
    this.#note(place, 'failed')
    this.#context.log.error({ package: this.#package.loadId, job: job.id, error: cause.message }, 'the job failed')
    return error
  }

  /**
   * The job may go well next time: counts the attempt in the name of its file, and waits a while.
   *
   * @throws {LoadClientJobRetry} it was tried too often in this run
   */
  async retry(job: Job, cause: Error): Promise<void> {
    const place = this.#places.get(job.id) ?? job
    const name = { ...place.name, retry: place.name.retry + 1 }
    const moved = await this.#package.rename(place, 'new_jobs', { name, fileName: printJobFileName(name) })
    this.#places.set(job.id, moved)
    this.#note(moved, 'retry')
    await this.pause(name.retry, moved, cause)
  }

  /**
   * Waits before the next attempt at what a job belongs to.
   *
   * @param attempts  how many there were, over all runs
   * @throws {LoadClientJobRetry} there were too many in this run
   */
  async pause(attempts: number, job: Job, cause: Error): Promise<void> {
    const { raiseOnMaxRetries: most } = this.settings
    if (most > 0 && attempts % most === 0) throw new LoadClientJobRetry(job, this.#package.loadId, most, cause)
    const pauseMs = Math.min(firstPauseMs * 2 ** ((attempts - 1) % (most || 8)), longestPauseMs)
    this.#context.log.warn({ job: job.id, attempts, pauseMs, error: cause.message }, 'failed for now, is tried again')
    // Told to stop, it says so, rather than that a timer was ended.
    await delay(pauseMs, undefined, { signal: this.signal }).catch(() => this.signal.throwIfAborted())
  }

  #note({ id, path, name }: Job, state: LoadJobMetrics['state']): void {
    const nowMs = this.#context.clock.nowMs()
    this.metrics.set(id, {
      jobId: id,
      filePath: path,
      tableName: name.table,
      startedAt: new Date(this.#startedAtMs.get(id) ?? nowMs),
      finishedAt: state === 'retry' ? null : new Date(nowMs),
      state,
      remoteUrl: null,
      retryCount: name.retry,
      followupJobs: this.#followups.get(id) ?? [],
    })
  }

  async #move(job: Job, to: JobFolder): Promise<Job> {
    const place = this.#places.get(job.id) ?? job
    const moved = place.folder === to ? place : await this.#package.rename(place, to, place)
    this.#places.set(job.id, moved)
    return moved
  }
}
