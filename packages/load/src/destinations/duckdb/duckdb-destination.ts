import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  namingConvention,
  stringifySchema,
  systemNames,
  TerminalError,
  type Job,
  type Schema,
  type SystemNames,
  type Table,
} from '@gantry/common'
import { LoadJobFailed, UnknownTable } from '../../errors.ts'
import { planMigration, type Catalog } from '../../migrate/plan.ts'
import { qualifiedName, quoteIdentifier } from '../../sql/identifier.ts'
import { quoteText } from '../../sql/literal.ts'
import type {
  Destination,
  MigrationResult,
  OpenDestination,
  PackageUnit,
  ReadOptions,
  Row,
  TableLoad,
} from '../destination.ts'
import { duckdbTarget } from './duckdb-config.ts'
import { duckdbDialect } from './duckdb-dialect.ts'
import { openDuckdb, type DuckdbConnection } from './duckdb-driver.ts'
import { classifyDuckdbError, wrapDuckdbError } from './duckdb-errors.ts'
import { checkFormat, deleteStatement, loadStatements } from './duckdb-load.ts'
import { duckdbMemory } from './duckdb-memory.ts'
import { readRows, selectRows } from './duckdb-rows.ts'

/*
 * DuckDB takes a package as a whole: one connection, one transaction for the migration and one for all rows together
 * with the record of the load.
 */

/** Opens the database file, or takes the user's connection. */
export async function open(options: OpenDestination): Promise<Destination> {
  const target = duckdbTarget(options)
  if ('connection' in target) {
    return new DuckdbDestination(target.connection, options.datasetName, 'a connection of the program', () => undefined)
  }
  const { path } = target
  try {
    if (options.access === 'load') await mkdir(dirname(path), { recursive: true })
    const settings: Record<string, string> = { ...duckdbMemory(), preserve_insertion_order: 'false' }
    if (options.access === 'read') settings['access_mode'] = 'READ_ONLY'
    const { connection, close } = await openDuckdb(path, settings)
    await connection.run("SET TimeZone = 'UTC'")
    return new DuckdbDestination(connection, options.datasetName, path, close)
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw error
    throw wrapDuckdbError(error, 'opening the database', path)
  }
}

class DuckdbDestination implements Destination {
  readonly name = 'duckdb'
  readonly datasetName: string
  readonly location: string
  readonly #connection: DuckdbConnection
  readonly #path: string
  readonly #close: () => void

  constructor(connection: DuckdbConnection, datasetName: string, path: string, close: () => void) {
    this.#connection = connection
    this.datasetName = datasetName
    this.#path = path
    this.location = path.startsWith('/') ? `duckdb:///${path}` : path
    this.#close = close
  }

