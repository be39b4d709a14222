import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { double, silentLog, type Logger } from '@gantry/common'
import { ApiResponse } from '../../../src/http/api-response.ts'
import { HttpClient } from '../../../src/http/http-client.ts'
import { BearerTokenAuth } from '../../../src/sources/rest-api/auth/bearer-auth.ts'
import { RESTClient } from '../../../src/sources/rest-api/client.ts'
import { detectSelector } from '../../../src/sources/rest-api/data-selector.ts'
import { IgnoreResponseException } from '../../../src/sources/rest-api/hooks.ts'
import { paginate } from '../../../src/sources/rest-api/paginate.ts'
import { JsonCursorPaginator } from '../../../src/sources/rest-api/paginators/json-cursor-paginator.ts'
import { PageNumberPaginator } from '../../../src/sources/rest-api/paginators/page-number-paginator.ts'
import { SinglePagePaginator } from '../../../src/sources/rest-api/paginators/single-page-paginator.ts'
import { rowsOf, serve } from '../../http/test-server.ts'

const session = new HttpClient({ requestBackoffFactor: 0.001, env: {} })

describe('rows are found', () => {
  it.each([
    [{ data: [1], items: [2] }, 'data'],
    [{ meta: [], results: [1] }, 'results'],
    [{ tags: ['a'], response: { payload: [1] } }, 'response.payload'],
    [{ tags: ['a'], other: ['b'] }, 'tags'],
    [{ a: { b: { records: [1] } } }, 'a.b.records'],
    [{ a: { b: { c: { records: [1] } } } }, '$'],
    [{ Data: [1] }, 'Data'],
    [{ 'odd key': { values: [1] } }, '$["odd key"]["values"]'],
    [{ id: 1, name: 'x' }, '$'],
    [[1, 2], '$'],
  ])('in %j under %s', (body, path) => {
    expect(detectSelector(body).text).toBe(path)
  })

  it.each([
    ['data.items', { data: { items: [{ id: 1 }, { id: 2 }] } }, [{ id: 1 }, { id: 2 }]],
    ['data', { data: { id: 1 } }, [{ id: 1 }]],
    ['data', { data: null, items: [1] }, []],
    ['data.items', { data: {}, items: [1] }, []],
    ['lists[*].items[*]', { lists: [{ items: [1, 2] }, { items: [3] }] }, [1, 2, 3]],
    ['lists[*].items', { lists: [{ items: [1, 2] }, { items: [3] }] }, [[1, 2], [3]]],
    ['$..id', { id: 1, a: { id: 2 } }, [1, 2]],
    ['data[?@.ok == true]', { data: [{ ok: true }, { ok: false }] }, [{ ok: true }]],
  ])('by %s in %j', async (dataSelector, body, rows) => {
    const server = await serve(() => ({ body }))
    const paginator = new SinglePagePaginator()
    expect(await rowsOf(paginate(server.url, { session, dataSelector, paginator }))).toEqual(rows)
  })

  it('exact, integers of any size included', async () => {
    const server = await serve(() => ({
      body: '[{"id": 9223372036854775807, "wei": 123456789012345678901234567890, "one": 1.0, "__proto__": 5, "2": 0}]',
    }))
    const [row] = await rowsOf(paginate(server.url, { session }))
    expect(row?.['id']).toBe(9223372036854775807n)
    expect(row?.['wei']).toBe(123456789012345678901234567890n)
    expect(row?.['one']).toEqual(double(1))
    expect(Object.keys(row ?? {})).toContain('__proto__')
  })

  it('not in what is no JSON', async () => {
    const server = await serve(() => ({ body: '<html>', headers: { 'content-type': 'text/html' } }))
    await expect(rowsOf(paginate(`${server.url}/x?token=t`, { session }))).rejects.toMatchObject({
      code: 'invalid_response_body',
      message: expect.stringMatching(
        /^GET http.*\/x\?token=\*\*\* answered 200 with 6 bytes \(text\/html\) that are not JSON: /,
      ) as string,
    })
  })
})

