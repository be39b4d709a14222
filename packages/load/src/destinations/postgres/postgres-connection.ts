import type { CatalogColumn, FilesToCopy, SqlConnection } from '../../sql/engine.ts'
import { DatabaseTransientError } from '../../errors.ts'
import { GantryError } from '@gantry/common'
import { quoteIdentifier } from '../../sql/identifier.ts'
import type { ReadOptions, Row } from '../destination.ts'
import { CopyIn } from './postgres-copy-in.ts'
import type { PgClient, PgResult } from './postgres-driver.ts'
import { wrapPostgresError } from './postgres-errors.ts'
import { loadFile } from './postgres-files.ts'
import { resultTypes, rowConverter, textTypes } from './postgres-rows.ts'

/** Rows that a cursor gives at once: enough that the way to the server does not count. */
const mostFetched = 2000
/** Characters that they may have together; a row may be of any size. */
const fetchedChars = 4_000_000

/** A session of a server, which several connections may share. */
export class Session {
  readonly client: PgClient
  /** The statement before; pg itself is not to be asked for a second one meanwhile. */
  last: Promise<unknown> = Promise.resolve()
  /** What the open transaction is for. */
  doing: string | undefined
  cursors = 0
  /** Statements that were given and have not ended. */
  running = 0
  /** From now on nothing but ROLLBACK. */
  isInterrupted = false

  constructor(client: PgClient) {
    this.client = client
  }
}

interface StatementContext {
  readonly doing?: string
  readonly details?: Readonly<Record<string, unknown>>
  /** It ends a transaction, which it may do also after an interrupt. */
  readonly isUndoing?: boolean
}

/** Statements that are given at the same time run one after the other. */
export class PostgresConnection implements SqlConnection {
  readonly #session: Session
  readonly #place: string
  readonly #release: () => Promise<void>

  /** @param release  gives the session back, or ends it */
  constructor(session: Session, place: string, release: () => Promise<void>) {
    this.#session = session
    this.#place = place
    this.#release = release
  }

  async run(sql: string): Promise<void> {
    await this.#statement(sql)
  }

  async query(sql: string): Promise<readonly (readonly unknown[])[]> {
    return (await this.#statement(sql)).rows
  }

  async transaction<Result>(doing: string, work: () => Promise<Result>): Promise<Result> {
    await this.#begin('BEGIN', doing)
    try {
      const result = await work()
      await this.#commit()
      return result
    } catch (error) {
      await this.#rollback()
      throw error
    } finally {
      this.#session.doing = undefined
    }
  }

  async copy({ into, columns, jobs }: FilesToCopy): Promise<number> {
    let rows = 0
    for (const job of jobs) {
      const context = { doing: `loading ${job.path} into ${into}`, details: { jobId: job.id, path: job.path } }
      const session = {
        copyIn: (sql: string, bytes: AsyncIterable<Buffer>) =>
          this.#exclusively(context, () => {
            const copy = new CopyIn(sql, bytes)
            this.#session.client.query(copy)
            return copy.rows
          }),
        insert: async (sql: string) => (await this.#statement(sql, context)).rowCount ?? 0,
      }
      rows += await loadFile(session, { into, columns }, job)
    }
    return rows
  }

  async *rows(table: string, columns: readonly CatalogColumn[], options: ReadOptions = {}): AsyncGenerator<Row> {
    const fields = columns.map(({ name, type }) => ({ name, convert: rowConverter(type, options) }))
    const list = fields.map(({ name }) => quoteIdentifier(name)).join(', ')
    for await (const values of this.#cursor(`SELECT ${list} FROM ${table}`, `reading ${table}`)) {
      const row: Row = {}
      for (const [index, { name, convert }] of fields.entries()) {
        const text = values[index] as string | null
        const value = text === null ? null : convert(text)
        // A column may be called __proto__, which plain assignment would take as something else.
        if (name === '__proto__')
          Object.defineProperty(row, name, { value, enumerable: true, writable: true, configurable: true })
        else row[name] = value
      }
      yield row
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release()
  }

  /** The rows of a query, each an array of texts. Cursors live in a transaction; where none is open, one is for them. */
  async *#cursor(sql: string, doing: string): AsyncGenerator<readonly unknown[]> {
    const isOwn = this.#session.doing === undefined
    if (isOwn) await this.#begin('BEGIN READ ONLY', doing)
    const name = `gantry_rows_${++this.#session.cursors}`
    try {
      await this.#statement(`DECLARE ${name} NO SCROLL CURSOR FOR ${sql}`, { doing })
      for (let count = 100; ;) {
        const { rows } = await this.#statement(`FETCH ${count} FROM ${name}`, { doing }, textTypes)
        yield* rows
        if (rows.length < count) break
        count = nextCount(rows)
      }
    } finally {
      // The rows of an own transaction changed nothing. In one that has failed there is no cursor to close any more.
      if (isOwn) {
        await this.#rollback()
        this.#session.doing = undefined
      } else await this.#statement(`CLOSE ${name}`, { doing }).catch(() => undefined)
    }
  }

  async #begin(sql: string, doing: string): Promise<void> {
    if (this.#session.doing !== undefined) {
      throw new Error(`A transaction for ${doing} was asked for within one for ${this.#session.doing}.`)
    }
    // Set at once, so that a second one is noticed while this one begins.
    this.#session.doing = doing
    try {
      await this.#statement(sql)
    } catch (error) {
      this.#session.doing = undefined
      throw error
    }
  }

  /** After an error that went unnoticed, PostgreSQL answers COMMIT with ROLLBACK, and no error. */
  async #commit(): Promise<void> {
    const { command } = await this.#statement('COMMIT', {
      doing: `committing after ${this.#session.doing}`,
      details: { statement: 'COMMIT' },
    })
    if (command === 'COMMIT') return
    throw new DatabaseTransientError(
      `PostgreSQL at ${this.#place} rolled back instead of committing after ${this.#session.doing}. Run the command again.`,
      { place: this.#place },
    )
  }

  /** Where the connection is lost, the server does so by itself. */
  async #rollback(): Promise<void> {
    try {
      await this.#statement('ROLLBACK', { isUndoing: true })
    } catch {
      // The error that led here tells more.
    }
  }

  #statement(
    text: string,
    context: StatementContext = {},
    types: { getTypeParser(oid: number): (text: string) => unknown } = resultTypes,
  ): Promise<PgResult> {
    return this.#exclusively(context, () => this.#session.client.query({ text, rowMode: 'array', types }))
  }

  /** Runs it once everything before has ended. */
  async #exclusively<Result>(
    { isUndoing = false, ...context }: StatementContext,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const session = this.#session
    const before = this.#session.last
    const running = (async () => {
      await before
      if (session.isInterrupted && !isUndoing) throw new DatabaseTransientError('The session was interrupted.')
      session.running++
      return work().finally(() => session.running--)
    })()
    // Failures are told to whoever asked.
    this.#session.last = running.then(
      () => undefined,
      () => undefined,
    )
    try {
      return await running
    } catch (error) {
      if (error instanceof GantryError) throw error
      throw wrapPostgresError(error, {
        doing: this.#session.doing ?? 'running a statement',
        place: this.#place,
        ...context,
      })
    }
  }
}

/** As many rows as will likely stay within the limit. */
function nextCount(rows: readonly (readonly unknown[])[]): number {
  let chars = 0
  for (const row of rows) for (const text of row) chars += text === null ? 0 : (text as string).length
  return Math.max(1, Math.min(mostFetched, Math.floor(fetchedChars / Math.max(1, chars / rows.length))))
}
