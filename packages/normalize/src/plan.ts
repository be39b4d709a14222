import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import type { Job, Manifest } from '@gantry/common'
import type { RangeTask } from './range-messages.ts'

/** A range of an extracted file, in the order in which a single reader would come to it. */
export type PlannedRange = Pick<
  RangeTask,
  'path' | 'isGzip' | 'format' | 'table' | 'start' | 'end' | 'expected' | 'source'
> & {
  readonly bytes: number
}

/** Below this much input one worker in the process's main thread is as fast as any pool. */
const poolFromBytes = 128_000_000

/** How large the ranges of a file are, in bytes. */
export interface RangeSizes {
  /** The first range is short: what it finds seeds the schema that the others begin with, so that they rarely disagree. */
  readonly seed: number
  readonly min: number
  readonly max: number
}

const usualSizes: RangeSizes = { seed: 4_000_000, min: 16_000_000, max: 128_000_000 }

/** Few, since each range makes files of its own, and an engine takes in a few large files faster than many small ones. */
const rangesPerWorker = 2

/** Memory that a worker needs at most, for the number of workers to follow from a memory limit. */
const workerBytes = 256 * 1024 * 1024

export interface WorkPlan {
  readonly workers: number
  readonly ranges: readonly PlannedRange[]
}

/**
 * Cuts a package's files into ranges.
 *
 * @param jobs     in the order in which they are read
 * @param workers  wanted number of workers; undefined: what cores, CPU quota and memory allow, and one for small input
 * @param sizes    of ranges where there are several workers
 */
export async function planWork(
  jobs: readonly Job[],
  manifest: Manifest | undefined,
  workers: number | undefined,
  sizes: RangeSizes = usualSizes,
): Promise<WorkPlan> {
  const files = await Promise.all(jobs.map(async (job) => ({ job, bytes: (await stat(job.path)).size })))
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const count = workers ?? (total < poolFromBytes ? 1 : availableWorkers())
  const size = Math.min(sizes.max, Math.max(sizes.min, Math.ceil(total / (count * rangesPerWorker))))
  const ranges: PlannedRange[] = []
  for (const { job, bytes } of files) {
    const written = manifest?.files.find((file) => file.job_id === job.id)
    const source = written?.source
    const base = {
      path: job.path,
      isGzip: job.name.isGzip,
      format: job.name.format === 'ndjson' ? ('ndjson' as const) : ('typed-jsonl' as const),
      table: job.name.table,
      ...(source === undefined ? {} : { source }),
    }
    if (count === 1 || job.name.isGzip || bytes <= sizes.seed) {
      // Of a compressed file, the reader does not see the bytes themselves.
      const expected = job.name.isGzip ? undefined : written && { bytes: written.bytes, sha256: written.sha256 }
      ranges.push({ ...base, start: 0, bytes, ...(expected === undefined ? {} : { expected }) })
      continue
    }
    for (let start = 0; start < bytes;) {
      const length = start === 0 ? sizes.seed : size
      // A short rest goes with the range before it.
      const end = start + length + sizes.min / 4 >= bytes ? bytes : start + length
      ranges.push({ ...base, start, end, bytes: end - start })
      start = end
    }
  }
  return { workers: Math.max(1, Math.min(count, ranges.length)), ranges }
}

/** As many workers as there are cores, CPU quota and memory for. */
function availableWorkers(): number {
  const memory = Math.floor(memoryLimit() / 2 / workerBytes)
  return Math.max(1, Math.min(availableParallelism(), cpuQuota(), memory))
}

/** CPUs that the container may use (cgroup v2 `cpu.max`, v1 `cpu.cfs_quota_us`), rounded up. */
function cpuQuota(): number {
  const v2 = tryRead('/sys/fs/cgroup/cpu.max')?.split(/\s+/)
  const quota = Number(v2?.[0] ?? tryRead('/sys/fs/cgroup/cpu/cpu.cfs_quota_us'))
  const period = Number(v2?.[1] ?? tryRead('/sys/fs/cgroup/cpu/cpu.cfs_period_us'))
  return quota > 0 && period > 0 ? Math.ceil(quota / period) : Infinity
}

/** Memory in bytes that the container, or else the machine, has. */
function memoryLimit(): number {
  const limit = Number(tryRead('/sys/fs/cgroup/memory.max') ?? tryRead('/sys/fs/cgroup/memory/memory.limit_in_bytes'))
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}
