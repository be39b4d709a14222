import { TerminalError } from '../errors.ts'
import { canBeInFileName } from './file-name.ts'

/** Formats a job file can have, dlt's and Gantry's raw copy of a JSONL input (`ndjson`). */
export const jobFormats = [
  'typed-jsonl',
  'ndjson',
  'jsonl',
  'insert_values',
  'parquet',
  'csv',
  'model',
  'sql',
  'reference',
] as const
export type JobFormat = (typeof jobFormats)[number]

/**
 * The name of a job file, `<table>.<file_id>.<retry>.<format>[.gz]`
 * (`dlt/common/storages/load_package.py`, `ParsedLoadJobFileName`).
 */
export interface JobFileName {
  readonly table: string
  /** 10 lower-case hexadecimal digits, ascending within a package. */
  readonly fileId: string
  readonly retry: number
  readonly format: JobFormat
  readonly isGzip: boolean
}

/** A file in a job folder whose name says neither table nor format. */
export class InvalidJobFileName extends TerminalError {
  override readonly code = 'invalid_job_file_name'
}

/** @throws {InvalidJobFileName} */
export function parseJobFileName(name: string): JobFileName {
  const parts = name.split('.')
  const isGzip = parts.length === 5 && parts[4] === 'gz'
  const [table, fileId, retry, format] = parts
  if (
    (parts.length !== 4 && !isGzip) ||
    !table ||
    !fileId ||
    !/^\d+$/.test(retry ?? '') ||
    !(jobFormats as readonly string[]).includes(format ?? '')
  ) {
    throw new InvalidJobFileName(
      `"${name}" is no job file of the form <table>.<file id>.<retry>.<format>. Remove it from the package.`,
      { name },
    )
  }
  return { table, fileId, retry: Number(retry), format: format as JobFormat, isGzip }
}

/** Bytes that file systems allow a name. */
const maxNameBytes = 255

/**
 * The file's name; the inverse of {@link parseJobFileName}.
 *
 * @throws {InvalidJobFileName} the table's name cannot be part of a file's on every system, or is too long for it
 */
export function printJobFileName(name: JobFileName): string {
  if (!canBeInFileName(name.table)) {
    throw new InvalidJobFileName(
      `Table "${name.table}" cannot have files: its name holds a character that file names must not have. ` +
        'Rename the field, or use the naming convention snake_case.',
      { table: name.table },
    )
  }
  const text = `${name.table}.${name.fileId}.${name.retry}.${name.format}${name.isGzip ? '.gz' : ''}`
  const bytes = Buffer.byteLength(text)
  if (bytes > maxNameBytes) {
    throw new InvalidJobFileName(
      `Table "${name.table}" cannot have files: with its name a file's would have ${bytes} bytes, and file systems ` +
        `allow ${maxNameBytes}. Open fewer levels of nested lists (max_nesting), or rename the fields on the way.`,
      { table: name.table },
    )
  }
  return text
}

/** The name without its retry count: it stays the same over retries. */
export function jobId(name: JobFileName): string {
  return `${name.table}.${name.fileId}.${name.format}${name.isGzip ? '.gz' : ''}`
}
