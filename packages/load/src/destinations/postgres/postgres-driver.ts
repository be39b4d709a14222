import type { ConnectionOptions } from 'node:tls'
import type { Writable } from 'node:stream'
import type * as Pg from 'pg'
import { importDriver } from '../import-driver.ts'
import type { PostgresServer, PostgresTls } from './postgres-config.ts'

/*
 * The part of `pg` that Gantry uses, and the only place that loads it.
 */

/** A statement; without values it goes to the server as it is. */
export interface PgQuery {
  readonly text: string
  readonly rowMode: 'array'
  readonly types: { getTypeParser(oid: number): (text: string) => unknown }
}

export interface PgResult {
  /** First word of the server's answer, such as `COMMIT`. */
  readonly command: string
  readonly rowCount: number | null
  readonly rows: readonly (readonly unknown[])[]
}

/** What stands in for a query and speaks the protocol itself; pg calls it Submittable. */
export interface PgSubmittable {
  submit(connection: PgConnection): void
  handleCopyInResponse(connection: PgConnection): void
  handleCommandComplete(message: { readonly text: string }): void
  handleReadyForQuery(): void
  handleError(error: Error): void
}

/** The protocol's side of a connection. */
export interface PgConnection {
  readonly stream: Writable
  query(text: string): void
  endCopyFrom(): void
  sendCopyFail(message: string): void
}

/** A Client of `pg`. */
export interface PgClient {
  /** Of the server's process for this session. */
  readonly processID: number | null
  readonly connection: PgConnection
  connect(): Promise<unknown>
  query(statement: PgQuery): Promise<PgResult>
  query(statement: PgSubmittable): unknown
  end(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): unknown
  off(event: 'error', listener: (error: Error) => void): unknown
}

/** A Pool of `pg`. */
export interface PgPool {
  readonly totalCount: number
  connect(): Promise<PgClient & { release(error?: Error): void }>
}

/** True for a Pool, open or not: it connects when it is asked. */
export function isPgPool(value: unknown): value is PgPool {
  return typeof value === 'object' && value !== null && 'connect' in value && 'totalCount' in value
}

/** True for a Client; that it is connected, only a statement can tell. */
export function isPgClient(value: unknown): value is PgClient {
  return typeof value === 'object' && value !== null && 'connect' in value && 'query' in value && 'connection' in value
}

/** Makes connections to one server. */
export interface PgConnector {
  connect(): Promise<PgClient>
}

/** The only place that loads the driver. @throws {MissingDriver} */
export function loadPg(): Promise<typeof Pg> {
  return importDriver('postgres', 'pg', () => import('pg'))
}

/** @throws {MissingDriver} */
export async function pgConnector(server: PostgresServer): Promise<PgConnector> {
  const { Client } = await loadPg()
  let ssl = tlsOptions(server.tls)

  return {
    async connect() {
      try {
        return await open()
      } catch (error) {
        if (server.tls.mode !== 'prefer' || !hasNoTls(error)) throw error
        ssl = false
        return open()
      }
    },
  }

  async function open(): Promise<PgClient> {
    const client = new Client({
      host: server.host,
      port: server.port,
      database: server.database,
      user: server.username,
      ...(server.password === undefined ? {} : { password: server.password }),
      application_name: server.applicationName,
      connectionTimeoutMillis: server.connectTimeoutMs,
      keepAlive: true,
      ssl,
      ...(server.options === undefined ? {} : { options: server.options }),
    }) as unknown as PgClient
    // Without a listener, the loss of an idle connection would end the process.
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      client.connection.stream.destroy()
      throw error
    }
  }
}

function hasNoTls(error: unknown): boolean {
  return error instanceof Error && error.message === 'The server does not support SSL connections'
}

function tlsOptions({ mode, ...files }: PostgresTls): false | ConnectionOptions {
  switch (mode) {
    case 'disable':
      return false
    case 'prefer':
    case 'require':
      return { ...files, rejectUnauthorized: false }
    case 'verify-ca':
      return { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined }
    case 'verify-full':
      return { ...files, rejectUnauthorized: true }
  }
}
