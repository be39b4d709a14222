import type { Capabilities } from '@gantry/common'
import { csvFormat } from './csv-format.ts'
import { HeaderWriter } from './header-writer.ts'
import { insertValuesFormat } from './insert-values-format.ts'
import { JsonlWriter } from './jsonl-writer.ts'
import { LoadFile } from './load-file.ts'
import type { RowWriter } from './row-writer.ts'
import { duckdbLiterals } from './sql-literals.ts'

/** What a writer has to know of the destination. */
export type WriterCapabilities = Pick<Capabilities, 'decimalPrecision' | 'weiPrecision'>

interface FormatWriter {
  /** Text can be gzipped as a whole; other formats compress within. */
  readonly isText: boolean
  /** @param known  names of the table's columns so far, for formats in which each file names its columns */
  open(file: LoadFile, capabilities: WriterCapabilities, known: Iterable<string>): RowWriter
}

/** Formats in which normalize writes load files. */
export type WritableFormat = 'insert_values' | 'jsonl' | 'csv'

/** How each format is written. */
export const formatWriters: Readonly<Record<WritableFormat, FormatWriter>> = {
  insert_values: {
    isText: true,
    open: (file, _, known) => new HeaderWriter(file, insertValuesFormat(duckdbLiterals), known),
  },
  jsonl: { isText: true, open: (file) => new JsonlWriter(file) },
  csv: { isText: true, open: (file, _, known) => new HeaderWriter(file, csvFormat, known) },
}

/** A writer for a new load file of the format. */
export function openWriter(
  format: WritableFormat,
  path: string,
  capabilities: WriterCapabilities,
  known: Iterable<string>,
): RowWriter {
  return formatWriters[format].open(new LoadFile(path), capabilities, known)
}
