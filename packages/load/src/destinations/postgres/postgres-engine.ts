import { setTimeout as delay } from 'node:timers/promises'
import { capabilitiesOf, InvalidUsage } from '@gantry/common'
import type { SqlConnection, SqlEngine } from '../../sql/engine.ts'
import type { Dialect } from '../../sql/dialect.ts'
import type { OpenDestination } from '../destination.ts'
import { createsIndexes, postgresTarget, serverLocation, serverPlace } from './postgres-config.ts'
import { PostgresConnection, Session } from './postgres-connection.ts'
import { postgresDialect } from './postgres-dialect.ts'
import { pgConnector, type PgClient, type PgPool } from './postgres-driver.ts'
import { wrapPostgresError } from './postgres-errors.ts'
import { takeLock } from './postgres-lock.ts'
import { beginSession, borrowSession, runStatement } from './postgres-session.ts'

/*
 * PostgreSQL takes each table chain in a transaction of its own, on several connections. On a Client of the program's
 * there is one session only, so that a package is committed as a whole.
 */

/**
 * Opens the way to a server; the first connection is made when it is asked for.
 *
 * @throws {ConfigFieldMissing} there are no credentials
 * @throws {InvalidCredentials}
 * @throws {InvalidUsage} the name of the dataset is too long
 * @throws {MissingDriver}
 */
export async function openPostgres(options: OpenDestination): Promise<SqlEngine> {
  checkDatasetNames(options)
  const target = postgresTarget(options)
  const dialect = postgresDialect(createsIndexes(options))
  if ('client' in target) {
    return new PostgresEngine(dialect, 'a connection of the program', 'package', sharedClient(target.client, options))
  }
  if ('pool' in target) {
    return new PostgresEngine(dialect, 'a pool of the program', 'chain', ofPool(target.pool, options))
  }
  const { server } = target
  const connector = await pgConnector(server)
  return new PostgresEngine(dialect, serverLocation(server), 'chain', {
    place: serverPlace(server),
    async open() {
      const client = await connector.connect()
      try {
        await beginSession(client, options.datasetName, server.statementTimeoutMs)
      } catch (error) {
        await client.end()
        throw error
      }
      return { session: new Session(client), close: () => client.end() }
    },
  })
}

/** PostgreSQL would cut the name of the schema, and then find none of the whole name. */
function checkDatasetNames({ datasetName, stagingDatasetName }: OpenDestination): void {
  const maxBytes = capabilitiesOf('postgres').maxIdentifierBytes as number
  const bytes = Math.max(Buffer.byteLength(datasetName), Buffer.byteLength(stagingDatasetName))
  if (bytes <= maxBytes) return
  throw new InvalidUsage(
    `The dataset's name "${datasetName}" is too long for PostgreSQL: with "${stagingDatasetName}", where rows wait, it has ` +
      `${bytes} bytes of ${maxBytes}. Give the dataset a shorter name, for example by --dataset-name.`,
    { datasetName, bytes, maxBytes },
  )
}

/** Where sessions come from. */
interface Sessions {
  /** For messages. */
  readonly place: string
  open(): Promise<OpenSession>
}

interface OpenSession {
  readonly session: Session
  close(): Promise<void>
}

function ofPool(pool: PgPool, { datasetName }: OpenDestination): Sessions {
  return {
    place: 'a pool of the program',
    async open() {
      const client = await pool.connect()
      client.on('error', ignore)
      const giveBack = (error?: unknown): void => {
        client.off('error', ignore)
        client.release(error as Error)
      }
      const restore = await borrowSession(client, datasetName).catch((error: unknown) => {
        giveBack(error)
        throw error
      })
      return {
        session: new Session(client),
        // A client that cannot be put back as it was is of no use to the pool.
        close: () => restore().then(() => giveBack(), giveBack),
      }
    },
  }
}

/** The one session of the program is there for everyone, until the last one has left it. */
function sharedClient(client: PgClient, { datasetName }: OpenDestination): Sessions {
  const session = new Session(client)
  let restore: Promise<() => Promise<void>> | undefined
  let users = 0
  return {
    place: 'a connection of the program',
    async open() {
      if (users++ === 0) client.on('error', ignore)
      restore ??= borrowSession(client, datasetName)
      await restore
      return {
        session,
        async close() {
          if (--users > 0) return
          const putBack = await restore
          await putBack?.()
          restore = undefined
          client.off('error', ignore)
        },
      }
    },
  }
}

/** The loss of a connection is told by the statement that meets it; an event without listener would end the process. */
function ignore(): void {}

/** How long a server may take to open a session for a cancel request, and to heed it. */
const cancelMs = 2000

class PostgresEngine implements SqlEngine {
  readonly name = 'postgres'
  readonly location: string
  readonly dialect: Dialect
  readonly commits: SqlEngine['commits']
  readonly #sessions: Sessions
  #isInterrupted = false
  readonly #open = new Map<PostgresConnection, Session>()

  constructor(dialect: Dialect, location: string, commits: SqlEngine['commits'], sessions: Sessions) {
    this.dialect = dialect
    this.location = location
    this.commits = commits
    this.#sessions = sessions
  }

  async connect(): Promise<SqlConnection> {
    const { place } = this.#sessions
    try {
      const { session, close } = await this.#sessions.open()
      const connection = new PostgresConnection(session, place, async () => {
        if (this.#open.delete(connection)) await close()
      })
      this.#open.set(connection, session)
      session.isInterrupted ||= this.#isInterrupted
      return connection
    } catch (error) {
      throw wrapPostgresError(error, { doing: 'connecting', place })
    }
  }

  async interrupt(): Promise<void> {
    this.#isInterrupted = true
    const sessions = [...new Set(this.#open.values())]
    for (const session of sessions) session.isInterrupted = true
    await Promise.race([this.#cancel(sessions).catch(() => undefined), delay(cancelMs, undefined, { ref: false })])
    // A server that does not answer must not hold the stage up. What was not committed is undone there in any case.
    await delay(cancelMs, undefined, { ref: false })
    for (const { client, running } of sessions) if (running > 0) client.connection.stream.destroy()
  }

  /** Asks the server to end what runs. A session of the program's that is the only one cannot be asked. */
  async #cancel(sessions: readonly Session[]): Promise<void> {
    const busy = sessions.filter(({ running }) => running > 0).flatMap(({ client }) => client.processID ?? [])
    if (busy.length === 0) return
    const { session, close } = await this.#sessions.open()
    try {
      for (const id of busy) await runStatement(session.client, `SELECT pg_cancel_backend(${id})`)
    } finally {
      await close()
    }
  }

  async lock(name: string): Promise<AsyncDisposable> {
    const connection = await this.connect()
    try {
      const release = await takeLock(connection, name, this.#sessions.place)
      return {
        [Symbol.asyncDispose]: async () => {
          // A lost connection has taken its lock with it.
          await release().catch(() => undefined)
          await connection[Symbol.asyncDispose]()
        },
      }
    } catch (error) {
      await connection[Symbol.asyncDispose]()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.keys()].map((connection) => connection[Symbol.asyncDispose]()))
  }
}
