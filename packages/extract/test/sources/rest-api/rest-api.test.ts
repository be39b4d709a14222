import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { resource } from '../../../src/resource.ts'
import type { Source } from '../../../src/source.ts'
import { Configuration } from '@gantry/common'
import type { RowsResource } from '../../../src/extractable.ts'
import { extractableSources } from '../../../src/extractable-sources.ts'
import { readRows } from '../../../src/pipe/read-rows.ts'
import type { Cursor } from '../../../src/incremental/cursor.ts'
import { incremental } from '../../../src/incremental/incremental.ts'
import { HttpClient } from '../../../src/http/http-client.ts'
import { checkConnection } from '../../../src/sources/rest-api/check-connection.ts'
import type { EndpointConfig, ResourceConfig, RestApiConfig } from '../../../src/sources/rest-api/rest-api-config.ts'
import type { ResponseAction } from '../../../src/sources/rest-api/response-actions.ts'
import { restApi, restApiResources, type RestApiOptions } from '../../../src/sources/rest-api/rest-api.ts'
import { serve, type TestServer } from '../../http/test-server.ts'

const session = new HttpClient({ requestBackoffFactor: 0.001, env: {} })

const configuration = Configuration.ofEnvironment({})

/** The rows of each selected resource, in a run. */
async function read(source: Source, signal?: AbortSignal): Promise<Record<string, unknown[]>> {
  const [extracted] = await extractableSources(source, {}, configuration)
  const resources = (extracted?.resources ?? []) as readonly RowsResource[]
  const rows = Object.fromEntries(resources.filter((one) => one.isWritten).map(({ name }) => [name, [] as unknown[]]))
  await readRows(resources, {
    configuration,
    section: source.section,
    onRow: (name, row) => rows[name]?.push(row),
    ...(signal === undefined ? {} : { signal }),
  })
  return rows
}

/** Has an endpoint asked as in a run with this cursor. */
async function askWith(config: RestApiConfig, cursor: Partial<Cursor> | undefined): Promise<void> {
  const head = restApiResources(config)[0]?.definition.head
  if (head?.kind !== 'data' || typeof head.data !== 'function') throw new Error('The resource is no function.')
  for await (const _ of await head.data({ cursor, signal: new AbortController().signal } as never));
}

/** Users 1 to 3, in pages of two, each with two posts; of user 2 nothing is known. */
function blog(): Promise<TestServer> {
  return serve(({ path, query }) => {
    if (path === '/users') {
      return query.has('cursor')
        ? { body: { data: [{ id: 3, name: 'c', team: { id: 30 } }] } }
        : {
            body: {
              data: [
                { id: 1, name: 'a', team: { id: 10 } },
                { id: 2, name: 'b', team: { id: 20 } },
              ],
              next: 'x',
            },
          }
    }
    const user = /^\/users\/(\d)(\/posts)?$/.exec(path)
    if (user?.[2] !== undefined) {
      return user[1] === '2'
        ? { status: 404 }
        : { body: { data: [{ id: Number(user[1]) * 10 }, { id: Number(user[1]) * 10 + 1 }] } }
    }
    return { body: { id: Number(user?.[1]), tags: ['x'], next: 'no-page' } }
  })
}

const users: ResourceConfig = { name: 'users', endpoint: { paginator: { type: 'cursor', cursorPath: 'next' } } }

function configOf(
  server: TestServer,
  resources: RestApiConfig['resources'],
  more: Partial<RestApiConfig> = {},
): RestApiConfig {
  return { client: { baseUrl: server.url, session }, resources, ...more }
}

