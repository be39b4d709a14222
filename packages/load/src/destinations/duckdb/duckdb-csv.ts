import type { Column } from '@gantry/common'
import { checkColumns } from '../../files/check-columns.ts'
import { readCsvHeader } from '../../files/csv-header.ts'
import { quoteIdentifier } from '../../sql/identifier.ts'
import { quoteText } from '../../sql/literal.ts'
import { byCompression, insertSelect, readCall, type FilesToLoad } from './duckdb-files.ts'
import { rowLimitBytes } from './duckdb-row-size.ts'
import { duckdbType } from './duckdb-types.ts'

/*
 * CSV load files say by their header which columns they have; files with the same header are read together. DuckDB
 * guesses nothing: all cells are text, null is a cell without anything, and each value is cast.
 */

export async function* csvStatements(load: FilesToLoad): AsyncGenerator<string> {
  for (const [compression, paths] of await byCompression(load.paths)) {
    for (const { names, files } of await byHeader(paths)) {
      checkColumns(names, load.columns, files[0] as string)
      // Rows without columns are lines without text, which can be read as one column.
      const forms = (names.length === 0 ? ['row'] : names).map((name) => `${quoteText(name)}: 'VARCHAR'`)
      const rowBytes = await rowLimitBytes(files, compression, true)
      const call = readCall('read_csv', files, {
        auto_detect: 'false',
        header: 'true',
        delim: "','",
        quote: `'"'`,
        escape: `'"'`,
        nullstr: "''",
        allow_quoted_nulls: 'false',
        // Several threads would each look for the next line in the midst of a file, where it may be within quotes.
        parallel: 'false',
        compression: quoteText(compression),
        columns: `{${forms.join(', ')}}`,
        max_line_size: String(rowBytes),
        buffer_size: String(rowBytes * 2),
      })
      const present = new Set(names)
      yield insertSelect(load, (column) => (present.has(column.name) ? valueOf(column) : undefined), call)
    }
  }
}

async function byHeader(paths: readonly string[]): Promise<Iterable<{ names: readonly string[]; files: string[] }>> {
  const groups = new Map<string, { names: readonly string[]; files: string[] }>()
  for (const path of paths) {
    const names = await readCsvHeader(path)
    const key = JSON.stringify(names)
    const group = groups.get(key) ?? { names, files: [] }
    group.files.push(path)
    groups.set(key, group)
  }
  return groups.values()
}

function valueOf(column: Column): string {
  const name = quoteIdentifier(column.name)
  const type = duckdbType(column)
  if (type === 'BLOB') return bytesOf(name)
  return type === 'VARCHAR' ? name : `CAST(${name} AS ${type})`
}

/** `\x` and hexadecimal digits; other text is the bytes themselves, as dlt writes them where they are UTF-8. */
function bytesOf(name: string): string {
  return `CASE WHEN starts_with(${name}, '\\x') THEN unhex(substr(${name}, 3)) ELSE encode(${name}) END`
}
