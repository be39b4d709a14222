import type { FileIds, LoadPackage, Logger, ManifestFile } from '@gantry/common'
import { JobWriter } from './job-writer.ts'
import type { Rows } from './resource.ts'
import { typedRowText, type RowNotes } from './typed-row.ts'

/** Rows of one line, dlt's `buffer_max_items`. */
const blockRows = 5000
/** A line is read as a whole, and a file can only be shared by workers at line ends; so it stays about this short. */
const blockChars = 1 << 20

/**
 * Writes rows from memory as dlt's `typed-jsonl`: each line is an array of rows.
 *
 * @param onRows  called with the rows written so far
 */
export async function writeRows(
  rows: Rows,
  table: string,
  package_: LoadPackage,
  fileIds: FileIds,
  options: { readonly signal: AbortSignal; readonly log: Logger; readonly onRows: (rows: number) => void },
): Promise<ManifestFile | undefined> {
  const writer = new JobWriter(package_, table, fileIds.next(), 'typed-jsonl')
  const notes: RowNotes = { notFinite: 0 }
  let count = 0
  let block: string[] = []
  let chars = 0
  const flush = async (): Promise<void> => {
    options.signal.throwIfAborted()
    if (block.length > 0) await writer.write(Buffer.from(`[${block.join(',')}]\n`))
    block = []
    chars = 0
    options.onRows(count)
  }
  const take = (row: unknown): void => {
    if (row === undefined || row === null) return
    const text = typedRowText(row, notes)
    block.push(text)
    chars += text.length
    count++
  }
  try {
    for await (const item of rows) {
      // A resource may yield pages of rows.
      if (Array.isArray(item)) for (const row of item) take(row)
      else take(item)
      if (block.length >= blockRows || chars >= blockChars) await flush()
    }
    await flush()
  } catch (error) {
    await writer.abandon()
    throw error
  }
  if (notes.notFinite > 0) {
    options.log.warn({ table, values: notes.notFinite }, 'NaN and infinite numbers were stored as null')
  }
  return writer.close(count)
}