describe('resources', () => {
  it('are read from paths, from descriptions, and from elsewhere', async () => {
    const server = await serve(({ path }) => ({ body: [{ path }] }))
    const source = restApi(
      configOf(server, [
        'a',
        { name: 'b' },
        { name: 'c', endpoint: '/deep/c' },
        { name: 'd', endpoint: { path: 'd', method: 'POST', json: { q: 1 } } },
        resource({ name: 'e' }, [{ path: 'none' }]),
        { name: 'f', selected: false },
      ]),
    )
    expect(source.name).toBe('rest_api')
    expect(await read(source)).toEqual({
      a: [{ path: '/a' }],
      b: [{ path: '/b' }],
      c: [{ path: '/deep/c' }],
      d: [{ path: '/d' }],
      e: [{ path: 'none' }],
    })
    expect(server.arrived.find((one) => one.path === '/d')).toMatchObject({ method: 'POST', body: '{"q":1}' })
    expect(await read(source.withResources('f'))).toEqual({ f: [{ path: '/f' }] })
  })

  it('have the hints that they are given, over those of the defaults', async () => {
    const server = await blog()
    const [one, two] = restApiResources(
      configOf(server, ['x', { name: 'y', primaryKey: 'key', columns: { b: { nullable: false } } }], {
        resourceDefaults: {
          primaryKey: 'id',
          writeDisposition: 'merge',
          columns: { a: { dataType: 'text' }, b: { dataType: 'bool' } },
        },
      }),
    )
    expect(one?.hints).toEqual({
      primaryKey: 'id',
      writeDisposition: 'merge',
      columns: { a: { dataType: 'text' }, b: { dataType: 'bool' } },
    })
    expect(two?.hints).toEqual({
      primaryKey: 'key',
      writeDisposition: 'merge',
      columns: { a: { dataType: 'text' }, b: { dataType: 'bool', nullable: false } },
    })
  })

  it('have the endpoint of the defaults under their own, parameters and JSON put together', async () => {
    const server = await serve(() => ({ body: [{}] }))
    const source = restApi(
      configOf(
        server,
        [
          { name: 'a', endpoint: { params: { q: 'own', r: 1 }, json: { b: 2 } } },
          { name: 'b', endpoint: { method: 'PUT', headers: { 'x-h': 'own' } } },
        ],
        {
          resourceDefaults: {
            endpoint: {
              method: 'POST',
              params: { limit: 5, q: 'default' },
              json: { a: 1 },
              headers: { 'x-h': 'default' },
            },
          },
        },
      ),
    )
    await read(source)
    expect(
      server.arrived.map(({ method, query, body, headers }) => [method, String(query), body, headers['x-h']]),
    ).toEqual([
      ['POST', 'limit=5&q=own&r=1', '{"a":1,"b":2}', 'default'],
      ['PUT', 'limit=5&q=default', '{"a":1}', 'own'],
    ])
  })

  it('have the client’s headers, auth and paginator, unless the endpoint says otherwise', async () => {
    const server = await serve(({ query }) => ({ body: { data: [{ page: query.get('page') }], pages: 2, total: 1 } }))
    const source = restApi({
      client: {
        baseUrl: server.url,
        session,
        headers: { 'x-client': '1' },
        auth: { type: 'bearer', token: 'one' },
        paginator: { type: 'page_number', totalPath: 'pages' },
      },
      resources: [
        'a',
        { name: 'b', endpoint: { auth: { type: 'api_key', apiKey: 'two' }, paginator: 'single_page' } },
        { name: 'c', endpoint: { paginator: null } },
      ],
    })
    expect(await read(source)).toEqual({
      a: [{ page: '0' }, { page: '1' }],
      b: [{ page: null }],
      c: [{ page: '0' }, { page: '1' }],
    })
    // Resources take turns.
    expect(server.arrived.map((one) => [one.headers['x-client'], one.headers.authorization])).toEqual([
      ['1', 'Bearer one'],
      ['1', 'two'],
      ['1', 'Bearer one'],
      ['1', 'Bearer one'],
      ['1', 'Bearer one'],
    ])
  })

  it('have their rows filtered, changed and multiplied on the way, in this order', async () => {
    const server = await serve(() => ({ body: [{ id: 1 }, { id: 2 }, { id: 3 }] }))
    const source = restApi(
      configOf(server, [
        {
          name: 'a',
          processingSteps: [
            { filter: (row) => Number(row['id']) > 1 },
            { map: async (row) => ({ ...row, twice: await Promise.resolve(Number(row['id']) * 2) }) },
            { yieldMap: (row) => [row, { ...row, again: true }] },
          ],
        },
      ]),
    )
    expect(await read(source)).toEqual({
      a: [
        { id: 2, twice: 4 },
        { id: 2, twice: 4, again: true },
        { id: 3, twice: 6 },
        { id: 3, twice: 6, again: true },
      ],
    })
  })
})