describe('a page', () => {
  it('is the list of its rows, and knows what it came from', async () => {
    const server = await serve(({ query }) => ({
      body: { data: [{ id: 1 }], ...(query.has('cursor') ? {} : { next: 'c' }) },
    }))
    const auth = new BearerTokenAuth({ token: 't0ken' })
    const client = new RESTClient({ baseUrl: server.url, auth, session, dataSelector: 'data' })
    const pages = client.paginate<{ id: number }>('items', {
      paginator: new JsonCursorPaginator({ cursorPath: 'next' }),
    })
    const { value: page } = await pages.next()
    if (page === undefined) throw new Error('no page')
    expect(page).toEqual([{ id: 1 }])
    expect(page.map((row) => row.id)).toEqual([1])
    expect(page.response.status).toBe(200)
    expect(page.paginator).toBeInstanceOf(JsonCursorPaginator)
    expect(page.auth).toBe(auth)
    expect(page.request.params).toEqual({ cursor: 'c' })
    expect(page.request.headers.has('authorization')).toBe(false)
    // What a consumer changes counts.
    page.request.params['extra'] = 1
    await pages.next()
    expect(String(server.arrived[1]?.query)).toBe('cursor=c&extra=1')
  })

  it('is asked for when it is needed', async () => {
    const server = await serve(() => ({ body: { data: [{}], pages: 5 } }))
    for await (const _ of paginate(server.url, { session })) break
    expect(server.arrived).toHaveLength(1)
  })
})

describe('a client', () => {
  it.each([
    ['http://x/api', 'items', '/api/items'],
    ['http://x/api/', '/items', '/api/items'],
    ['http://x', '', '/'],
  ])('joins %s and %s', async (base, path, joined) => {
    const server = await serve(() => ({ body: [] }))
    await new RESTClient({ baseUrl: base.replace('http://x', server.url), session }).get(path)
    expect(server.arrived[0]?.path).toBe(joined)
  })

  it('takes an absolute URL as it is, and refuses what is none', async () => {
    const server = await serve(() => ({ body: [] }))
    const client = new RESTClient({ baseUrl: 'api.test', session })
    expect((await client.get(`${server.url}/a`)).status).toBe(200)
    await expect(client.get('items')).rejects.toThrow('make no URL: "api.test" and "items"')
  })

  it('sends the call’s headers and auth over its own, and any method', async () => {
    const server = await serve(() => ({ status: 404, body: { error: 'x' } }))
    const client = new RESTClient({
      baseUrl: server.url,
      headers: { 'x-a': '1', 'x-b': '1' },
      auth: new BearerTokenAuth({ token: 'one' }),
      session,
    })
    const answer = await client.post('items', {
      headers: { 'x-b': '2' },
      json: { a: 1 },
      auth: new BearerTokenAuth({ token: 'two' }),
    })
    expect([answer.status, answer.ok, answer.json()]).toEqual([404, false, { error: 'x' }])
    expect(server.arrived[0]).toMatchObject({
      method: 'POST',
      body: '{"a":1}',
      headers: { 'x-a': '1', 'x-b': '2', authorization: 'Bearer two' },
    })
    await client.request('items', { method: 'put' })
    expect(server.arrived[1]?.method).toBe('PUT')
    await expect(client.post('items', { json: {}, data: 'x' })).rejects.toThrow('give "json" or "data", not both')
  })

  it('walks with a paginator of its own, several walks at a time', async () => {
    const server = await serve(({ query }) => ({ body: { data: [{ page: Number(query.get('page')) }], total: 4 } }))
    const client = new RESTClient({ baseUrl: server.url, paginator: new PageNumberPaginator(), session })
    const walks = await Promise.all([rowsOf(client.paginate('a')), rowsOf(client.paginate('b'))])
    expect(walks.map((rows) => rows.map((row) => row['page']))).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ])
  })

  it('finds out paginators in one’s own way, and says what it guessed', async () => {
    const said: unknown[] = []
    const log = Object.assign(silentLog(), { warn: (details: unknown) => said.push(details) }) as unknown as Logger
    const server = await serve(() => ({ body: { data: [{}], pages: 1 } }))
    await rowsOf(new RESTClient({ baseUrl: server.url, session, log }).paginate('items'))
    expect(said).toEqual([{ url: `${server.url}/items`, type: 'page_number', path: 'pages' }])
    const paginatorFactory = (): SinglePagePaginator => new SinglePagePaginator()
    await rowsOf(new RESTClient({ baseUrl: server.url, session, log, paginatorFactory }).paginate('items'))
    expect(said).toHaveLength(1)
  })
})

