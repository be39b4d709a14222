import { createRequire } from 'node:module'
import type * as DuckDB from '@duckdb/node-api'
import { importDriver } from '../import-driver.ts'

/** The part of a DuckDB connection that Gantry uses; one of `@duckdb/node-api` fits. */
export interface DuckdbConnection {
  run(sql: string, values?: readonly string[]): Promise<unknown>
  runAndReadAll(sql: string, values?: readonly string[]): Promise<{ getRows(): unknown[][] }>
  stream(sql: string): Promise<DuckdbStream>
  /** Ends the statement that is running, with an error. */
  interrupt(): void
  closeSync(): void
}

/** A result that is read chunk by chunk. */
export interface DuckdbStream {
  columnNames(): readonly string[]
  columnTypes(): readonly { readonly alias?: string | undefined; toString(): string }[]
  yieldRows(): AsyncIterableIterator<unknown[][]>
}

interface DuckdbInstance {
  connect(): Promise<DuckdbConnection>
  closeSync(): void
}

/** An open database. */
export interface OpenDuckdb {
  connect(): Promise<DuckdbConnection>
  /** Closes it with all its connections. */
  close(): void
}

/** True for what a user may pass in place of credentials. */
export function isDuckdbConnection(value: unknown): value is DuckdbConnection {
  return typeof value === 'object' && value !== null && 'runAndReadAll' in value && 'stream' in value
}

/** The only place that loads the driver. @throws {MissingDriver} */
export function loadDuckdb(): Promise<typeof DuckDB> {
  // It is CommonJS, and `import()` would first search all its files for the names that they export: 0.2 s on Node 20.
  const require = createRequire(import.meta.url)
  return importDriver('duckdb', '@duckdb/node-api', () => require('@duckdb/node-api') as typeof DuckDB)
}

/** Opens a database file. @throws {MissingDriver} */
export async function openDuckdb(path: string, settings: Readonly<Record<string, string>>): Promise<OpenDuckdb> {
  const { DuckDBInstance } = await loadDuckdb()
  const instance = (await DuckDBInstance.create(path, { ...settings })) as unknown as DuckdbInstance
  return { connect: () => instance.connect(), close: () => instance.closeSync() }
}
