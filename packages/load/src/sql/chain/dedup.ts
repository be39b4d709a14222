import type { Column } from '@gantry/common'
import { quoteIdentifier } from '../identifier.ts'
import type { ChainTable } from './chain.ts'

/** Rows of a group are numbered by this column. */
const rank = '"_dlt_dedup_rank"'

/**
 * The staged rows of a table, one for each value of `keys`: the first by the column with the hint `dedup_sort`, else any.
 * As what stands behind FROM.
 *
 * @param list  columns that are wanted, quoted
 */
export function firstOfEach(table: ChainTable, keys: readonly string[], list: string, alias: string): string {
  const by = keys.join(', ')
  return (
    `(SELECT ${list} FROM (SELECT ROW_NUMBER() OVER (PARTITION BY ${by} ORDER BY ${sortOf(table)}) AS ${rank}, ${list} ` +
    `FROM ${table.staging}) AS ranked WHERE ${rank} = 1) AS ${alias}`
  )
}

/** True where the staged rows are said to be one for each key already. */
export function isDeduplicated({ table }: ChainTable): boolean {
  return table.hints['x-stage-data-deduplicated'] === true
}

function sortOf({ columns }: ChainTable): string {
  const sorted = columns.find((column: Column) => column.dedup_sort != null)
  if (sorted === undefined) return '(SELECT NULL)'
  return `${quoteIdentifier(sorted.name)} ${String(sorted.dedup_sort).toUpperCase() === 'DESC' ? 'DESC' : 'ASC'}`
}
