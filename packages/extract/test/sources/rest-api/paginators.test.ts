import { describe, expect, it } from 'vitest'
import { HttpClient } from '../../../src/http/http-client.ts'
import type { PaginateOptions } from '../../../src/sources/rest-api/client.ts'
import { paginate } from '../../../src/sources/rest-api/paginate.ts'
import {
  createPaginator,
  registerPaginator,
  type PaginatorOptions,
} from '../../../src/sources/rest-api/paginators/paginator-types.ts'
import type { Paginator } from '../../../src/sources/rest-api/paginators/paginator.ts'
import { JsonCursorPaginator } from '../../../src/sources/rest-api/paginators/json-cursor-paginator.ts'
import { SinglePagePaginator } from '../../../src/sources/rest-api/paginators/single-page-paginator.ts'
import { JsonLinkPaginator } from '../../../src/sources/rest-api/paginators/json-link-paginator.ts'
import { OffsetPaginator } from '../../../src/sources/rest-api/paginators/offset-paginator.ts'
import { PageNumberPaginator } from '../../../src/sources/rest-api/paginators/page-number-paginator.ts'
import { rowsOf, serve, type Handler, type TestServer } from '../../http/test-server.ts'

const session = new HttpClient({ requestBackoffFactor: 0.001, env: {} })

/** Ids of all rows, as the paginator finds them; undefined: it is found out. */
async function ids(
  server: TestServer,
  config: PaginatorOptions | undefined,
  options: Omit<PaginateOptions, 'paginator'> = {},
): Promise<unknown[]> {
  const paginator = config === undefined ? undefined : createPaginator(config, '.')
  const found = await rowsOf(paginate(`${server.url}/items`, { session, ...options, paginator }))
  return found.map((row) => row['id'])
}

/** Rows from `start` on, 10 in all. */
function rows(start: number, count: number): { id: number }[] {
  return Array.from({ length: Math.max(0, Math.min(count, 10 - start)) }, (_, index) => ({ id: start + index }))
}

const all = rows(0, 10).map((row) => row.id)

function number(value: string | null, missing = 0): number {
  return value === null ? missing : Number(value)
}

describe('single_page', () => {
  it('reads one page', async () => {
    const server = await serve(() => ({ body: { data: rows(0, 2), next: '/more' } }))
    expect(await ids(server, { type: 'single_page' })).toEqual([0, 1])
  })
})

/** Pages of three; the next one under `next`, built from the number of its first row. */
function pagesOf(
  next: (start: number, request: Parameters<Handler>[0]) => { headers?: Record<string, string>; more?: object },
): Handler {
  return (request) => {
    const start = number(request.query.get('start') ?? request.query.get('cursor') ?? request.query.get('after'))
    const { headers = {}, more = {} } = start + 3 < 10 ? next(start + 3, request) : {}
    return { headers, body: { data: rows(start, 3), ...more } }
  }
}

describe('header_link', () => {
  const link: Handler = pagesOf((start, { headers }) => ({
    headers: {
      link: `<http://${headers.host}/items?start=0>; rel="first", <http://${headers.host}/items?start=${start}&q="a,b">; title="x, y"; rel="last next"`,
    },
  }))

  it.each([{ type: 'header_link' } as const, undefined])('follows the header (%j)', async (config) => {
    const server = await serve(link)
    expect(await ids(server, config, { params: { per_page: 3 } })).toEqual(all)
    expect(server.arrived.map((one) => one.query.get('per_page'))).toEqual(['3', null, null, null])
  })

  it('takes another relation, and a relative link', async () => {
    const server = await serve(pagesOf((start) => ({ headers: { link: `<?start=${start}>; rel=more` } })))
    expect(await ids(server, { type: 'header_link', linksNextKey: 'more' })).toEqual(all)
  })
})

