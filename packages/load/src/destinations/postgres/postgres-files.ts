import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { jobFolders, type Column, type Job, type JobFormat } from '@gantry/common'
import { LoadFileMalformed } from '../../errors.ts'
import { checkColumns } from '../../files/check-columns.ts'
import { readCsvHeader } from '../../files/csv-header.ts'
import { readInsertValues } from '../../files/insert-values.ts'
import { readFile } from '../../files/open-file.ts'
import { quoteIdentifier } from '../../sql/identifier.ts'

/** What brings a load file into its table. Both ways say how many rows came in. */
export interface LoadSession {
  /** Runs `COPY … FROM STDIN` with these bytes. */
  copyIn(sql: string, bytes: AsyncIterable<Buffer>): Promise<number>
  /** Runs one INSERT. */
  insert(sql: string): Promise<number>
}

/** Where rows go, and which columns they may have. */
export interface LoadInto {
  /** The table, qualified and quoted. */
  readonly into: string
  readonly columns: readonly Column[]
}

/** How the files of each format come into their table. */
const formats: Readonly<
  Partial<Record<JobFormat, (session: LoadSession, target: LoadInto, job: Job) => Promise<number>>>
> = {
  csv: loadCsv,
  insert_values: loadInsertValues,
}

/** Loads one file, of a format that the destination takes. @returns its rows @throws {LoadFileMalformed} */
export function loadFile(session: LoadSession, target: LoadInto, job: Job): Promise<number> {
  const load = formats[job.name.format]
  if (load === undefined) throw new TypeError(`postgres loads no files of format ${job.name.format}`)
  return load(session, target, job)
}

/**
 * CSV goes to the server as it lies in the file. In Gantry's files null is nothing at all and `""` the empty text; in
 * those of Python dlt both are `""`, which is null wherever the column may be null, as dlt has it.
 */
async function loadCsv(session: LoadSession, { into, columns }: LoadInto, job: Job): Promise<number> {
  const header = await readCsvHeader(job.path)
  // Lines without text are rows without columns, and one null as well.
  const names = header.length > 0 ? header : columns.slice(0, 1).map(({ name }) => name)
  checkColumns(names, columns, job.path)
  const options = ['FORMAT csv', 'HEADER true', "ENCODING 'UTF8'"]
  if (isOfPythonDlt(job)) {
    const nullable = columns.filter(({ name, nullable: may }) => may !== false && names.includes(name))
    if (nullable.length > 0)
      options.push(`FORCE_NULL (${nullable.map(({ name }) => quoteIdentifier(name)).join(', ')})`)
  }
  const list = names.map(quoteIdentifier).join(', ')
  return session.copyIn(`COPY ${into} (${list}) FROM STDIN WITH (${options.join(', ')})`, readLoadFile(job.path))
}

/** Bytes of rows in one INSERT. */
const statementBytes = 1 << 19

async function loadInsertValues(session: LoadSession, { into, columns }: LoadInto, job: Job): Promise<number> {
  let count = 0
  for await (const { columns: header, rows } of readInsertValues(job.path, statementBytes)) {
    // A row without columns is one of nulls.
    const names = header.length > 0 ? header : columns.slice(0, 1).map(({ name }) => name)
    checkColumns(names, columns, job.path)
    const values = header.length > 0 ? withoutNul(rows) : rows.replaceAll('()', '(NULL)')
    count += await session.insert(`INSERT INTO ${into} (${names.map(quoteIdentifier).join(', ')}) VALUES ${values}`)
  }
  return count
}

/** A NUL would end the statement. Escaped, as Python dlt leaves it in no text but `E'…'`, the server refuses it by name. */
function withoutNul(rows: string): string {
  return rows.includes('\0') ? rows.replaceAll('\0', '\\x00') : rows
}

async function* readLoadFile(path: string): AsyncGenerator<Buffer> {
  try {
    yield* readFile(path)
  } catch (cause) {
    throw new LoadFileMalformed(
      `${path} cannot be read: ${(cause as Error).message}. Normalize its package again.`,
      { path },
      { cause },
    )
  }
}

/** True for a file in a package without the manifest that Gantry puts into each. */
function isOfPythonDlt({ path }: Job): boolean {
  const folder = dirname(path)
  const isInPackage = jobFolders.some((name) => name === basename(folder))
  return isInPackage && !existsSync(join(dirname(folder), 'manifest.json'))
}