describe('a dependent resource', () => {
  const ignore404: EndpointConfig['responseActions'] = [{ statusCode: 404, action: 'ignore' }]
  const byPlaceholder = { path: 'users/{resources.users.id}/posts', responseActions: ignore404 }
  const byResolve: EndpointConfig = {
    path: 'users/{user_id}/posts',
    params: { user_id: { type: 'resolve', resource: 'users', field: 'id' } },
    responseActions: ignore404,
  }

  it.each([byPlaceholder, byResolve])('is asked for with each row of its parent (%#)', async (endpoint) => {
    const server = await blog()
    const source = restApi(configOf(server, [users, { name: 'posts', endpoint, includeFromParent: ['name'] }]))
    expect((await read(source))['posts']).toEqual([
      { id: 10, _users_name: 'a' },
      { id: 11, _users_name: 'a' },
      { id: 30, _users_name: 'c' },
      { id: 31, _users_name: 'c' },
    ])
    expect(server.arrived.filter((one) => one.path.endsWith('/posts')).map((one) => String(one.query))).toEqual([
      '',
      '',
      '',
    ])
  })

  it('asks its parent once, page by page, also where that is not loaded', async () => {
    const server = await blog()
    const source = restApi(
      configOf(server, [
        { ...users, selected: false },
        { name: 'posts', endpoint: byPlaceholder },
      ]),
    )
    expect(Object.keys(await read(source))).toEqual(['posts'])
    const asked = server.arrived.map((one) => one.path)
    expect(asked[0]).toBe('/users')
    expect(asked.at(-1)).toBe('/users/3/posts')
    expect(asked.toSorted()).toEqual(['/users', '/users', '/users/1/posts', '/users/2/posts', '/users/3/posts'])
  })

  it('is asked for with what the cursor of its parent lets in', async () => {
    const server = await blog()
    const source = restApi(
      configOf(server, [
        {
          ...users,
          endpoint: { ...(users.endpoint as EndpointConfig), incremental: { cursorPath: 'id', initialValue: 3 } },
        },
        { name: 'posts', endpoint: byPlaceholder },
      ]),
    )
    expect(await read(source)).toMatchObject({ users: [{ id: 3 }], posts: [{ id: 30 }, { id: 31 }] })
  })

  it('may come before its parent, depend on a dependent one, and on one made elsewhere', async () => {
    const server = await serve(({ path, query }) => ({ body: [{ id: `${path}?${query}` }] }))
    const source = restApi(
      configOf(server, [
        { name: 'c', endpoint: { path: 'c', params: { of: '{resources.b.id}' } } },
        { name: 'b', endpoint: { path: 'b', params: { of: 'x-{resources.a.key.id}' } } },
        resource({ name: 'a' }, () => [[{ key: { id: 1 } }], { key: { id: 2 } }]),
      ]),
    )
    expect((await read(source))['c']).toEqual([{ id: '/c?of=%2Fb%3Fof%3Dx-1' }, { id: '/c?of=%2Fb%3Fof%3Dx-2' }])
  })

  it('fills path, parameters, JSON, data and headers, keys included, and keeps types in JSON', async () => {
    const server = await serve(() => ({ body: [{}] }))
    const parent = resource({ name: 'p' }, [{ id: 9007199254740993n, on: true, none: null, list: [1] }])
    const source = restApi(
      configOf(server, [
        parent,
        {
          name: 'child',
          endpoint: {
            path: '{kind}/{resources.p.id}/x',
            method: 'POST',
            params: {
              kind: 'k-{resources.p.on}',
              'q_{resources.p.id}': '{{literal}} {resources.p.on}',
              gone: '{resources.p.none}',
            },
            json: {
              id: '{resources.p.id}',
              text: 'id {resources.p.id}',
              deep: [{ on: '{resources.p.on}', none: '{resources.p.none}' }],
              list: '{resources.p.list}',
            },
            headers: { 'x-id': '{resources.p.id}' },
          },
        },
        { name: 'form', endpoint: { path: 'form', method: 'POST', data: { id: '{resources.p.id}' } } },
      ]),
    )
    await read(source)
    const [child, form] = server.arrived
    expect(child?.path).toBe('/k-true/9007199254740993/x')
    expect([...(child?.query ?? [])]).toEqual([['q_9007199254740993', '{literal} true']])
    expect(child?.body).toBe(
      '{"id":9007199254740993,"text":"id 9007199254740993","deep":[{"on":true,"none":null}],"list":[1]}',
    )
    expect(child?.headers['x-id']).toBe('9007199254740993')
    expect(form?.body).toBe('id=9007199254740993')
  })

  it('of one entity takes the whole answer as its row, and one page', async () => {
    const server = await blog()
    const source = restApi(
      configOf(server, [
        { ...users, selected: false },
        { name: 'user', endpoint: 'users/{resources.users.id}' },
      ]),
    )
    expect((await read(source))['user']).toHaveLength(3)
    const selecting = restApi(
      configOf(server, [
        { ...users, selected: false },
        { name: 'tags', endpoint: { path: 'users/{resources.users.id}', dataSelector: 'tags' } },
      ]),
    )
    expect((await read(selecting))['tags']).toEqual(['x', 'x', 'x'])
  })

  it('is asked for several rows at a time where it may, and loses none', async () => {
    let most = 0
    let now = 0
    let release = (): void => {}
    const fiveAreThere = new Promise<void>((resolve) => (release = resolve))
    const server = await serve(async ({ path }) => {
      most = Math.max(most, ++now)
      // The first five are answered once all of them are there.
      if (now === 5) release()
      await fiveAreThere
      await setTimeout(1)
      now--
      return { body: [{ path }] }
    })
    const parent = resource(
      { name: 'p' },
      Array.from({ length: 23 }, (_, id) => ({ id })),
    )
    const child: ResourceConfig = { name: 'c', endpoint: { path: 'c/{resources.p.id}/x' }, parallelized: true }
    const { c } = await read(restApi(configOf(server, [parent, child])))
    expect(new Set(c?.map((row) => (row as { path: string }).path)).size).toBe(23)
    expect(most).toBe(5)
  })

  it.each([
    [
      { name: 'c', endpoint: 'c/{resources.p.missing}/x' },
      'Resource "c" needs "missing" of each row of "p", and a row is without it. It has: id, none.',
    ],
    [{ name: 'c', endpoint: 'c/{resources.p.none}/x' }, 'Resource "c" needs "none" of each row of "p"'],
    [
      { name: 'c', endpoint: 'c/{resources.p.id}/x', includeFromParent: ['other'] },
      'Resource "c" needs "other" of each row of "p"',
    ],
  ])('of a row without the field is an error: %j', async (child, message) => {
    const server = await blog()
    const source = restApi(configOf(server, [resource({ name: 'p' }, [{ id: 1, none: null }]), child]))
    await expect(read(source)).rejects.toThrow(message)
  })
})