describe('json_link', () => {
  it.each([
    ['next', (url: string) => ({ next: url })],
    ['paging.next', (url: string) => ({ paging: { next: url } })],
    ["$['@odata.nextLink']", (url: string) => ({ '@odata.nextLink': url })],
    ['_links[0].href', (url: string) => ({ _links: [{ href: url }] })],
  ])('follows %s', async (nextUrlPath, more) => {
    const server = await serve(pagesOf((start) => ({ more: more(`/items?start=${start}`) })))
    expect(await ids(server, { type: 'json_link', nextUrlPath }, { params: { q: 'x' } })).toEqual(all)
    expect(server.arrived.map((one) => one.query.get('q'))).toEqual(['x', null, null, null])
  })

  it.each([null, '', undefined])('stops at %j', async (next) => {
    const server = await serve(() => ({ body: { data: rows(0, 3), next } }))
    expect(await ids(server, { type: 'json_link' })).toEqual([0, 1, 2])
  })

  it('refuses what is no link, with its path', async () => {
    const server = await serve(() => ({ body: { data: rows(0, 3), next: 7 } }))
    await expect(ids(server, { type: 'json_link' })).rejects.toThrow(/"next" in the answer of http:.* is a number/)
  })
})

describe('header_cursor', () => {
  it('sends the header as a parameter', async () => {
    const server = await serve(pagesOf((start) => ({ headers: { 'x-next': String(start) } })))
    expect(await ids(server, { type: 'header_cursor', cursorKey: 'X-Next', cursorParam: 'after' })).toEqual(all)
  })
})

describe('cursor', () => {
  it('sends the cursor as a parameter, beside the others', async () => {
    const server = await serve(pagesOf((start) => ({ more: { cursors: { next: start } } })))
    expect(await ids(server, { type: 'cursor' }, { params: { q: 'x' } })).toEqual(all)
    expect(server.arrived.map((one) => String(one.query))).toEqual([
      'q=x',
      'q=x&cursor=3',
      'q=x&cursor=6',
      'q=x&cursor=9',
    ])
  })

  it('sends the cursor in the body, and leaves the caller’s body as it is', async () => {
    const server = await serve(({ body }) => {
      const { page } = JSON.parse(body) as { page?: { after?: number } }
      const start = page?.after ?? 0
      return { body: { data: rows(start, 3), ...(start + 3 < 10 ? { next: start + 3 } : {}) } }
    })
    const json = { filter: { a: 1 } }
    const config = { type: 'cursor', cursorPath: 'next', cursorBodyPath: 'page.after' } as const
    expect(await ids(server, config, { method: 'POST', json })).toEqual(all)
    expect(server.arrived.at(-1)?.body).toBe('{"filter":{"a":1},"page":{"after":9}}')
    expect(json).toEqual({ filter: { a: 1 } })
  })

  it('keeps integers beyond 2^53 exact', async () => {
    const server = await serve(({ query }) =>
      query.has('cursor')
        ? { body: { data: [{ id: 2 }] } }
        : { body: '{"data": [{"id": 9007199254740993}], "next": 9007199254740995}' },
    )
    expect(await ids(server, { type: 'cursor', cursorPath: 'next' })).toEqual([9007199254740993n, 2])
    expect(server.arrived[1]?.query.get('cursor')).toBe('9007199254740995')
  })

  it.each([0, '', false, null])('stops at %j', async (next) => {
    const server = await serve(() => ({ body: { data: rows(0, 3), next } }))
    expect(await ids(server, { type: 'cursor', cursorPath: 'next' })).toEqual([0, 1, 2])
  })

  it('stops at an empty page where it is told to', async () => {
    const server = await serve(({ query }) => ({
      body: { data: query.has('cursor') ? [] : rows(0, 3), next: 'same', more: true },
    }))
    for (const more of [{}, { hasMorePath: 'more' }]) {
      const config = { type: 'cursor', cursorPath: 'next', stopAfterEmptyPage: true, ...more } as const
      expect(await ids(server, config)).toEqual([0, 1, 2])
    }
    expect(server.arrived).toHaveLength(4)
  })

  it('leaves the decision to hasMorePath', async () => {
    const server = await serve(({ query }) => {
      const start = number(query.get('cursor'))
      return { body: { data: rows(start, 3), next: start + 3, more: start + 3 < 10 ? 'True' : false } }
    })
    expect(await ids(server, { type: 'cursor', cursorPath: 'next', hasMorePath: 'more' })).toEqual(all)
  })

  it('refuses an answer that says there is more and has no cursor', async () => {
    const server = await serve(() => ({ body: { data: rows(0, 3), more: true } }))
    await expect(ids(server, { type: 'cursor', cursorPath: 'next', hasMorePath: 'more' })).rejects.toThrow(
      /has no cursor at "next"/,
    )
  })
})

