import { allJobs, type PackageInfo } from './package-info.ts'

/** What became of one load job. */
export interface LoadJobMetrics {
  /** The same over all retries. */
  readonly jobId: string
  readonly filePath: string
  readonly tableName: string
  readonly startedAt: Date
  /** Null while the job is to be tried again. */
  readonly finishedAt: Date | null
  readonly state: 'completed' | 'failed' | 'retry'
  /** Where the file is at the destination, or in its staging; null where it left no file behind. */
  readonly remoteUrl: string | null
  /** How often it was tried again. */
  readonly retryCount: number
  /** Ids of the jobs that were made because this one, and the others of its tables, had finished. */
  readonly followupJobs: readonly string[]
}

/** What was done with the jobs of one load package. */
export interface LoadMetrics {
  readonly startedAt: Date
  /** Null where the package is not finished. */
  readonly finishedAt: Date | null
  readonly datasetName: string
  /** By job id. */
  readonly jobMetrics: Readonly<Record<string, LoadJobMetrics>>
}

/**
 * Metrics of a package at its end. Jobs that were taken back have none.
 *
 * @param known  what is known of jobs, by job id; others began and ended with the package
 */
export function loadMetrics(
  info: PackageInfo,
  datasetName: string,
  startedAtMs: number,
  finishedAtMs: number,
  known: Readonly<Record<string, LoadJobMetrics>> = {},
): LoadMetrics {
  const startedAt = new Date(startedAtMs)
  const finishedAt = new Date(finishedAtMs)
  const jobs = allJobs(info).flatMap((job): LoadJobMetrics[] => {
    if (job.state !== 'completed_jobs' && job.state !== 'failed_jobs') return []
    const { jobId, filePath, tableName, retryCount } = job
    const state = job.state === 'failed_jobs' ? 'failed' : 'completed'
    const unknown = { startedAt, finishedAt, remoteUrl: null, followupJobs: [] }
    return [{ ...unknown, ...known[jobId], jobId, filePath, tableName, state, retryCount }]
  })
  return { startedAt, finishedAt, datasetName, jobMetrics: Object.fromEntries(jobs.map((job) => [job.jobId, job])) }
}

/** Job metrics as rows in dlt's spelling. */
export function loadJobRows(metrics: LoadMetrics, loadId: string): Record<string, unknown>[] {
  return Object.values(metrics.jobMetrics).map((job) => ({ load_id: loadId, ...jobMetricsDict(job) }))
}

/** Metrics of a job in dlt's spelling. */
export function jobMetricsDict(job: LoadJobMetrics): Record<string, unknown> {
  return {
    job_id: job.jobId,
    file_path: job.filePath,
    table_name: job.tableName,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    state: job.state,
    remote_url: job.remoteUrl,
    retry_count: job.retryCount,
    followup_jobs: job.followupJobs,
  }
}

/** The reverse, of times as text. @throws {TypeError} a time is none */
export function jobMetricsOf(dict: Readonly<Record<string, unknown>>): LoadJobMetrics {
  return {
    jobId: String(dict['job_id']),
    filePath: String(dict['file_path']),
    tableName: String(dict['table_name']),
    startedAt: time(dict, 'started_at'),
    finishedAt: dict['finished_at'] === null ? null : time(dict, 'finished_at'),
    state: String(dict['state']) as LoadJobMetrics['state'],
    remoteUrl: (dict['remote_url'] ?? null) as string | null,
    retryCount: Number(dict['retry_count']),
    followupJobs: (dict['followup_jobs'] ?? []) as string[],
  }
}

function time(dict: Readonly<Record<string, unknown>>, key: string): Date {
  const value = new Date(dict[key] as string)
  if (Number.isNaN(value.getTime())) throw new TypeError(`"${key}" is no time`)
  return value
}
