import type { ManifestFile } from '../storage/manifest.ts'

/** Rows and bytes of files; bytes as they are on disk. */
export interface WriterMetrics {
  readonly rows: number
  readonly bytes: number
  readonly files: number
}

/** What a step wrote into one load package. Times in milliseconds since 1970. */
export interface PackageMetrics {
  readonly startedAtMs: number
  readonly finishedAtMs: number
  /** By job id. */
  readonly jobs: Readonly<Record<string, WriterMetrics>>
  /** By table: the sum over its jobs. */
  readonly tables: Readonly<Record<string, WriterMetrics>>
}

export function packageMetrics(
  files: readonly ManifestFile[],
  startedAtMs: number,
  finishedAtMs: number,
): PackageMetrics {
  const jobs = new Map<string, WriterMetrics>()
  const tables = new Map<string, WriterMetrics>()
  for (const { job_id: job, table, rows, bytes } of files) {
    jobs.set(job, { rows, bytes, files: 1 })
    const sum = tables.get(table)
    tables.set(table, {
      rows: (sum?.rows ?? 0) + rows,
      bytes: (sum?.bytes ?? 0) + bytes,
      files: (sum?.files ?? 0) + 1,
    })
  }
  return { startedAtMs, finishedAtMs, jobs: Object.fromEntries(jobs), tables: Object.fromEntries(tables) }
}

/** The metrics in dlt's spelling. */
export function metricsDict({ startedAtMs, finishedAtMs, jobs, tables }: PackageMetrics): Record<string, unknown> {
  return {
    started_at: new Date(startedAtMs).toISOString(),
    finished_at: new Date(finishedAtMs).toISOString(),
    job_metrics: writerDicts(jobs),
    table_metrics: writerDicts(tables),
  }
}

function writerDicts(metrics: Readonly<Record<string, WriterMetrics>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, { rows, bytes }]) => [name, { items_count: rows, file_size: bytes }]),
  )
}