describe('answers', () => {
  const server = (): Promise<TestServer> =>
    serve(({ path }) => (path === '/bad' ? { status: 400, body: { error: 'no such shop' } } : { body: [{ v: 'ä' }] }))
  const read1 = async (endpoint: EndpointConfig): Promise<unknown> =>
    (await read(restApi(configOf(await server(), [{ name: 'r', endpoint }]))))['r']

  it.each<[string, readonly ResponseAction[]]>([
    ['status', [{ statusCode: 400, action: 'ignore' }]],
    ['content', [{ content: 'no such', action: 'ignore' }]],
    ['both', [{ statusCode: 400, content: 'no such', action: 'ignore' }]],
  ])('are ignored by %s', async (_, responseActions) => {
    expect(await read1({ path: 'bad', responseActions })).toEqual([])
  })

  it.each<[string, readonly ResponseAction[]]>([
    ['another status', [{ statusCode: 404, action: 'ignore' }]],
    ['one of two that does not match', [{ statusCode: 400, content: 'else', action: 'ignore' }]],
    ['neither status nor content', [{ action: 'ignore' }]],
    ['no action', []],
  ])('are errors for %s', async (_, responseActions) => {
    await expect(read1({ path: 'bad', responseActions })).rejects.toThrow('400 Client Error')
  })

  it('are handed to functions, in their order', async () => {
    const seen: string[] = []
    const rows = await read1({
      path: 'good',
      responseActions: [
        (response) => void seen.push(`all ${response.status}`),
        { statusCode: 500, action: () => void seen.push('never') },
        { statusCode: 200, action: [() => void seen.push('first'), (response) => void (response.text = '[{"v": 2}]')] },
      ],
    })
    expect([rows, seen]).toEqual([[{ v: 2 }], ['all 200', 'first']])
  })
})