describe('an error status', () => {
  it('ends the walk, with dlt’s text', async () => {
    const server = await serve(() => ({ status: 404, body: { detail: 'gone' } }))
    await expect(rowsOf(paginate(`${server.url}/a?token=t`, { session }))).rejects.toMatchObject({
      code: 'http_error',
      status: 404,
      terminal: true,
      message: `404 Client Error: Not Found for url: ${server.url}/a?token=***`,
    })
  })

  it('shows the body where it is asked to, and cuts it', async () => {
    const server = await serve(() => ({ status: 500, body: 'x'.repeat(20) }))
    const showing = new HttpClient({
      requestMaxAttempts: 1,
      httpShowErrorBody: true,
      httpMaxErrorBodyLength: 5,
      env: {},
    })
    await expect(rowsOf(paginate(server.url, { session: showing }))).rejects.toMatchObject({
      terminal: false,
      message: `500 Server Error: Internal Server Error for url: ${server.url}/. It was asked again and stayed so; try later.\nxxxxx (truncated)`,
    })
  })
})

describe('response hooks', () => {
  it('see every answer, may wait, change it or replace it', async () => {
    const server = await serve(() => ({ body: 'data=[1]' }))
    const seen: number[] = []
    const response = [
      (answer: ApiResponse) => void seen.push(answer.status),
      async (answer: ApiResponse) => {
        await setTimeout(1)
        answer.text = answer.text.replace('data=', '')
      },
    ]
    expect(await rowsOf(paginate(server.url, { session, hooks: { response } }))).toEqual([1])
    expect(seen).toEqual([200])
    const other = (answer: ApiResponse): ApiResponse =>
      new ApiResponse(answer.request, answer.url, new Response(), Buffer.from('[2]'))
    expect(await rowsOf(paginate(server.url, { session, hooks: { response: other } }))).toEqual([2])
  })

  it('end the walk without an error', async () => {
    const server = await serve(({ query }) =>
      query.get('page') === '1' ? { status: 404 } : { body: { data: [1], total: 9 } },
    )
    const ignore = ({ status }: ApiResponse): void => {
      if (status === 404) throw new IgnoreResponseException()
    }
    const paginator = new PageNumberPaginator()
    expect(await rowsOf(paginate(server.url, { session, paginator, hooks: { response: ignore } }))).toEqual([1])
  })
})

it('loses nothing where every third request fails', async () => {
  let count = 0
  const server = await serve(({ query }, { request }) => {
    count++
    if (count % 6 === 0) {
      request.socket.resetAndDestroy()
      return undefined
    }
    if (count % 3 === 0) return { status: count % 2 === 0 ? 503 : 429 }
    const page = Number(query.get('page'))
    return { body: { data: [{ id: page * 2 }, { id: page * 2 + 1 }], total: 50 } }
  })
  const rows = await rowsOf(paginate(server.url, { session, paginator: new PageNumberPaginator() }))
  expect(rows.map((row) => row['id'])).toEqual(Array.from({ length: 100 }, (_, id) => id))
})

it('stops a walk by its signal', async () => {
  const server = await serve(() => ({ body: { data: [1], pages: 1000 } }))
  const controller = new AbortController()
  let count = 0
  const walk = async (): Promise<void> => {
    for await (const _ of paginate(server.url, { session, signal: controller.signal })) {
      if (++count === 3) controller.abort(new Error('told to stop'))
    }
  }
  await expect(walk()).rejects.toThrow('told to stop')
  expect(server.arrived).toHaveLength(3)
})
