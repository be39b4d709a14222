import { TerminalError } from '../errors.ts'
import type { JobInfo } from './package-info.ts'

/** A package was loaded, or given up, with jobs that the destination refused. */
export class DestinationHasFailedJobs extends TerminalError {
  override readonly code = 'destination_has_failed_jobs'
  readonly destinationName: string
  readonly loadId: string
  readonly failedJobs: readonly JobInfo[]

  constructor(destinationName: string, loadId: string, failedJobs: readonly JobInfo[]) {
    const jobs = failedJobs.map((job) => `\n  ${job.jobId}: ${job.failedMessage ?? 'no message was kept'}`).join('')
    super(`Package ${loadId} has ${failedJobs.length} job(s) that destination ${destinationName} refused:${jobs}`, {
      destinationName,
      loadId,
      jobIds: failedJobs.map((job) => job.jobId),
    })
    this.destinationName = destinationName
    this.loadId = loadId
    this.failedJobs = failedJobs
  }
}
