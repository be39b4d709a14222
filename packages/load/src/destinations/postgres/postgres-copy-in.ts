import { once } from 'node:events'
import type { PgConnection, PgSubmittable } from './postgres-driver.ts'

/*
 * COPY … FROM STDIN over the connection of a client
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY). The statement is a simple query: after an
 * error the server ends it by itself and drops whatever of the data is still on its way.
 */

const copyDataCode = 0x64

/** A COPY that is given to a client in place of a query. */
export class CopyIn implements PgSubmittable {
  /** The rows that came in. Settled once the client is ready for the next statement, or as soon as it has failed. */
  readonly rows: Promise<number>
  readonly #sql: string
  readonly #source: AsyncIterable<Buffer>
  readonly #settle: { resolve(rows: number): void; reject(error: unknown): void }
  readonly #failure = new AbortController()
  #sending: Promise<void> = Promise.resolve()
  #sourceError: unknown
  #rows = 0

  /** @param source  is read no faster than the server takes it, and closed also where the COPY fails */
  constructor(sql: string, source: AsyncIterable<Buffer>) {
    this.#sql = sql
    this.#source = source
    let settle!: { resolve(rows: number): void; reject(error: unknown): void }
    this.rows = new Promise((resolve, reject) => (settle = { resolve, reject }))
    this.#settle = settle
  }

  submit(connection: PgConnection): void {
    connection.query(this.#sql)
  }

  handleCopyInResponse(connection: PgConnection): void {
    this.#sending = this.#send(connection)
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#rows = Number(/^COPY (\d+)$/.exec(text)?.[1] ?? 0)
  }

  handleReadyForQuery(): void {
    this.#settle.resolve(this.#rows)
  }

  handleError(error: Error): void {
    this.#failure.abort()
    void this.#fail(error)
  }

  /** The file is closed before anyone hears of the failure. */
  async #fail(reason: Error): Promise<void> {
    await this.#sending
    this.#settle.reject(this.#sourceError ?? reason)
  }

  async #send(connection: PgConnection): Promise<void> {
    const { signal } = this.#failure
    try {
      for await (const piece of this.#source) {
        if (signal.aborted) return
        if (!sendCopyData(connection, piece)) await once(connection.stream, 'drain', { signal })
      }
      if (!signal.aborted) connection.endCopyFrom()
    } catch (error) {
      if (signal.aborted) return
      this.#sourceError = error
      // The server answers with an error, which settles the rest.
      connection.sendCopyFail('the load file cannot be read')
    }
  }
}

/** @returns false where the socket wants no more for now */
function sendCopyData({ stream }: PgConnection, bytes: Buffer): boolean {
  const head = Buffer.allocUnsafe(5)
  head[0] = copyDataCode
  head.writeUInt32BE(bytes.length + 4, 1)
  stream.cork()
  stream.write(head)
  const hasRoom = stream.write(bytes)
  stream.uncork()
  return hasRoom
}
