import { isComplete, type Job, type JobFormat } from '@gantry/common'
import { JobFileFormatUnsupported } from '../../errors.ts'
import { qualifiedName } from '../../sql/identifier.ts'
import type { TableLoad } from '../destination.ts'
import { csvStatements } from './duckdb-csv.ts'
import type { FilesToLoad, FileStatements } from './duckdb-files.ts'
import { insertValuesStatements } from './duckdb-insert-values.ts'
import { jsonlStatements } from './duckdb-jsonl.ts'
import { parquetStatements } from './duckdb-parquet.ts'

/** How the files of each format come into their table. */
const formats: Readonly<Partial<Record<JobFormat, FileStatements>>> = {
  parquet: parquetStatements,
  insert_values: insertValuesStatements,
  jsonl: jsonlStatements,
  csv: csvStatements,
}

/** @throws {JobFileFormatUnsupported} DuckDB takes no file of this format */
export function checkFormat({ name, path }: Job): void {
  if (formats[name.format] !== undefined) return
  throw new JobFileFormatUnsupported(
    `${path} has format ${name.format}, which destination duckdb does not load; it takes ${Object.keys(formats).join(', ')}. ` +
      'Normalize the package again, or remove the file.',
    { path, format: name.format },
  )
}

/**
 * The statements that bring a table's files into it; each is asked for when the one before has run.
 *
 * @throws {LoadFileMalformed}
 */
export async function* loadStatements(
  dataset: string,
  load: Pick<TableLoad, 'table' | 'jobs'>,
  describe: FilesToLoad['describe'],
): AsyncGenerator<string> {
  const into = qualifiedName(dataset, load.table.name)
  const columns = [...load.table.columns.values()].filter(isComplete)
  for (const [format, statements] of Object.entries(formats)) {
    const paths = load.jobs.filter(({ name }) => name.format === format).map(({ path }) => path)
    if (paths.length > 0) yield* statements({ paths, into, columns, describe })
  }
}

/** Empties a table. Not TRUNCATE, which DuckDB treats as the same. */
export function deleteStatement(dataset: string, table: string): string {
  return `DELETE FROM ${qualifiedName(dataset, table)}`
}
