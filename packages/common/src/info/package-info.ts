import { stat } from 'node:fs/promises'
import type { JobFolder, LoadPackage } from '../storage/load-package.ts'
import { jobFolders } from '../storage/load-package.ts'

export type PackageStatus = 'new' | 'extracted' | 'normalized' | 'loaded' | 'aborted'

export interface JobInfo {
  readonly jobId: string
  readonly table: string
  readonly format: string
  /** The folder that holds the file, which is the job's state. */
  readonly state: JobFolder
  readonly filePath: string
  /** In bytes; for gzip those on disk. */
  readonly fileSize: number
  readonly failedMessage: string | null
}

/** A load package as it was when a step ended. */
export interface PackageInfo {
  readonly loadId: string
  readonly packagePath: string
  readonly status: PackageStatus
  readonly schemaName: string
  readonly schemaHash: string
  readonly jobs: readonly JobInfo[]
}

/** Looks at a package's folder. */
export async function describePackage(
  package_: LoadPackage,
  status: PackageStatus,
  schema: { readonly name: string; readonly version_hash: string | null },
): Promise<PackageInfo> {
  const jobs: JobInfo[] = []
  for (const job of await package_.jobs(...jobFolders)) {
    jobs.push({
      jobId: job.id,
      table: job.name.table,
      format: job.name.format,
      state: job.folder,
      filePath: job.path,
      fileSize: (await stat(job.path)).size,
      failedMessage: job.folder === 'failed_jobs' ? ((await package_.failedMessage(job)) ?? null) : null,
    })
  }
  return {
    loadId: package_.loadId,
    packagePath: package_.dir,
    status,
    schemaName: schema.name,
    schemaHash: schema.version_hash ?? '',
    jobs,
  }
}

/** `494B`, `1.8K`: powers of 1024, as dlt prints sizes of files. */
function fileSizeText(bytes: number): string {
  const units = ['B', 'K', 'M', 'G', 'T']
  let unit = 0
  let size = bytes
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit++
  }
  return unit === 0 ? `${size}B` : `${size.toFixed(1)}${units[unit]}`
}

/** One sentence for the package and a line for each of its jobs. */
export function packageText(info: PackageInfo): string {
  const jobs = info.jobs.map(
    (job) => `  Job ${job.jobId}, table ${job.table}, in ${job.state}, ${job.format}, ${fileSizeText(job.fileSize)}`,
  )
  return [
    `Package ${info.loadId} of schema ${info.schemaName} is ${info.status.toUpperCase()}`,
    'Jobs details:',
    ...jobs,
  ].join('\n')
}

/** The package in dlt's spelling, for `--json` and for loading infos as tables. */
export function packageDict(info: PackageInfo): Record<string, unknown> {
  return {
    load_id: info.loadId,
    package_path: info.packagePath,
    state: info.status,
    schema_name: info.schemaName,
    schema_hash: info.schemaHash,
    jobs: info.jobs.map((job) => ({
      job_id: job.jobId,
      table_name: job.table,
      file_format: job.format,
      state: job.state,
      file_path: job.filePath,
      file_size: job.fileSize,
      failed_message: job.failedMessage,
    })),
  }
}
