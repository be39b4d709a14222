import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { textOf } from '@gantry/common'
import type { OpenDestination } from '../destination.ts'

/** Without a limit of the container: enough for tables of hundreds of columns, in a process well below a gigabyte. */
const defaultLimitMb = 400
/** What Node itself, and DuckDB beside its buffers, may need. */
const reservedMb = 300
/** Readers of text hold a few of the longest rows that there may be. */
const threadMb = 400
/**
 * Each thread holds the rows of an unfinished row group of its own until the transaction ends, some 16 bytes a value: 1 GB
 * of rows with 209 columns loaded under 250 MiB with one thread, and ran out of 400 MiB with two.
 */
const parquetColumnMb = 2
const parquetThreadMb = 100

/** By what the load of a package stays within its memory. */
export interface DuckdbMemory {
  /** DuckDB's `memory_limit`. */
  readonly limit: string
  /** Whatever is done. */
  readonly threads: number
  /** For Parquet files that go into a table of so many columns. */
  threadsForParquet(columns: number): number
}

/**
 * The limit is `DESTINATION__DUCKDB__MEMORY_LIMIT` (such as `2GB`), else what the container's limit leaves, else a fixed
 * default. Beyond it DuckDB spills to disk what it can. The number of threads follows from it.
 */
export function duckdbMemory(
  { reference: { name }, configuration }: Pick<OpenDestination, 'reference' | 'configuration'>,
  cores: number = availableParallelism(),
): DuckdbMemory {
  const given = textOf(configuration.find('memory_limit', [['destination', name], ['destination']]))
  const limit = given ?? `${containerLimitMb() ?? defaultLimitMb}MiB`
  const limitMb = tryMegabytes(limit) ?? defaultLimitMb
  const threadsOf = (megabytes: number): number => Math.max(1, Math.min(cores, Math.floor(limitMb / megabytes)))
  return {
    limit,
    threads: threadsOf(threadMb),
    threadsForParquet: (columns) => threadsOf(Math.max(parquetThreadMb, columns * parquetColumnMb)),
  }
}

function containerLimitMb(): number | undefined {
  for (const path of ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']) {
    const limitMb = tryReadNumber(path) / 1024 / 1024
    // Cgroup v1 says "no limit" by a number near 2^63.
    if (limitMb > 0 && limitMb < 1024 * 1024) return Math.max(128, Math.floor(limitMb - reservedMb))
  }
  return undefined
}

/** `2GB`, `600 MiB`; undefined for a form that only DuckDB knows, such as a percentage. */
function tryMegabytes(text: string): number | undefined {
  const found = /^\s*(\d+(?:\.\d+)?)\s*([KMGT])i?B\s*$/i.exec(text)
  if (found === null) return undefined
  const scale = { K: 1 / 1024, M: 1, G: 1024, T: 1024 * 1024 }[
    (found[2] as string).toUpperCase() as 'K' | 'M' | 'G' | 'T'
  ]
  return Number(found[1]) * scale
}

function tryReadNumber(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'))
  } catch {
    return 0
  }
}