  async hasLoad(loadId: string, schema: Schema): Promise<boolean> {
    const { loadsTable, column } = systemNaming(schema)
    if (!(await this.tableNames()).includes(loadsTable)) return false
    const rows = await this.#read(
      `SELECT 1 FROM ${this.#table(loadsTable)} WHERE ${column('load_id')} = ${quoteText(loadId)} AND ${column('status')} = 0`,
      'looking for a finished load',
    )
    return rows.length > 0
  }

  async migrate(schema: Schema, tables: readonly Table[], insertedAt: string): Promise<MigrationResult> {
    return this.#transaction('migrating the tables', async () => {
      await this.#connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(this.datasetName)}`)
      if (await this.#knowsVersion(schema)) return { changes: new Map(), relaxed: [] }
      const plan = planMigration(this.datasetName, tables, await this.#catalog(tables), duckdbDialect)
      for (const statement of plan.statements) await this.#connection.run(statement)
      await this.#insert(schema, 'versionTable', {
        version: String(schema.version),
        engine_version: String(schema.engine_version),
        inserted_at: quoteText(insertedAt),
        schema_name: quoteText(schema.name),
        version_hash: quoteText(schema.version_hash ?? ''),
        schema: quoteText(stringifySchema(schema)),
      })
      const changes = [...plan.changes].map(
        ([table, columns]) => [table, columns.map((column) => column.name)] as const,
      )
      return { changes: new Map(changes), relaxed: plan.relaxed }
    })
  }

  async commitPackage(unit: PackageUnit, onTable: (done: number) => void): Promise<void> {
    for (const { jobs } of unit.tables) jobs.forEach(checkFormat)
    await this.#transaction('loading a package', async () => {
      let done = 0
      for (const load of unit.tables) {
        if (load.isReplaced) await this.#connection.run(deleteStatement(this.datasetName, load.table.name))
      }
      for (const load of unit.tables) {
        if (load.jobs.length > 0) await this.#load(unit, load)
        onTable(++done)
      }
      await this.#insert(unit.schema, 'loadsTable', {
        load_id: quoteText(unit.loadId),
        schema_name: quoteText(unit.schema.name),
        status: '0',
        inserted_at: quoteText(unit.insertedAt),
        schema_version_hash: quoteText(unit.schema.version_hash ?? ''),
      })
    })
  }

  async tableNames(): Promise<readonly string[]> {
    const rows = await this.#read(
      `SELECT table_name FROM information_schema.tables WHERE table_catalog = current_database() ` +
        `AND table_schema = ${quoteText(this.datasetName)} ORDER BY table_name`,
      'reading the catalogue',
    )
    return rows.map(([name]) => String(name))
  }

  async *rows(table: string, options?: ReadOptions): AsyncGenerator<Row> {
    const names = await this.tableNames()
    if (!names.includes(table)) {
      const list =
        names.length === 0
          ? `There is no dataset "${this.datasetName}" in ${this.#path}.`
          : `Its tables: ${names.join(', ')}.`
      throw new UnknownTable(`Dataset "${this.datasetName}" has no table "${table}". ${list}`, {
        table,
        dataset: this.datasetName,
      })
    }
    const columns = await this.#read(
      `SELECT column_name, data_type FROM information_schema.columns WHERE table_catalog = current_database() ` +
        `AND table_schema = ${quoteText(this.datasetName)} AND table_name = ${quoteText(table)} ORDER BY ordinal_position`,
      'reading the catalogue',
    )
    const { sql, encoded } = selectRows(this.#table(table), columns as [string, string][])
    yield* readRows(await this.#connection.stream(sql), options, encoded)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#close()
    return Promise.resolve()
  }

  async #load(unit: PackageUnit, load: TableLoad): Promise<void> {
    try {
      await this.#runAll(load)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const isRefused = error instanceof TerminalError || classifyDuckdbError(message) === 'terminal'
      if (!isRefused) throw error
      const job = (await this.#findRefused(load)) ?? load.jobs[0]!
      throw new LoadJobFailed(job, unit.loadId, error as Error)
    }
  }

  async #runAll(load: Pick<TableLoad, 'table' | 'jobs'>): Promise<void> {
    const describe = (query: string): Promise<ReadonlyMap<string, string>> => this.#describe(query)
    for await (const statement of loadStatements(this.datasetName, load, describe))
      await this.#connection.run(statement)
  }

  /** Which of a table's files holds what was refused; undefined where none does on its own. */
  async #findRefused({ table, jobs }: TableLoad): Promise<Job | undefined> {
    if (jobs.length === 1) return jobs[0]
    // After an error, DuckDB takes nothing more in the transaction. What is done in this one is rolled back too.
    await this.#connection.run('ROLLBACK')
    await this.#connection.run('BEGIN')
    for (const job of jobs) {
      try {
        await this.#runAll({ table, jobs: [job] })
      } catch {
        return job
      }
    }
    return undefined
  }

  async #describe(query: string): Promise<ReadonlyMap<string, string>> {
    const result = await this.#connection.runAndReadAll(`DESCRIBE ${query}`)
    return new Map(result.getRows().map(([name, type]) => [String(name), String(type)]))
  }

  async #knowsVersion(schema: Schema): Promise<boolean> {
    const { versionTable, column } = systemNaming(schema)
    if (!(await this.tableNames()).includes(versionTable)) return false
    const rows = await this.#read(
      `SELECT 1 FROM ${this.#table(versionTable)} WHERE ${column('version_hash')} = ${quoteText(schema.version_hash ?? '')}`,
      'looking for the version of the schema',
    )
    return rows.length > 0
  }

  async #catalog(tables: readonly Table[]): Promise<Catalog> {
    const names = tables.map((table) => quoteText(table.name)).join(', ')
    const result = await this.#connection.runAndReadAll(
      `SELECT table_name, column_name FROM information_schema.columns WHERE table_catalog = current_database() ` +
        `AND table_schema = ${quoteText(this.datasetName)} AND table_name IN (${names}) ORDER BY table_name, ordinal_position`,
    )
    const catalog = new Map<string, Set<string>>()
    for (const [table, column] of result.getRows() as [string, string][]) {
      catalog.set(table, (catalog.get(table) ?? new Set()).add(column.toLowerCase()))
    }
    return catalog
  }

  async #insert(
    schema: Schema,
    table: 'versionTable' | 'loadsTable',
    literals: Readonly<Record<string, string>>,
  ): Promise<void> {
    const naming = systemNaming(schema)
    const columns = Object.keys(literals).map(naming.column).join(', ')
    await this.#connection.run(
      `INSERT INTO ${this.#table(naming[table])} (${columns}) VALUES (${Object.values(literals).join(', ')})`,
    )
  }

  async #read(sql: string, doing: string): Promise<unknown[][]> {
    try {
      return (await this.#connection.runAndReadAll(sql)).getRows()
    } catch (error) {
      throw wrapDuckdbError(error, doing, this.#path)
    }
  }

  async #transaction<Result>(doing: string, work: () => Promise<Result>): Promise<Result> {
    try {
      await this.#connection.run('BEGIN')
      const result = await work()
      await this.#connection.run('COMMIT')
      return result
    } catch (error) {
      // After a failed COMMIT there is nothing to roll back any more.
      await this.#connection.run('ROLLBACK').catch(() => undefined)
      throw error instanceof Error && 'code' in error ? error : wrapDuckdbError(error, doing, this.#path)
    }
  }

  #table(name: string): string {
    return qualifiedName(this.datasetName, name)
  }
}

/** What the schema's naming convention calls dlt's own tables, and their columns, quoted. */
function systemNaming(schema: Schema): SystemNames & { column(name: string): string } {
  const naming = namingConvention(schema.normalizers.names)
  return { ...systemNames(naming), column: (name) => quoteIdentifier(naming.normalizeIdentifier(name)) }
}
