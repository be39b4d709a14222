import { InvalidUsage } from '@gantry/common'
import { codecOf, pageCompressions, type PageCompression } from './writers/parquet/compression.ts'
import type { FileLimits } from './writers/table-writer.ts'

/** How load files are written; plain data, so that it can cross to a worker thread. */
export interface OutputOptions {
  /** Load file format for tables that name none themselves; undefined: what the destination prefers. */
  readonly format?: string | undefined
  /** Text formats are gzipped. */
  readonly isCompressed?: boolean
  /** Of pages in Parquet files; none by default. */
  readonly compression?: PageCompression
  readonly limits?: FileLimits
  /** Bytes that a worker keeps in memory over all its load files; beyond it the largest are written out. */
  readonly bufferBytes?: number | undefined
}

/** Bytes of load files that a worker keeps in memory where nothing else is said. */
export const defaultBufferBytes = 48_000_000

/**
 * The settings of `[normalize]` under their names in the environment (dlt `dlt/common/data_writers/buffered.py`, and
 * `buffer_max_bytes` and `compression`, which are Gantry's own).
 *
 * @throws {InvalidUsage} a setting that cannot be
 */
export function outputOptions(env: NodeJS.ProcessEnv = process.env): OutputOptions {
  const setting = (name: string): string | undefined =>
    env[`NORMALIZE__DATA_WRITER__${name}`] ?? env[`DATA_WRITER__${name}`]
  return {
    format: env['NORMALIZE__LOADER_FILE_FORMAT'],
    isCompressed: setting('DISABLE_COMPRESSION')?.toLowerCase() === 'false',
    compression: compressionOf(setting('COMPRESSION')),
    limits: {
      maxItems: countOf('FILE_MAX_ITEMS', setting('FILE_MAX_ITEMS')),
      maxBytes: countOf('FILE_MAX_BYTES', setting('FILE_MAX_BYTES')),
    },
    bufferBytes: countOf('BUFFER_MAX_BYTES', setting('BUFFER_MAX_BYTES')),
  }
}

function countOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new InvalidUsage(`NORMALIZE__DATA_WRITER__${name} takes a whole number from 1, not "${text}".`, { name })
}

function compressionOf(text: string | undefined): PageCompression {
  const compression = pageCompressions.find((known) => known === (text ?? 'none').toLowerCase())
  if (compression !== undefined) {
    codecOf(compression)
    return compression
  }
  throw new InvalidUsage(
    `NORMALIZE__DATA_WRITER__COMPRESSION takes one of ${pageCompressions.join(', ')}, not "${text}".`,
    { name: 'COMPRESSION' },
  )
}
