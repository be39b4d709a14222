import { quoteIdentifier } from '../identifier.ts'
import type { ChainTable } from './chain.ts'

/** Which staged rows say that their row is to be deleted: true in a column of booleans, else any value. */
export interface HardDelete {
  /** The column, quoted. */
  readonly column: string
  /** Conditions on rows under that alias. */
  deleted(alias: string): string
  kept(alias: string): string
}

/** By the column with the hint `hard_delete`; undefined where there is none (dlt `dlt/destinations/sql_jobs.py`). */
export function hardDeleteOf({ columns }: ChainTable): HardDelete | undefined {
  const found = columns.find((column) => column.hard_delete === true)
  if (found === undefined) return undefined
  const column = quoteIdentifier(found.name)
  return found.data_type === 'bool'
    ? {
        column,
        deleted: (alias) => `${alias}.${column} = TRUE`,
        kept: (alias) => `(${alias}.${column} IS NULL OR ${alias}.${column} = FALSE)`,
      }
    : {
        column,
        deleted: (alias) => `${alias}.${column} IS NOT NULL`,
        kept: (alias) => `${alias}.${column} IS NULL`,
      }
}
