import type { Column, Job, Table } from '@gantry/common'
import type { ReadOptions, Row } from '../destinations/destination.ts'
import type { Dialect } from './dialect.ts'

/*
 * What the loader needs of an SQL engine. Everything above it (migrations, the ledger, write dispositions, the record of
 * loads, state) is written once, in statements that the dialect spells.
 */

/** An open engine. Connections that are still open end with it. */
export interface SqlEngine extends AsyncDisposable {
  /** Name of the destination's type, such as `postgres`. */
  readonly name: string
  /** Where the data goes, without secrets. */
  readonly location: string
  readonly dialect: Dialect
  /**
   * What is committed at once where nothing fails: the package as a whole, on one connection; or each table chain on its
   * own, jobs in parallel.
   */
  readonly commits: 'package' | 'chain'
  connect(): Promise<SqlConnection>
  /**
   * Ends the statements that are running, with an error; from then on connections take none but those that undo. For a
   * stage that shall stop and may not wait for a long statement.
   */
  interrupt(): Promise<void>
  /**
   * Holds a name for this process until it is disposed, or the process dies.
   *
   * @throws {DestinationLocked} another one holds it; says who, as far as the engine knows
   */
  lock(name: string): Promise<AsyncDisposable>
}

/** One session. Outside a transaction, each statement commits. */
export interface SqlConnection extends AsyncDisposable {
  /** @throws {DatabaseTerminalError | DatabaseTransientError | DestinationConnectionError} as the engine's error means */
  run(sql: string): Promise<void>
  /** The rows of a small result, each an array. Integers are bigint or number, everything else as the driver has it. */
  query(sql: string): Promise<readonly (readonly unknown[])[]>
  /**
   * Commits what `work` does, or undoes it.
   *
   * @param doing  what for, for messages: `loading a package`
   */
  transaction<Result>(doing: string, work: () => Promise<Result>): Promise<Result>
  /** Brings load files into a table, within the transaction at hand. @returns the rows that came in */
  copy(files: FilesToCopy): Promise<number>
  /** The rows of a table, streamed. `columns` are names and types as the catalogue has them. */
  rows(table: string, columns: readonly CatalogColumn[], options?: ReadOptions): AsyncIterable<Row>
}

/** Load files of one table. */
export interface FilesToCopy {
  readonly table: Table
  /** Complete columns of the table; files may lack some of them. */
  readonly columns: readonly Column[]
  readonly jobs: readonly Job[]
  /** Where the rows go, qualified and quoted: the table, or its staging table, which has the same columns. */
  readonly into: string
}

/** A column as the engine's catalogue has it. */
export interface CatalogColumn {
  readonly name: string
  readonly type: string
}
