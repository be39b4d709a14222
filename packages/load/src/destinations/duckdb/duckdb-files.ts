import type { Column } from '@gantry/common'
import { quoteIdentifier } from '../../sql/identifier.ts'
import { quoteText } from '../../sql/literal.ts'
import { isGzip } from '../../files/open-file.ts'

/** Load files of one format, and where their rows go. */
export interface FilesToLoad {
  readonly paths: readonly string[]
  /** The table, qualified. */
  readonly into: string
  /** The table's columns; files may lack some of them. */
  readonly columns: readonly Column[]
  /** DuckDB's types of a query's columns, by name. */
  describe(query: string): Promise<ReadonlyMap<string, string>>
}

/** The statements that bring the rows of files of one format into their table, one after the other. */
export type FileStatements = (load: FilesToLoad) => AsyncIterable<string>

/**
 * `INSERT INTO … SELECT …` into all columns of the table.
 *
 * @param expression  gives the value of a column; undefined: the rows have none
 * @param from        what stands behind FROM
 */
export function insertSelect(
  load: FilesToLoad,
  expression: (column: Column) => string | undefined,
  from: string,
): string {
  const names = load.columns.map((column) => quoteIdentifier(column.name)).join(', ')
  const values = load.columns.map((column) => expression(column) ?? 'NULL').join(', ')
  return `INSERT INTO ${load.into} (${names}) SELECT ${values} FROM ${from}`
}

/** A call such as `read_json(['a', 'b'], format = 'auto')`. */
export function readCall(reader: string, paths: readonly string[], options: Readonly<Record<string, string>>): string {
  const list = Object.entries(options).map(([name, value]) => `, ${name} = ${value}`)
  // DuckDB would take a folder such as `day=3` above the files for a column.
  return `${reader}([${paths.map(quoteText).join(', ')}], hive_partitioning = false${list.join('')})`
}

/** In DuckDB's words. */
export type Compression = 'gzip' | 'uncompressed'

/** Files by their compression: a reader takes one for all its files. */
export async function byCompression(paths: readonly string[]): Promise<ReadonlyMap<Compression, readonly string[]>> {
  const groups = new Map<Compression, string[]>()
  for (const path of paths) {
    const compression = (await isGzip(path)) ? 'gzip' : 'uncompressed'
    groups.set(compression, [...(groups.get(compression) ?? []), path])
  }
  return groups
}
