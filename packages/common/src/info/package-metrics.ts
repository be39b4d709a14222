import { stat } from 'node:fs/promises'
import { jobFolders, type LoadPackage } from '../storage/load-package.ts'
import type { ManifestFile } from '../storage/manifest.ts'

/** Rows and bytes of files that were written; bytes as they are on disk. */
export interface WriterMetrics {
  /** Empty where these are the sums over several files. */
  readonly filePath: string
  readonly rows: number
  readonly bytes: number
  readonly files: number
  /** When the first of the files was made, in Unix seconds. */
  readonly created: number
  /** When the last of them was written, in Unix seconds. */
  readonly lastModified: number
}

/** What a step wrote into one load package. */
export interface PackageMetrics {
  readonly startedAt: Date
  readonly finishedAt: Date
  /** By job id. */
  readonly jobMetrics: Readonly<Record<string, WriterMetrics>>
  /** By table: the sum over its jobs. */
  readonly tableMetrics: Readonly<Record<string, WriterMetrics>>
}

/** What one extraction wrote into one load package. */
export interface ExtractMetrics extends PackageMetrics {
  readonly schemaName: string
  /** By resource: the sum over the jobs of its tables. */
  readonly resourceMetrics: Readonly<Record<string, WriterMetrics>>
}

/** Measures files of a package that is on disk. */
export async function packageMetrics(
  package_: LoadPackage,
  files: readonly ManifestFile[],
  startedAtMs: number,
  finishedAtMs: number,
): Promise<PackageMetrics> {
  const paths = new Map((await package_.jobs(...jobFolders)).map((job) => [job.id, job.path]))
  const jobs = new Map<string, WriterMetrics>()
  for (const { job_id: job, rows, bytes } of files) {
    const filePath = paths.get(job) ?? ''
    const times = filePath === '' ? { created: 0, lastModified: 0 } : await fileTimes(filePath)
    jobs.set(job, { filePath, rows, bytes, files: 1, ...times })
  }
  return {
    startedAt: new Date(startedAtMs),
    finishedAt: new Date(finishedAtMs),
    jobMetrics: Object.fromEntries(jobs),
    tableMetrics: sumMetrics(files.map(({ job_id: job, table }) => [table, jobs.get(job) as WriterMetrics])),
  }
}

/** Sums of the metrics under one name. */
export function sumMetrics(metrics: Iterable<readonly [name: string, WriterMetrics]>): Record<string, WriterMetrics> {
  const sums = new Map<string, WriterMetrics>()
  for (const [name, one] of metrics) {
    const sum = sums.get(name)
    sums.set(name, {
      filePath: '',
      rows: (sum?.rows ?? 0) + one.rows,
      bytes: (sum?.bytes ?? 0) + one.bytes,
      files: (sum?.files ?? 0) + one.files,
      created: Math.min(sum?.created ?? Infinity, one.created),
      lastModified: Math.max(sum?.lastModified ?? 0, one.lastModified),
    })
  }
  return Object.fromEntries(sums)
}

async function fileTimes(path: string): Promise<Pick<WriterMetrics, 'created' | 'lastModified'>> {
  const { birthtimeMs, mtimeMs } = await stat(path)
  // Some file systems do not know when a file was made, and say 1970 or the time of its last change.
  const created = birthtimeMs > 0 ? Math.min(birthtimeMs, mtimeMs) : mtimeMs
  return { created: created / 1000, lastModified: mtimeMs / 1000 }
}

/** Metrics by name as rows in dlt's spelling; `key` is the column for the name. */
export function writerRows(
  metrics: Readonly<Record<string, WriterMetrics>>,
  key: 'job_id' | 'table_name' | 'resource_name',
  extra: Readonly<Record<string, unknown>>,
): Record<string, unknown>[] {
  return Object.entries(metrics).map(([name, one]) => ({
    ...extra,
    [key]: name,
    // The first part of a job's id is its table.
    ...(key === 'job_id' ? { table_name: name.split('.')[0] } : {}),
    file_path: one.filePath,
    items_count: one.rows,
    file_size: one.bytes,
    created: one.created,
    last_modified: one.lastModified,
    ...(key === 'job_id' ? {} : { files_count: one.files }),
  }))
}