/** Rows by offset and limit. */
function byOffset(more: (offset: number) => object): Handler {
  return ({ query, body }) => {
    const asked = body === '' ? {} : (JSON.parse(body) as { window?: { from: number; size: number } })
    const offset = asked.window?.from ?? number(query.get('offset') ?? query.get('skip'))
    const limit = asked.window?.size ?? number(query.get('limit') ?? query.get('take'), 100)
    return { body: { data: rows(offset, limit), ...more(offset) } }
  }
}

describe('offset', () => {
  it('goes on to the total, with the limit in each request', async () => {
    const server = await serve(byOffset(() => ({ total: 10 })))
    expect(await ids(server, { type: 'offset', limit: 4 })).toEqual(all)
    expect(server.arrived.map((one) => String(one.query))).toEqual([
      'offset=0&limit=4',
      'offset=4&limit=4',
      'offset=8&limit=4',
    ])
  })

  it('takes names of its own, a place in the body, and a total in text', async () => {
    const server = await serve(byOffset(() => ({ meta: { count: '10' } })))
    const totalPath = 'meta.count'
    expect(await ids(server, { type: 'offset', limit: 4, offsetParam: 'skip', limitParam: 'take', totalPath })).toEqual(
      all,
    )
    const inBody = {
      type: 'offset',
      limit: 4,
      offsetBodyPath: 'window.from',
      limitBodyPath: 'window.size',
      totalPath,
    } as const
    expect(await ids(server, inBody, { method: 'POST' })).toEqual(all)
    expect(server.arrived.at(-1)?.body).toBe('{"window":{"from":8,"size":4}}')
  })

  it('asks once more without a total, and stops at the empty page', async () => {
    const server = await serve(byOffset(() => ({})))
    expect(await ids(server, { type: 'offset', limit: 5, totalPath: null })).toEqual(all)
    expect(server.arrived).toHaveLength(3)
  })

  it('stops at the maximum', async () => {
    const server = await serve(byOffset(() => ({ total: 10 })))
    expect(await ids(server, { type: 'offset', limit: 2, maximumOffset: 4 })).toEqual([0, 1, 2, 3])
  })

  it('lets hasMorePath decide, also against the total', async () => {
    const server = await serve(byOffset((offset) => ({ total: 2, more: offset < 8 })))
    expect(await ids(server, { type: 'offset', limit: 2, hasMorePath: 'more' })).toEqual(all)
  })

  it.each([
    [{}, 'no total at "total"'],
    [{ total: 'many' }, 'something else than an integer at "total"'],
  ])('refuses an answer with %j', async (more, message) => {
    const server = await serve(byOffset(() => more))
    await expect(ids(server, { type: 'offset', limit: 4 })).rejects.toMatchObject({
      code: 'pagination_failed',
      message: expect.stringContaining(message) as string,
    })
  })

  it('reads no total where the page is empty', async () => {
    const server = await serve(() => ({ body: { data: [] } }))
    expect(await ids(server, { type: 'offset', limit: 4 })).toEqual([])
  })

  it.each([
    [{ limit: 2, totalPath: null, stopAfterEmptyPage: false }, 'would never stop'],
    [{ limit: 2, offsetParam: 'o', offsetBodyPath: 'b' }, 'not both'],
    [{ limit: 2, limitParam: '' }, 'needs "limitParam" or "limitBodyPath"'],
    [{ limit: 0 }, 'needs "limit"'],
    [{ limit: 2, totalPath: '$[' }, 'is not a JSONPath'],
  ])('refuses %j', (options, message) => {
    expect(() => new OffsetPaginator(options)).toThrow(message)
  })
})

