import type { JobFormat } from '@gantry/common'
import type { FilesToCopy } from '../../sql/engine.ts'
import { csvStatements } from './duckdb-csv.ts'
import type { FilesToLoad, FileStatements } from './duckdb-files.ts'
import { insertValuesStatements } from './duckdb-insert-values.ts'
import { jsonlStatements } from './duckdb-jsonl.ts'
import type { DuckdbMemory } from './duckdb-memory.ts'
import { parquetStatements } from './duckdb-parquet.ts'

/** How the files of each format come into their table. */
const formats: Readonly<Partial<Record<JobFormat, FileStatements>>> = {
  parquet: parquetStatements,
  insert_values: insertValuesStatements,
  jsonl: jsonlStatements,
  csv: csvStatements,
}

/**
 * The statements that bring a table's files into it; each is asked for when the one before has run.
 *
 * @param memory  says how many threads they may have; without, they have those of the connection
 * @throws {LoadFileMalformed}
 */
export async function* loadStatements(
  { jobs, columns, into }: FilesToCopy,
  describe: FilesToLoad['describe'],
  memory?: DuckdbMemory,
): AsyncGenerator<string> {
  for (const [format, statements] of Object.entries(formats)) {
    const paths = jobs.filter(({ name }) => name.format === format).map(({ path }) => path)
    if (paths.length === 0) continue
    const files = statements({ paths, into, columns, describe })
    if (format !== 'parquet' || memory === undefined) yield* files
    else {
      yield `SET threads = ${memory.threadsForParquet(columns.length)}`
      yield* files
      yield `SET threads = ${memory.threads}`
    }
  }
}
