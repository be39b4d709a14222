import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A request as it arrived. */
export interface Arrived {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Milliseconds, to tell how long the client waited. */
  readonly at: number
}

export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown
}

/** Answers a request; undefined: the handler has dealt with the response itself. */
export type Handler = (
  request: Arrived,
  raw: { readonly request: IncomingMessage; readonly response: ServerResponse },
) => Answer | undefined | Promise<Answer | undefined>

export interface TestServer {
  readonly url: string
  readonly arrived: readonly Arrived[]
}

/** A real HTTP server on a free port, closed after the test. */
export async function serve(handler: Handler): Promise<TestServer> {
  const arrived: Arrived[] = []
  const server = createServer((request, response) => {
    void (async () => {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      const url = new URL(request.url ?? '/', 'http://localhost')
      const one: Arrived = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body,
        at: performance.now(),
      }
      arrived.push(one)
      const answer = await handler(one, { request, response })
      if (answer === undefined) return
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? null)
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers }).end(text)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrived }
}

/** The rows of all pages. */
export async function rowsOf<Row>(pages: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = []
  for await (const page of pages) rows.push(...page)
  return rows
}
