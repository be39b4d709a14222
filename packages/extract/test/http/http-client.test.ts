import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ApiRequest } from '../../src/http/api-request.ts'
import { HttpClient, type HttpClientOptions } from '../../src/http/http-client.ts'
import { serve } from './test-server.ts'

/** Waits of milliseconds, none of the environment. */
const quick: HttpClientOptions = { requestBackoffFactor: 0.001, env: {} }

function get(url: string, options: HttpClientOptions = {}, signal?: AbortSignal): ReturnType<HttpClient['send']> {
  return new HttpClient({ ...quick, ...options }).send(new ApiRequest({ url }), signal)
}

describe('asks again', () => {
  it.each([429, 500, 502, 503, 599])('on %i, five times in all, and then hands on the answer', async (status) => {
    const server = await serve(() => ({ status }))
    expect((await get(server.url)).status).toBe(status)
    expect(server.arrived).toHaveLength(5)
  })

  it.each([400, 401, 404, 408, 600])('not on %i', async (status) => {
    const server = await serve(() => ({ status }))
    expect((await get(server.url)).status).toBe(status)
    expect(server.arrived).toHaveLength(1)
  })

  it('until an answer is good', async () => {
    let count = 0
    const server = await serve(() => (++count < 3 ? { status: 503 } : { body: { ok: true } }))
    expect((await get(server.url)).json()).toEqual({ ok: true })
  })

  it('where the connection is reset', async () => {
    let count = 0
    const server = await serve((_, { request }) => {
      if (++count > 2) return { body: [1] }
      request.socket.resetAndDestroy()
      return undefined
    })
    expect((await get(server.url)).json()).toEqual([1])
    expect(server.arrived).toHaveLength(3)
  })

  it('where the answer breaks off', async () => {
    let count = 0
    const server = await serve((_, { response }) => {
      if (++count > 1) return { body: [1] }
      response.writeHead(200, { 'content-length': '100' }).write('[')
      void setTimeout(20).then(() => response.destroy())
      return undefined
    })
    expect((await get(server.url)).json()).toEqual([1])
    expect(server.arrived).toHaveLength(2)
  })

  it('where no answer comes in time', async () => {
    let count = 0
    const server = await serve(() => (++count > 1 ? { body: [1] } : undefined))
    expect((await get(server.url, { requestTimeout: 0.2 })).json()).toEqual([1])
  })

  it('only where settings say so', async () => {
    const server = await serve(() => ({ status: 503 }))
    await get(server.url, { statusCodes: [] })
    expect(server.arrived).toHaveLength(1)
    await get(server.url, { requestMaxAttempts: 2 })
    expect(server.arrived).toHaveLength(3)
    await get(server.url, { statusCodes: [418], retryCondition: (response) => response?.status === 503 })
    expect(server.arrived).toHaveLength(8)
    await expect(get('http://127.0.0.1:1', { retryConnectionErrors: false })).rejects.toMatchObject({
      code: 'http_connection_failed',
    })
  })
})

describe('waits', () => {
  const gaps = (arrived: readonly { readonly at: number }[]): number[] =>
    arrived.slice(1).map((one, index) => one.at - (arrived[index]?.at ?? 0))

  it('longer from attempt to attempt', async () => {
    const server = await serve(() => ({ status: 500 }))
    await get(server.url, { requestBackoffFactor: 0.05, requestMaxAttempts: 4 })
    const [first = 0, second = 0, third = 0] = gaps(server.arrived)
    expect(first).toBeGreaterThan(48)
    expect(second).toBeGreaterThan(98)
    expect(third).toBeGreaterThan(198)
  })

  it('as many seconds as Retry-After says', async () => {
    let count = 0
    const server = await serve(() => (++count > 1 ? {} : { status: 429, headers: { 'retry-after': '1' } }))
    await get(server.url)
    expect(gaps(server.arrived)[0]).toBeGreaterThan(990)
  })

  it('until the date that Retry-After says', async () => {
    let count = 0
    const date = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000)
    const server = await serve(() =>
      ++count > 1 ? {} : { status: 503, headers: { 'retry-after': date.toUTCString() } },
    )
    await get(server.url)
    expect(Date.now()).toBeGreaterThanOrEqual(date.getTime() - 5)
  })

  it('as it would without Retry-After where it is told to ignore it', async () => {
    const server = await serve(() => ({ status: 429, headers: { 'retry-after': '100' } }))
    await get(server.url, { respectRetryAfterHeader: false })
    expect(server.arrived).toHaveLength(5)
  })
})

describe('stops', () => {
  it('waiting for an answer, with the reason of the signal', async () => {
    const server = await serve(() => undefined)
    const controller = new AbortController()
    const answer = get(server.url, {}, controller.signal)
    void setTimeout(50).then(() => controller.abort(new Error('told to stop')))
    await expect(answer).rejects.toThrow('told to stop')
    expect(server.arrived).toHaveLength(1)
  })

  it('waiting for the next attempt', async () => {
    const server = await serve(() => ({ status: 429, headers: { 'retry-after': '100' } }))
    const controller = new AbortController()
    const answer = get(server.url, {}, controller.signal)
    void setTimeout(50).then(() => controller.abort(new Error('told to stop')))
    await expect(answer).rejects.toThrow('told to stop')
  })
})

