import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, parse } from 'node:path'
import type { Dialect } from '../../sql/dialect.ts'
import type { CatalogColumn, FilesToCopy, SqlConnection, SqlEngine } from '../../sql/engine.ts'
import { DatabaseTransientError, DestinationNotFound } from '../../errors.ts'
import type { OpenDestination, ReadOptions, Row } from '../destination.ts'
import { duckdbTarget } from './duckdb-config.ts'
import { duckdbDialect } from './duckdb-dialect.ts'
import { openDuckdb, type DuckdbConnection, type OpenDuckdb } from './duckdb-driver.ts'
import { wrapDuckdbError } from './duckdb-errors.ts'
import { loadStatements } from './duckdb-load.ts'
import { duckdbMemory, type DuckdbMemory } from './duckdb-memory.ts'
import { readRows, selectRows } from './duckdb-rows.ts'

/*
 * DuckDB has one writer, so a package goes through one connection. The file's lock is held as long as the engine is open.
 */

/** Opens the database file, or takes the user's connection. */
export async function openDuckdbEngine(options: OpenDestination): Promise<SqlEngine> {
  const target = duckdbTarget(options)
  if ('connection' in target) {
    const { connection } = target
    const database = { connect: () => Promise.resolve(connection), close: () => undefined }
    return new DuckdbEngine(database, await currentDatabase(connection), 'a connection of the program')
  }
  const { path } = target
  // Before the driver is loaded: where nothing was ever loaded, none is needed to see that.
  if (options.access === 'read' && !existsSync(path)) {
    throw new DestinationNotFound(`There is no DuckDB file ${path}. It is made by the first load.`, { path })
  }
  try {
    const memory = duckdbMemory(options)
    if (options.access === 'plan' && !existsSync(path)) return await openNothing(path, memory)
    const settings: Record<string, string> = {
      memory_limit: memory.limit,
      threads: String(memory.threads),
      preserve_insertion_order: 'false',
    }
    if (options.access === 'load') await mkdir(dirname(path), { recursive: true })
    else settings['access_mode'] = 'READ_ONLY'
    return await openFile(path, settings, memory)
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw error
    throw wrapDuckdbError(error, 'opening the database', path)
  }
}

async function openFile(
  path: string,
  settings: Readonly<Record<string, string>>,
  memory: DuckdbMemory,
): Promise<SqlEngine> {
  const database = await openDuckdb(path, settings)
  try {
    const connection = await database.connect()
    const current = await currentDatabase(connection)
    connection.closeSync()
    return new DuckdbEngine(database, current, path, memory)
  } catch (error) {
    database.close()
    throw error
  }
}

/** A file that is not there, as an empty database of its name. */
async function openNothing(path: string, memory: DuckdbMemory): Promise<SqlEngine> {
  return new DuckdbEngine(await openDuckdb(':memory:', {}), { name: parse(path).name }, path, memory)
}

interface CurrentDatabase {
  readonly name: string
  /** Of DuckDB's own file; a database in memory, or of another system, has none. */
  readonly storageVersion?: string
}

async function currentDatabase(connection: DuckdbConnection): Promise<CurrentDatabase> {
  const query =
    "SELECT database_name, tags['storage_version'] FROM duckdb_databases() WHERE database_name = current_database()"
  const [name, storageVersion] = (await connection.runAndReadAll(query)).getRows()[0] ?? []
  return { name: String(name), ...(typeof storageVersion === 'string' ? { storageVersion } : {}) }
}

class DuckdbEngine implements SqlEngine {
  readonly name = 'duckdb'
  readonly dialect: Dialect
  readonly commits = 'package'
  readonly location: string
  readonly #database: OpenDuckdb
  readonly #path: string
  /** Undefined where the connection is the user's: its settings are, too. */
  readonly #memory: DuckdbMemory | undefined
  readonly #sessions = new Set<DuckdbSession>()

  constructor(database: OpenDuckdb, current: CurrentDatabase, path: string, memory?: DuckdbMemory) {
    this.#database = database
    this.dialect = duckdbDialect(current.name, current.storageVersion)
    this.#path = path
    this.#memory = memory
    this.location = path.startsWith('/') ? `duckdb:///${path}` : path
  }

  async connect(): Promise<SqlConnection> {
    const connection = await this.#database.connect()
    if (this.#memory !== undefined) await connection.run("SET TimeZone = 'UTC'")
    const session = new DuckdbSession(connection, this.#path, this.#memory)
    this.#sessions.add(session)
    return session
  }

  interrupt(): Promise<void> {
    for (const session of this.#sessions) session.interrupt()
    return Promise.resolve()
  }

  /** The file is locked already. */
  lock(): Promise<AsyncDisposable> {
    return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() })
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#database.close()
    return Promise.resolve()
  }
}

class DuckdbSession implements SqlConnection {
  readonly #connection: DuckdbConnection
  readonly #path: string
  readonly #memory: DuckdbMemory | undefined
  /** What errors are said to have come up in. */
  #doing = 'working in the database'
  #isInterrupted = false

  constructor(connection: DuckdbConnection, path: string, memory: DuckdbMemory | undefined) {
    this.#connection = connection
    this.#path = path
    this.#memory = memory
  }

  interrupt(): void {
    this.#isInterrupted = true
    this.#connection.interrupt()
  }

  async run(sql: string): Promise<void> {
    await this.#wrapped(() => this.#connection.run(sql))
  }

  query(sql: string): Promise<readonly (readonly unknown[])[]> {
    return this.#wrapped(async () => (await this.#connection.runAndReadAll(sql)).getRows())
  }

  async transaction<Result>(doing: string, work: () => Promise<Result>): Promise<Result> {
    const outer = this.#doing
    this.#doing = doing
    try {
      await this.run('BEGIN')
      const result = await work()
      await this.run('COMMIT')
      return result
    } catch (error) {
      // After a failed COMMIT there is nothing to roll back any more.
      await this.#connection.run('ROLLBACK').catch(() => undefined)
      throw error
    } finally {
      this.#doing = outer
    }
  }

  async copy(files: FilesToCopy): Promise<number> {
    let rows = 0
    const describe = (query: string): Promise<ReadonlyMap<string, string>> => this.#describe(query)
    for await (const statement of loadStatements(files, describe, this.#memory)) {
      rows += await this.#wrapped(async () =>
        Number((await this.#connection.runAndReadAll(statement)).getRows()[0]?.[0] ?? 0),
      )
    }
    return rows
  }

  async *rows(table: string, columns: readonly CatalogColumn[], options?: ReadOptions): AsyncGenerator<Row> {
    const { sql, encoded } = selectRows(
      table,
      columns.map(({ name, type }) => [name, type]),
    )
    yield* readRows(await this.#wrapped(() => this.#connection.stream(sql)), options, encoded)
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#memory !== undefined) this.#connection.closeSync()
    return Promise.resolve()
  }

  async #describe(query: string): Promise<ReadonlyMap<string, string>> {
    const rows = await this.query(`DESCRIBE ${query}`)
    return new Map(rows.map(([name, type]) => [String(name), String(type)]))
  }

  async #wrapped<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#isInterrupted) throw new DatabaseTransientError(`DuckDB was interrupted while ${this.#doing}.`)
    try {
      return await work()
    } catch (error) {
      throw wrapDuckdbError(error, this.#doing, this.#path)
    }
  }
}
