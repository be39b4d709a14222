import type { Capabilities } from '@gantry/common'
import { JsonlWriter } from './jsonl-writer.ts'
import { LoadFile } from './load-file.ts'
import { codecOf, type PageCompression } from './parquet/compression.ts'
import { ParquetWriter, type ParquetTable } from './parquet/parquet-writer.ts'
import type { RowWriter } from './row-writer.ts'

/** What a writer has to know of the destination. */
export type WriterCapabilities = Pick<Capabilities, 'decimalPrecision' | 'weiPrecision'>

interface FormatWriter {
  /** Text can be gzipped as a whole; other formats compress within. */
  readonly isText: boolean
  open(file: LoadFile, capabilities: WriterCapabilities, context: WriterContext): RowWriter
}

/** What a writer has to know besides. */
export interface WriterContext {
  readonly table: ParquetTable
  /** Of pages, where the format has pages. */
  readonly compression: PageCompression
}

/** Formats in which normalize writes load files. */
export type WritableFormat = 'jsonl' | 'parquet'

/** How each format is written. */
export const formatWriters: Readonly<Record<WritableFormat, FormatWriter>> = {
  jsonl: { isText: true, open: (file) => new JsonlWriter(file) },
  parquet: {
    isText: false,
    open: (file, capabilities, { table, compression }) =>
      new ParquetWriter(file, table, codecOf(compression), capabilities),
  },
}

/** A writer for a new load file of the format. */
export function openWriter(
  format: WritableFormat,
  path: string,
  capabilities: WriterCapabilities,
  context: WriterContext,
): RowWriter {
  return formatWriters[format].open(new LoadFile(path), capabilities, context)
}
