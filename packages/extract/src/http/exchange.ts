import type { ApiRequest } from './api-request.ts'
import { ApiResponse } from './api-response.ts'
import { HttpConnectionFailed } from './http-errors.ts'
import { IdleTimeout } from './idle-timeout.ts'
import type { RequestSettings } from './request-settings.ts'

const maxRedirects = 30
const redirects = new Set([301, 302, 303, 307, 308])

/**
 * One attempt: sends the request, follows redirects, reads the answer to its end.
 *
 * A redirect to another origin gets none of the headers that hold secrets; `fetch` itself would pass on an API key.
 *
 * @throws {HttpConnectionFailed} no answer, or a part of it
 */
export async function exchange(
  request: ApiRequest,
  timeout: RequestSettings['requestTimeout'],
  signal: AbortSignal | undefined,
): Promise<ApiResponse> {
  const [connect, read] = typeof timeout === 'number' ? [0, timeout] : timeout
  const idle = new IdleTimeout((connect + read) * 1000, signal)
  try {
    let sent = sentFor(request)
    for (let hops = 0; ; hops++) {
      const response = await fetch(sent.url, { ...initOf(sent), redirect: 'manual', signal: idle.signal })
      idle.restart(read * 1000)
      const bytes = await readBody(response, () => idle.restart(read * 1000))
      const location = redirects.has(response.status) ? response.headers.get('location') : null
      if (location === null) return new ApiResponse(request, sent.url.href, response, bytes)
      if (hops === maxRedirects) throw new HttpConnectionFailed(request, `more than ${maxRedirects} redirects`)
      sent = redirected(sent, new URL(location, sent.url), response.status, request.secretHeaders)
    }
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason
    if (error instanceof HttpConnectionFailed) throw error
    if (idle.isOver) throw new HttpConnectionFailed(request, `no answer for ${idle.seconds} seconds`, { cause: error })
    throw HttpConnectionFailed.of(request, error)
  } finally {
    idle.stop()
  }
}

/** What goes over the line; redirects change it, not the request. */
interface Sent {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly content: string | Uint8Array | undefined
}

function sentFor(request: ApiRequest): Sent {
  const body = request.body()
  const headers = new Headers(request.headers)
  if (body?.type !== undefined && !headers.has('content-type')) headers.set('content-type', body.type)
  return { url: request.fullUrl(), method: request.method, headers, content: body?.content }
}

function redirected(sent: Sent, url: URL, status: number, secretHeaders: Iterable<string>): Sent {
  const becomesGet = status === 303 ? sent.method !== 'HEAD' : status < 303 && sent.method === 'POST'
  const headers = new Headers(sent.headers)
  if (becomesGet) headers.delete('content-type')
  if (url.origin !== sent.url.origin) for (const name of secretHeaders) headers.delete(name)
  return becomesGet ? { url, method: 'GET', headers, content: undefined } : { ...sent, url, headers }
}

function initOf({ method, headers, content }: Sent): RequestInit {
  return { method, headers, ...(content === undefined ? {} : { body: content }) }
}

async function readBody(response: Response, onChunk: () => void): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  if (response.body !== null) {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk)
      onChunk()
    }
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks)
}
