import type { Capabilities } from '@gantry/common'
import { csvFormat } from './csv-format.ts'
import { HeaderWriter } from './header-writer.ts'
import { insertValuesFormat } from './insert-values-format.ts'
import { JsonlWriter } from './jsonl-writer.ts'
import { LoadFile } from './load-file.ts'
import { codecOf, type PageCompression } from './parquet/compression.ts'
import { ParquetWriter, type ParquetTable } from './parquet/parquet-writer.ts'
import type { RowWriter } from './row-writer.ts'
import { sqlLiterals } from './sql-literals.ts'
import { TypedJsonlWriter } from './typed-jsonl-writer.ts'

/** What a writer has to know of the destination. */
export type WriterCapabilities = Pick<Capabilities, 'decimalPrecision' | 'weiPrecision' | 'sqlLiterals'>

interface FormatWriter {
  /** Text can be gzipped as a whole; other formats compress within. */
  readonly isText: boolean
  open(file: LoadFile, capabilities: WriterCapabilities, context: WriterContext): RowWriter
}

/** What a writer has to know besides. */
export interface WriterContext {
  readonly table: WriterTable
  /** Of pages, where the format has pages. */
  readonly compression: PageCompression
}

/** What a writer has to know of its table. */
export interface WriterTable extends ParquetTable {
  /** Names of the columns that have a type by now, for formats in which each file names its columns. */
  completeColumns(): Iterable<string>
}

/** Formats in which normalize writes load files. */
export type WritableFormat = 'parquet' | 'insert_values' | 'jsonl' | 'typed-jsonl' | 'csv'

/** How each format is written. */
export const formatWriters: Readonly<Record<WritableFormat, FormatWriter>> = {
  insert_values: {
    isText: true,
    open: (file, capabilities, { table }) =>
      new HeaderWriter(file, insertValuesFormat(sqlLiterals[capabilities.sqlLiterals!]), table.completeColumns()),
  },
  jsonl: { isText: true, open: (file) => new JsonlWriter(file) },
  'typed-jsonl': { isText: true, open: (file) => new TypedJsonlWriter(file) },
  csv: { isText: true, open: (file, _, { table }) => new HeaderWriter(file, csvFormat, table.completeColumns()) },
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
