import { readFileSync } from 'node:fs'

/** Without a limit of the container: enough for wide rows, and a process that stays below a gigabyte. */
const defaultLimitMb = 400
/** What Node itself, and DuckDB beside its buffers, may need. */
const reservedMb = 300

/**
 * DuckDB's `memory_limit`: `DESTINATION__DUCKDB__MEMORY_LIMIT` (such as `2GB`), else what the container's limit leaves,
 * else a fixed default. Beyond it DuckDB spills to disk.
 */
export function duckdbMemoryLimit(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['DESTINATION__DUCKDB__MEMORY_LIMIT']
  if (given !== undefined) return given
  for (const path of ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']) {
    const limitMb = tryReadNumber(path) / 1024 / 1024
    // Cgroup v1 says "no limit" by a number near 2^63.
    if (limitMb > 0 && limitMb < 1024 * 1024) return `${Math.max(128, Math.floor(limitMb - reservedMb))}MiB`
  }
  return `${defaultLimitMb}MiB`
}

function tryReadNumber(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'))
  } catch {
    return 0
  }
}