describe('is refused before anything is asked', () => {
  const client = { baseUrl: 'http://127.0.0.1:1' }
  const one = (endpoint: object): object => ({ client, resources: ['users', { name: 'a', endpoint }] })
  it.each<[unknown, string]>([
    [null, '. takes an object, not null.'],
    [{ resources: [] }, '. needs "client".'],
    [{ client: {}, resources: [] }, './client needs "baseUrl".'],
    [{ client: { base_url: 'x' }, resources: [] }, '"base_url" of ./client is not known. Did you mean "baseUrl"?'],
    [{ client, resources: 'a' }, './resources takes a list, not a string.'],
    [{ client, resources: [7] }, './resources[0] takes an object, not a number.'],
    [{ client, resources: [{ endpoint: 'a' }] }, './resources[0] needs "name".'],
    [
      { client, resources: [{ name: 'a', primary_key: 'id' }] },
      '"primary_key" of ./resources[0] is not known. Did you mean "primaryKey"?',
    ],
    [
      { client, resourceDefaults: { endpoint: 'a' }, resources: [] },
      './resourceDefaults/endpoint takes an object, not a string.',
    ],
    [{ client, resources: ['a', { name: 'a' }] }, './resources[1]: there are two resources "a".'],
    [
      { client: { ...client, paginator: 'pages' }, resources: [] },
      './client/paginator: there is no paginator "pages".',
    ],
    [
      { client: { ...client, auth: { type: 'bearer', token: 7 } }, resources: [] },
      './client/auth: The auth needs "token", a text, not a number.',
    ],
    [{ client: { ...client, auth: { type: 's3cret' } }, resources: [] }, './client/auth: there is no such auth.'],
    [one({ url: 'x' }), '"url" of ./resources[1]/endpoint is not known.'],
    [one({ paginator: 'offset' }), './resources[1]/endpoint/paginator: The paginator by offset needs "limit"'],
    [one({ params: { a: { x: 1 } } }), './resources[1]/endpoint/params/a is an object without a type that is known.'],
    [one({ params: { a: { type: 'resolve', resource: 'users' } } }), './resources[1]/endpoint/params/a needs "field".'],
    [
      one({ params: { a: { type: 'resolve', resource: 'users', field: 'id' } } }),
      './resources[1]/endpoint/params/a is not used in the path.',
    ],
    [
      one({ path: 'a/{b}/c' }),
      './resources[1]/endpoint/path has the placeholder {b}, which stands for nothing. Write {resources.<parent>.<field>}, or set "params" with "b"',
    ],
    [one({ incremental: {} }), './resources[1]/endpoint/incremental needs "cursorPath".'],
    [
      one({ incremental: { cursorPath: 'a', initial_value: 1 } }),
      '"initial_value" of ./resources[1]/endpoint/incremental is not known. Did you mean "initialValue"?',
    ],
    [one({ incremental: { cursorPath: 'a', rowOrder: 'up' } }), '"rowOrder" of incremental("a") takes asc or desc'],
    [
      one({ params: { since: { type: 'incremental', cursorPath: 'a', endValue: 1 } } }),
      '"endValue" of ./resources[1]/endpoint/params/since is not known.',
    ],
    [
      one({ params: { a: { type: 'incremental', cursorPath: 'a' } }, incremental: { cursorPath: 'a' } }),
      './resources[1]/endpoint has 2 cursors. Give it one, in "incremental".',
    ],
    [
      one({ params: { a: '{incremental.start_value}' } }),
      './resources[1]/endpoint/params/a has the placeholder {incremental.start_value}, but the endpoint has no "incremental".',
    ],
    [
      one({ params: { a: '{incremental.newest}' } }),
      './resources[1]/endpoint/params/a has the placeholder {incremental.newest}. Known: {incremental.start_value}',
    ],
    [one({ path: 'a/{b/c' }), './resources[1]/endpoint/path has a single "{".'],
    [
      one({ json: { query: '{ viewer }' } }),
      './resources[1]/endpoint/json/query has the placeholder { viewer }, which stands for nothing.',
    ],
    [
      one({ path: 'a/{resources.none.id}' }),
      'Resource "a" depends on "none", which is not there. Resources: users, a.',
    ],
    [one({ path: 'a/{resources.a.id}' }), 'Resource "a" depends on itself: a -> a.'],
    [one({ path: 'a/{resources.users.[}' }), '"[" is not a JSONPath'],
    [one({ dataSelector: 'a[' }), '"a[" is not a JSONPath'],
    [
      one({ responseActions: [{ statusCode: '404', action: 'ignore' }] }),
      './resources[1]/endpoint/responseActions[0]/statusCode takes an integer, not a string.',
    ],
    [
      one({ responseActions: [{ statusCode: 404, action: 'drop' }] }),
      '/action takes "ignore", a function, or a list of functions.',
    ],
    [
      { client, resources: [{ name: 'a', includeFromParent: ['id'] }] },
      './resources[0]/includeFromParent needs a parent, and "a" has none.',
    ],
    [
      { client, resources: [{ name: 'a', processingSteps: [{ filter: 1 }] }] },
      './resources[0]/processingSteps[0]/filter takes a function, not a number.',
    ],
    [{ client, resources: [{ name: 'a', processingSteps: [{}] }] }, './resources[0]/processingSteps[0] takes one of'],
    [
      {
        client,
        resources: ['x', 'y', { name: 'a', endpoint: { path: '{resources.x.id}', params: { y: '{resources.y.id}' } } }],
      },
      './resources[2]/endpoint depends on rows of "x" and "y", by {resources.x.id}, {resources.y.id}. A resource can depend on one.',
    ],
    [
      {
        client,
        resources: [
          { name: 'a', endpoint: { params: { x: '{resources.b.id}' } } },
          { name: 'b', endpoint: { params: { x: '{resources.a.id}' } } },
        ],
      },
      'Resource "a" depends on itself: a -> b -> a.',
    ],
  ])('%j', (config, message) => {
    let thrown: unknown
    try {
      restApi(config as RestApiConfig, { env: {} })
    } catch (error) {
      thrown = error
    }
    expect(String(thrown)).toContain(message)
    expect(thrown).toMatchObject({ exitCode: 2 })
    expect(String(thrown)).not.toContain('s3cret')
  })
})

