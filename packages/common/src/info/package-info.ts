import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonValue } from '../schema/model.ts'
import type { Job, JobFolder, LoadPackage } from '../storage/load-package.ts'
import { jobFolders } from '../storage/load-package.ts'
import { durationText } from './duration.ts'
import { fileSizeText } from './file-size.ts'

export type PackageStateName = 'new' | 'extracted' | 'normalized' | 'loaded' | 'aborted'

/** A job of a load package, as its file was when somebody looked. */
export interface JobInfo {
  /** The same over all retries. */
  readonly jobId: string
  readonly tableName: string
  readonly fileId: string
  readonly retryCount: number
  readonly fileFormat: string
  /** The folder that holds the file, which is the job's state. */
  readonly state: JobFolder
  readonly filePath: string
  /** In bytes; for gzip those on disk. */
  readonly fileSize: number
  /** When the file was last written. */
  readonly createdAt: Date
  /** Seconds from then to the end of the package, or to now where it has not ended. */
  readonly elapsed: number
  readonly failedMessage: string | null
}

/** What a load changed in the tables of the destination: by table, its hints and only the new or changed columns. */
export type SchemaUpdate = Readonly<Record<string, TableUpdate>>

/** In the stored form, keys spelled as on disk. */
export interface TableUpdate {
  readonly name: string
  readonly columns: Readonly<Record<string, Readonly<Record<string, JsonValue>>>>
  readonly [hint: string]: unknown
}

/** A load package as it was when a step ended, as plain data. */
export interface PackageInfo {
  readonly loadId: string
  readonly packagePath: string
  readonly state: PackageStateName
  readonly schemaName: string
  readonly schemaHash: string
  /** Empty before the package was loaded. */
  readonly schemaUpdate: SchemaUpdate
  /** When the package was loaded or aborted; null where it has not been yet. */
  readonly completedAt: Date | null
  readonly jobs: Readonly<Record<JobFolder, readonly JobInfo[]>>
}

/**
 * A load package as it was when a step ended. `String(info)` is a sentence and a line for each job.
 *
 * Follows dlt `dlt/common/storages/load_package.py`, `LoadPackageInfo`.
 */
export class LoadPackageInfo implements PackageInfo {
  readonly loadId: string
  readonly packagePath: string
  readonly state: PackageStateName
  readonly schemaName: string
  readonly schemaHash: string
  readonly schemaUpdate: SchemaUpdate
  readonly completedAt: Date | null
  readonly jobs: Readonly<Record<JobFolder, readonly JobInfo[]>>

  constructor(data: PackageInfo) {
    this.loadId = data.loadId
    this.packagePath = data.packagePath
    this.state = data.state
    this.schemaName = data.schemaName
    this.schemaHash = data.schemaHash
    this.schemaUpdate = data.schemaUpdate
    this.completedAt = data.completedAt
    this.jobs = data.jobs
  }

  /** The package in dlt's spelling, as a row that can be loaded: jobs, tables and columns are lists. */
  asDict(): Record<string, unknown> {
    return packageDict(this)
  }

  toJSON(): Record<string, unknown> {
    return this.asDict()
  }

  toString(): string {
    return packageText(this)
  }
}

/** Looks at a package's folder. */
export async function describePackage(
  package_: LoadPackage,
  state: PackageStateName,
  schema: { readonly name: string; readonly version_hash: string | null },
): Promise<PackageInfo> {
  const completedAt = await completionTime(package_)
  const endMs = completedAt?.getTime() ?? Date.now()
  const jobs = emptyJobs()
  for (const job of await package_.jobs(...jobFolders)) {
    jobs[job.folder].push(await describeJob(package_, job, endMs))
  }
  const applied = await package_.readText('applied_schema_updates.json')
  return {
    loadId: package_.loadId,
    packagePath: package_.dir,
    state,
    schemaName: schema.name,
    schemaHash: schema.version_hash ?? '',
    schemaUpdate: applied === undefined ? {} : (JSON.parse(applied) as SchemaUpdate),
    completedAt,
    jobs,
  }
}

async function describeJob(package_: LoadPackage, job: Job, endMs: number): Promise<JobInfo> {
  const { size, mtimeMs } = await stat(job.path)
  return {
    jobId: job.id,
    tableName: job.name.table,
    fileId: job.name.fileId,
    retryCount: job.name.retry,
    fileFormat: job.name.format,
    state: job.folder,
    filePath: job.path,
    fileSize: size,
    createdAt: new Date(mtimeMs),
    elapsed: Math.max(0, endMs - mtimeMs) / 1000,
    failedMessage: job.folder === 'failed_jobs' ? ((await package_.failedMessage(job)) ?? null) : null,
  }
}

async function completionTime(package_: LoadPackage): Promise<Date | null> {
  if ((await package_.completion()) === undefined) return null
  return (await stat(join(package_.dir, 'package_completed.json'))).mtime
}

/** No jobs in any folder. */
export function emptyJobs(): Record<JobFolder, JobInfo[]> {
  return { new_jobs: [], started_jobs: [], failed_jobs: [], completed_jobs: [] }
}

/** All jobs of a package, by folder. */
export function allJobs(info: PackageInfo): JobInfo[] {
  return jobFolders.flatMap((folder) => info.jobs[folder])
}

/** One sentence for the package and a line for each of its jobs. */
export function packageText(info: PackageInfo): string {
  const tables = Object.keys(info.schemaUpdate).length
  const end =
    info.completedAt === null
      ? 'It is not loaded yet.'
      : `It changed the schema of ${tables} table(s) and was completed at ${info.completedAt.toISOString()}.`
  const jobs = allJobs(info).flatMap((job) => {
    const line =
      `  Job ${job.jobId}, table ${job.tableName}, in ${job.state}. File type: ${job.fileFormat}, ` +
      `size: ${fileSizeText(job.fileSize)}. Started at ${job.createdAt.toISOString()}, took ${durationText(job.elapsed)}.`
    return job.failedMessage === null ? [line] : [line, `    FAILED TERMINALLY: ${job.failedMessage}`]
  })
  return [
    `Package ${info.loadId} of schema ${info.schemaName} is ${info.state.toUpperCase()}. ${end}`,
    'Jobs details:',
    ...jobs,
  ].join('\n')
}

/** The package as {@link LoadPackageInfo.asDict} has it. */
export function packageDict(info: PackageInfo): Record<string, unknown> {
  const place = { load_id: info.loadId, schema_name: info.schemaName }
  return {
    load_id: info.loadId,
    package_path: info.packagePath,
    state: info.state,
    schema_name: info.schemaName,
    schema_hash: info.schemaHash,
    completed_at: info.completedAt,
    jobs: allJobs(info).map((job) => ({
      ...place,
      job_id: job.jobId,
      table_name: job.tableName,
      file_id: job.fileId,
      retry_count: job.retryCount,
      file_format: job.fileFormat,
      state: job.state,
      file_path: job.filePath,
      file_size: job.fileSize,
      created_at: job.createdAt,
      elapsed: job.elapsed,
      failed_message: job.failedMessage,
    })),
    tables: Object.values(info.schemaUpdate).map(({ columns, ...table }) => ({
      ...table,
      // Filters are lists of settings, not of the table's form.
      filters: undefined,
      ...place,
      columns: Object.values(columns).map((column) => ({ ...column, ...place, table_name: table.name })),
    })),
  }
}
