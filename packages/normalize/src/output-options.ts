import { choiceOf, countOf, flagOf, textOf, type Configuration, type Setting } from '@gantry/common'
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
 * The settings of `[normalize]` (dlt `dlt/common/data_writers/buffered.py`, and
 * `buffer_max_bytes` and `compression`, which are Gantry's own).
 *
 * @throws {InvalidUsage} a setting that cannot be
 */
export function outputOptions(configuration: Configuration): OutputOptions {
  const setting = (key: string): Setting | undefined =>
    configuration.find(key, [['normalize', 'data_writer'], ['data_writer']])
  const compression = choiceOf(setting('compression'), pageCompressions) ?? 'none'
  codecOf(compression)
  return {
    format: textOf(configuration.find('loader_file_format', [['normalize']])),
    isCompressed: flagOf(setting('disable_compression')) === false,
    compression,
    limits: {
      maxItems: countOf(setting('file_max_items'), 1),
      maxBytes: countOf(setting('file_max_bytes'), 1),
    },
    bufferBytes: countOf(setting('buffer_max_bytes'), 1),
  }
}
