// Stands between a client and a PostgreSQL server, sees what the client sends (in plain text), and can hold it up, cut the
// connection, or keep the server's answer from the client.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** Messages of the protocol, by the byte that they begin with (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
const kinds = { Q: 'query', d: 'copyData' }

/**
 * @param onMessage  called with the link and `{ kind, bytes, sql }` of each message before it goes on; what it returns is
 *                   waited for
 * @returns `urlOf(url)`, the way through the proxy to the database of a URL; `close()`
 */
export async function startProxy(server, onMessage) {
  const { hostname, port } = new URL(server)
  const links = new Set()
  const listener = createServer((client) => {
    const link = new Link(client, connect(Number(port), hostname), onMessage)
    links.add(link)
    client.on('close', () => links.delete(link))
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    urlOf(url) {
      const through = new URL(url)
      through.hostname = '127.0.0.1'
      through.port = String(listener.address().port)
      through.searchParams.set('sslmode', 'disable')
      return String(through)
    },
    async close() {
      for (const link of links) link.cut()
      listener.close()
      await once(listener, 'close')
    },
  }
}

class Link {
  /** Bytes of COPY that have come so far. */
  copied = 0
  /** Statements since the last BEGIN. */
  transaction = []
  #client
  #server
  #isStarted = false
  #rest = Buffer.alloc(0)

  constructor(client, server, onMessage) {
    this.#client = client
    this.#server = server
    for (const socket of [client, server]) socket.on('error', () => this.cut()).on('close', () => this.cut())
    server.on('data', (bytes) => client.write(bytes))
    void this.#forward(onMessage)
  }

  /** Port by which the server knows this connection. */
  get port() {
    return this.#server.localPort
  }

  cut() {
    this.#client.destroy()
    this.#server.destroy()
  }

  /** The server's next answer does not arrive; then the connection is cut. */
  swallowAnswer() {
    this.#server.removeAllListeners('data')
    this.#server.once('data', () => this.cut())
  }

  async #forward(onMessage) {
    try {
      for await (const bytes of this.#client) {
        this.#rest = Buffer.concat([this.#rest, bytes])
        for (let message = this.#next(); message !== undefined; message = this.#next()) {
          if (message.sql === 'BEGIN') this.transaction = []
          else if (message.sql !== undefined) this.transaction.push(message.sql)
          if (message.kind === 'copyData') this.copied += message.bytes.length
          await onMessage(this, message)
          if (!this.#server.destroyed) this.#server.write(message.bytes)
        }
      }
    } catch {
      this.cut()
    }
  }

  /** A message of which all bytes are there; the first one of a connection has no type. */
  #next() {
    const head = this.#isStarted ? 1 : 0
    if (this.#rest.length < head + 4) return undefined
    const length = head + this.#rest.readUInt32BE(head)
    if (this.#rest.length < length) return undefined
    const bytes = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    const kind = this.#isStarted ? kinds[String.fromCharCode(bytes[0])] : 'startup'
    this.#isStarted = true
    return { kind, bytes, ...(kind === 'query' ? { sql: bytes.toString('utf8', 5, length - 1) } : {}) }
  }
}