it('a slow answer is no timeout while something comes', async () => {
  const server = await serve(async (_, { response }) => {
    response.writeHead(200)
    for (const part of ['[', '1', ',', '2', ']']) {
      response.write(part)
      await setTimeout(100)
    }
    response.end()
    return undefined
  })
  expect((await get(server.url, { requestTimeout: 0.3 })).json()).toEqual([1, 2])
})

it('an error names URL, reason and method, and no secret', async () => {
  const failed = get('http://user:hunter2@127.0.0.1:1/items?page=2&api_key=s3cret&Access-Token=t0ken')
  await expect(failed).rejects.toMatchObject({
    message: expect.stringMatching(
      /^GET http:\/\/user:\*\*\*@127\.0\.0\.1:1\/items\?page=2&api_key=\*\*\*&Access-Token=\*\*\* failed: .+\.$/,
    ) as string,
    terminal: false,
  })
})

describe('redirects', () => {
  it('keep credentials on the same host, and drop them on the way to another', async () => {
    const other = await serve(({ path }) => ({ body: { path } }))
    const server = await serve(({ path }) => {
      if (path === '/same') return { status: 302, headers: { location: '/here' } }
      if (path === '/other') return { status: 302, headers: { location: `${other.url}/there` } }
      return { body: { path } }
    })
    const send = (path: string): ReturnType<HttpClient['send']> => {
      const request = new ApiRequest({ url: `${server.url}${path}`, headers: { cookie: 'c=1', 'x-plain': 'p' } })
      request.setSecretHeader('authorization', 'Bearer t0ken')
      request.setSecretHeader('X-Api-Key', 's3cret')
      return new HttpClient(quick).send(request)
    }
    expect((await send('/same')).json()).toEqual({ path: '/here' })
    expect(server.arrived.at(-1)?.headers).toMatchObject({
      authorization: 'Bearer t0ken',
      'x-api-key': 's3cret',
      cookie: 'c=1',
    })
    const answer = await send('/other')
    expect(answer.json()).toEqual({ path: '/there' })
    expect(answer.url).toBe(`${other.url}/there`)
    const [{ headers } = { headers: {} }] = other.arrived
    expect(headers).toMatchObject({ 'x-plain': 'p' })
    for (const name of ['authorization', 'x-api-key', 'cookie']) expect(headers).not.toHaveProperty(name)
  })

  it('turn a POST into a GET by 303, and keep it by 307', async () => {
    const server = await serve(({ path }) =>
      path === '/end' ? {} : { status: Number(path.slice(1)), headers: { location: '/end' } },
    )
    for (const status of [303, 307]) {
      await new HttpClient(quick).send(
        new ApiRequest({ method: 'post', url: `${server.url}/${status}`, json: { a: 1 } }),
      )
    }
    expect(server.arrived.filter((one) => one.path === '/end').map(({ method, body }) => [method, body])).toEqual([
      ['GET', ''],
      ['POST', '{"a":1}'],
    ])
  })

  it('end after thirty', async () => {
    const server = await serve(() => ({ status: 302, headers: { location: '/' } }))
    await expect(get(server.url, { requestMaxAttempts: 1 })).rejects.toThrow('more than 30 redirects')
  })
})

it('sends parameters, JSON with exact integers, and forms', async () => {
  const server = await serve(() => ({}))
  const http = new HttpClient(quick)
  await http.send(
    new ApiRequest({ url: `${server.url}/?a=1`, params: { b: [2, 3n], c: null, d: undefined, e: 'ü &' } }),
  )
  await http.send(
    new ApiRequest({ method: 'POST', url: server.url, json: { id: 9007199254740993n, list: [1.5, null] } }),
  )
  await http.send(new ApiRequest({ method: 'POST', url: server.url, data: { a: 'b c', d: 1 } }))
  await http.send(new ApiRequest({ method: 'POST', url: server.url, data: 'ü' }))
  await http.send(new ApiRequest({ method: 'POST', url: server.url, data: Buffer.from('x') }))
  expect(server.arrived.map(({ query, body, headers }) => [String(query), body, headers['content-type']])).toEqual([
    ['a=1&b=2&b=3&e=%C3%BC+%26', '', undefined],
    ['', '{"id":9007199254740993,"list":[1.5,null]}', 'application/json'],
    ['', 'a=b+c&d=1', 'application/x-www-form-urlencoded'],
    ['', 'ü', undefined],
    ['', 'x', undefined],
  ])
  expect(server.arrived[0]?.headers['user-agent']).toMatch(/^gantry\/\d/)
})

it('reads text in the encoding of the answer', async () => {
  const server = await serve((_, { response }) => {
    response
      .writeHead(200, { 'content-type': 'application/json; charset=ISO-8859-1' })
      .end(Buffer.from('"h\xf6he"', 'latin1'))
    return undefined
  })
  const answer = await get(server.url)
  expect(answer.json()).toBe('höhe')
  answer.text = '[1]'
  expect(answer.json()).toEqual([1])
})
