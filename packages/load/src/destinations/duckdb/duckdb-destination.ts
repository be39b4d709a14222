import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isComplete, stringifySchema, type Job, type Schema, type Table } from '@gantry/common'
import { JobFileFormatUnsupported, LoadJobFailed, UnknownTable } from '../../errors.ts'
import { planMigration, type Catalog } from '../../migrate/plan.ts'
import { qualifiedName, quoteIdentifier } from '../../sql/identifier.ts'
import { quoteText } from '../../sql/literal.ts'
import type { Destination, MigrationResult, OpenDestination, PackageUnit, ReadOptions, Row } from '../destination.ts'
import { duckdbTarget } from './duckdb-config.ts'
import { duckdbDialect } from './duckdb-dialect.ts'
import { openDuckdb, type DuckdbConnection } from './duckdb-driver.ts'
import { classifyDuckdbError, wrapDuckdbError } from './duckdb-errors.ts'
import { deleteStatement, insertStatement, selectStatement } from './duckdb-load.ts'
import { duckdbMemory } from './duckdb-memory.ts'
import { rowLimitBytes } from './duckdb-row-size.ts'
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

  async hasLoad(loadId: string): Promise<boolean> {
    if (!(await this.tableNames()).includes('_dlt_loads')) return false
    const rows = await this.#read(
      `SELECT 1 FROM ${this.#table('_dlt_loads')} WHERE load_id = ${quoteText(loadId)} AND status = 0`,
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
      await this.#insert('_dlt_version', {
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
      await this.#insert('_dlt_loads', {
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

  async #load(unit: PackageUnit, load: PackageUnit['tables'][number]): Promise<void> {
    try {
      await this.#connection.run(insertStatement(this.datasetName, load, await rowLimitBytes(load.jobs)))
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (classifyDuckdbError(message) !== 'terminal') throw error
      const job = (await this.#findRefused(load)) ?? load.jobs[0]!
      throw new LoadJobFailed(job, unit.loadId, error as Error)
    }
  }

  /** Which of a table's files holds the value that was refused; undefined where none does on its own. */
  async #findRefused(load: PackageUnit['tables'][number]): Promise<Job | undefined> {
    if (load.jobs.length === 1) return load.jobs[0]
    await this.#connection.run('ROLLBACK')
    await this.#connection.run('BEGIN')
    const columns = [...load.table.columns.values()].filter(isComplete)
    for (const job of load.jobs) {
      try {
        await this.#connection.run(
          `CREATE TEMP TABLE _gantry_probe AS ${selectStatement(columns, [job.path], await rowLimitBytes([job]))}`,
        )
        await this.#connection.run('DROP TABLE _gantry_probe')
      } catch {
        return job
      }
    }
    return undefined
  }

  async #knowsVersion(schema: Schema): Promise<boolean> {
    if (!(await this.tableNames()).includes('_dlt_version')) return false
    const rows = await this.#read(
      `SELECT 1 FROM ${this.#table('_dlt_version')} WHERE version_hash = ${quoteText(schema.version_hash ?? '')}`,
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

  async #insert(table: string, literals: Readonly<Record<string, string>>): Promise<void> {
    const names = Object.keys(literals).map(quoteIdentifier).join(', ')
    await this.#connection.run(
      `INSERT INTO ${this.#table(table)} (${names}) VALUES (${Object.values(literals).join(', ')})`,
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

function checkFormat(job: Job): void {
  if (job.name.format === 'jsonl') return
  throw new JobFileFormatUnsupported(
    `${job.path} has format ${job.name.format}, which destination duckdb does not load. Normalize the package again, or remove the file.`,
    { path: job.path, format: job.name.format },
  )
}
