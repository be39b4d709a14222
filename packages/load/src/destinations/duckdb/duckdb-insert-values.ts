import { readInsertValues } from '../../files/insert-values.ts'
import { quoteIdentifier } from '../../sql/identifier.ts'
import type { FilesToLoad } from './duckdb-files.ts'

/** Rows that DuckDB gets at once: larger statements take far more memory and are no faster. */
const statementBytes = 1 << 19

/** Statements of the files' own literals. A column that the table does not have is refused by DuckDB. */
export async function* insertValuesStatements(load: FilesToLoad): AsyncGenerator<string> {
  for (const path of load.paths) {
    for await (const { columns, rows } of readInsertValues(path, statementBytes)) {
      // A row without columns is one of nulls.
      const names = columns.length > 0 ? columns : load.columns.slice(0, 1).map(({ name }) => name)
      const values = columns.length > 0 ? withoutNul(rows) : rows.replaceAll('()', '(NULL)')
      yield `INSERT INTO ${load.into} (${names.map(quoteIdentifier).join(', ')}) VALUES ${values}`
    }
  }
}

/** DuckDB ends a statement at a NUL, which Python dlt leaves in its texts; `E'…'` is the only place for one. */
function withoutNul(rows: string): string {
  return rows.includes('\0') ? rows.replaceAll('\0', "'||chr(0)||E'") : rows
}
