import type { Column, Table } from '@gantry/common'

/*
 * A root table with the tables below it, whose rows of this load wait in staging tables. How they get from there into
 * their tables is what a strategy says.
 */

/** One table of a chain. */
export interface ChainTable {
  readonly table: Table
  /** Complete columns in the order of the schema. Table and staging table both have them. */
  readonly columns: readonly Column[]
  /** The table, qualified and quoted. */
  readonly name: string
  /** Its staging table, qualified and quoted; it holds the rows of this load and no other. */
  readonly staging: string
}

export interface Chain {
  readonly root: ChainTable
  /** Tables below the root, parents first. */
  readonly nested: readonly ChainTable[]
  /** When the load package was made, ISO 8601 in UTC: the boundary between two versions of a row. */
  readonly createdAt: string
}

/**
 * Statements that run in one transaction, in this order. Those of several chains may share it: then all that prepare
 * come before all that apply, because DuckDB takes no DDL after rows of an existing table have changed.
 */
export interface ChainStatements {
  /** Temporary tables and the like. Reads tables, changes no row of them. */
  readonly prepare: readonly string[]
  readonly apply: readonly string[]
  /** Drops what was prepared; after the commit, or never where the connection ends. */
  readonly cleanUp: readonly string[]
}
