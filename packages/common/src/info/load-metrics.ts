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
 * Metrics out of what a package looks like at its end, for a loader that commits a package as a whole: its jobs begin
 * and end with it. Jobs that were taken back have none.
 */
export function loadMetrics(
  info: PackageInfo,
  datasetName: string,
  startedAtMs: number,
  finishedAtMs: number,
): LoadMetrics {
  const startedAt = new Date(startedAtMs)
  const finishedAt = new Date(finishedAtMs)
  const jobs = allJobs(info).flatMap((job): LoadJobMetrics[] => {
    if (job.state !== 'completed_jobs' && job.state !== 'failed_jobs') return []
    const { jobId, filePath, tableName, retryCount } = job
    const state = job.state === 'failed_jobs' ? 'failed' : 'completed'
    return [{ jobId, filePath, tableName, startedAt, finishedAt, state, remoteUrl: null, retryCount, followupJobs: [] }]
  })
  return { startedAt, finishedAt, datasetName, jobMetrics: Object.fromEntries(jobs.map((job) => [job.jobId, job])) }
}

/** Job metrics as rows in dlt's spelling. */
export function loadJobRows(metrics: LoadMetrics, loadId: string): Record<string, unknown>[] {
  return Object.values(metrics.jobMetrics).map((job) => ({
    load_id: loadId,
    job_id: job.jobId,
    file_path: job.filePath,
    table_name: job.tableName,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    state: job.state,
    remote_url: job.remoteUrl,
    retry_count: job.retryCount,
    followup_jobs: job.followupJobs,
  }))
}