describe('page_number', () => {
  const byPage =
    (base: number, more: object): Handler =>
    ({ query }) => ({ body: { data: rows((number(query.get('page'), base) - base) * 4, 4), ...more } })

  it('counts from zero to the total of pages', async () => {
    const server = await serve(byPage(0, { total: 3 }))
    expect(await ids(server, { type: 'page_number' })).toEqual(all)
    expect(server.arrived.map((one) => one.query.get('page'))).toEqual(['0', '1', '2'])
  })

  it('counts from one, from a page in between, and up to a maximum', async () => {
    const server = await serve(byPage(1, { total: 3 }))
    expect(await ids(server, { type: 'page_number', basePage: 1 })).toEqual(all)
    expect(await ids(server, { type: 'page_number', basePage: 1, page: 2 })).toEqual(all.slice(4))
    expect(await ids(server, { type: 'page_number', basePage: 1, maximumPage: 2 })).toEqual(all.slice(0, 4))
  })

  it('stops at an empty page where the answer has no total', async () => {
    const server = await serve(byPage(1, {}))
    expect(await ids(server, { type: 'page_number', basePage: 1, totalPath: null })).toEqual(all)
    await expect(ids(server, { type: 'page_number', basePage: 1 })).rejects.toThrow(/no total at "total"/)
  })

  it('begins anew with each walk', async () => {
    const server = await serve(byPage(0, { total: 3 }))
    const paginator = new PageNumberPaginator()
    for (let walk = 0; walk < 2; walk++) {
      expect(await rowsOf(paginate(server.url, { session, paginator }))).toHaveLength(10)
    }
  })
})

describe('without a paginator, the first answer tells it', () => {
  it.each<[string, (start: number) => object]>([
    ['a link under next', (start) => ({ next: `/items?start=${start}` })],
    ['a link under next_page, deeper', (start) => ({ meta: { count: 10, next_page: `/items?start=${start}` } })],
    [
      'an object under next with href',
      (start) => ({ links: { self: { href: '/items' }, next: { href: `/items?start=${start}` } } }),
    ],
    ['a cursor under next_cursor', (start) => ({ meta: { next_cursor: String(start) } })],
  ])('%s', async (_, more) => {
    expect(await ids(await serve(pagesOf((start) => ({ more: more(start) }))), undefined)).toEqual(all)
  })

  it('a number of pages', async () => {
    const server = await serve(({ query }) => ({
      body: { data: rows(number(query.get('page')) * 4, 4), Total_Pages: 3, total: 10 },
    }))
    expect(await ids(server, undefined)).toEqual(all)
  })

  it.each([
    [{ next_cursor: 'x', next: '/items' }, JsonCursorPaginator],
    [{ paging: { next: null, next_url: 'http://x.test' } }, JsonLinkPaginator],
    [{ next_cursor: 'x', pages: '3' }, PageNumberPaginator],
    [{ pages: 'many', next: 4 }, JsonCursorPaginator],
    [{ next: true, pages: false }, SinglePagePaginator],
    [{ next: [1], items: [{ next: '/items' }] }, SinglePagePaginator],
  ])('%j', async (body, expected) => {
    const server = await serve(() => ({ body }))
    const { value: page } = await paginate(server.url, { session }).next()
    expect(page?.paginator).toBeInstanceOf(expected)
  })

  it('nothing: one page', async () => {
    const server = await serve(() => ({ body: rows(0, 3) }))
    expect(await ids(server, undefined)).toEqual([0, 1, 2])
    expect(server.arrived).toHaveLength(1)
  })
})

describe('in configuration', () => {
  it.each([
    ['pages', './p: there is no paginator "pages". Known: auto, single_page'],
    ['offset', './p: The paginator by offset needs "limit"'],
    [{ type: 'json_link', next_url_path: 'x' }, '"next_url_path" of ./p is not known. Did you mean "nextUrlPath"?'],
    [{ limit: 3 }, './p: there is no paginator without "type"'],
  ])('%j is refused', (config, message) => {
    expect(() => createPaginator(config as never, './p')).toThrow(message)
  })

  it('own types can be given a name', () => {
    class OwnPaginator extends JsonLinkPaginator {}
    registerPaginator('own', OwnPaginator)
    const made = createPaginator({ type: 'own', nextUrlPath: 'x' }, './p') as Paginator & {
      nextUrlPath: { text: string }
    }
    expect(made).toBeInstanceOf(OwnPaginator)
    expect(made.nextUrlPath.text).toBe('x')
  })
})