it('takes secrets that the description leaves out from the environment', async () => {
  const server = await serve(() => ({ body: [{}] }))
  const options: RestApiOptions = { name: 'shop', env: { SOURCES__SHOP__CREDENTIALS__PASSWORD: 'p' } }
  const config = {
    client: { baseUrl: server.url, auth: { type: 'http_basic', username: 'u' } as const },
    resources: ['a'],
  }
  await read(restApi(config, options))
  expect(server.arrived[0]?.headers.authorization).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`)
})

it('stops by the signal of the run', async () => {
  const server = await serve(() => ({ status: 429, headers: { 'retry-after': '100' } }))
  const controller = new AbortController()
  const reading = read(restApi(configOf(server, ['a'])), controller.signal)
  void setTimeout(50).then(() => controller.abort(new Error('told to stop')))
  await expect(reading).rejects.toThrow('told to stop')
})

describe('an incremental endpoint', () => {
  const asked = async (endpoint: EndpointConfig, cursor?: Partial<Cursor>): Promise<string[]> => {
    const server = await serve(() => ({ body: [{}] }))
    await askWith(configOf(server, [{ name: 'a', endpoint }]), cursor)
    return server.arrived.map(({ path, query, body }) => `${path}?${decodeURIComponent(String(query))} ${body}`)
  }
  const cursorPath = 'at'

  it.each<[string, EndpointConfig, Partial<Cursor> | undefined, string]>([
    ['startParam', { incremental: { cursorPath, startParam: 'since' } }, { startValue: 7 }, '/a?since=7 '],
    ['startParam on a first run', { incremental: { cursorPath, startParam: 'since' } }, {}, '/a? '],
    [
      'startParam outside of a run',
      { incremental: { cursorPath, initialValue: 5, startParam: 'since' } },
      undefined,
      '/a?since=5 ',
    ],
    [
      'endParam',
      { incremental: { cursorPath, initialValue: 1, endValue: 9, startParam: 'since', endParam: 'until' } },
      { startValue: 1, endValue: 9 },
      '/a?since=1&until=9 ',
    ],
    [
      'a Date',
      { incremental: { cursorPath, startParam: 'since' } },
      { startValue: new Date(0) },
      '/a?since=1970-01-01T00:00:00.000Z ',
    ],
    [
      'convert',
      { incremental: { cursorPath, startParam: 's', convert: (value?: number) => (value ?? 0) * 2 } },
      { startValue: 7 },
      '/a?s=14 ',
    ],
    [
      'convert of nothing',
      { incremental: { cursorPath, startParam: 's', convert: (value?: number) => (value ?? 3) * 2 } },
      {},
      '/a?s=6 ',
    ],
    [
      'placeholders',
      {
        path: 'a/{incremental.start_value}/x',
        method: 'POST',
        params: { i: '{incremental.initial_value}', e: '{incremental.end_value}' },
        json: { last: '{incremental.last_value}', text: 'from {incremental.start_value}' },
        incremental: { cursorPath },
      },
      { startValue: 7, initialValue: 1, lastValue: 8 },
      '/a/7/x?i=1 {"last":7,"text":"from 7"}',
    ],
    [
      'the older form',
      { params: { since: { type: 'incremental', cursorPath, initialValue: 3 }, q: 'x' } },
      { startValue: 7 },
      '/a?q=x&since=7 ',
    ],
    ['a cursor as a parameter', { params: { since: incremental('at') } }, { startValue: 7 }, '/a?since=7 '],
  ])('is asked with %s', async (_, endpoint, cursor, request) => {
    expect(await asked(endpoint, cursor)).toEqual([request])
  })

  it('gives its resource the cursor, with its options', async () => {
    const server = await blog()
    const options = { initialValue: 1, lag: 2, rowOrder: 'asc', onCursorValueMissing: 'include' } as const
    const [one, two] = restApiResources(
      configOf(server, [{ name: 'a', endpoint: { incremental: { cursorPath, startParam: 's', ...options } } }, 'b']),
    )
    expect(one?.hints.incremental).toMatchObject({ cursorPath, options })
    expect(two?.hints).not.toHaveProperty('incremental')
  })
})

describe('a check of the connection', () => {
  it('takes the first page of the resources that are named', async () => {
    const server = await blog()
    const source = restApi(configOf(server, [users, 'other']))
    expect(await checkConnection(source, 'users')).toEqual({ ok: true, error: undefined })
    expect(server.arrived).toHaveLength(1)
  })

  it('says what went wrong, without secrets', async () => {
    const server = await serve(() => ({ status: 401 }))
    const { ok, error } = await checkConnection(restApi(configOf(server, [{ name: 'a', endpoint: 'a?token=s3cret' }])))
    expect([ok, error]).toEqual([
      false,
      `401 Client Error: Unauthorized for url: ${server.url}/a?token=***. Check the credentials.`,
    ])
    expect(await checkConnection(restApi(configOf(server, ['a'])), 'b')).toMatchObject({ ok: false })
  })
})
