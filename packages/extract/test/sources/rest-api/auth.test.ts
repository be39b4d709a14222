import { generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import { jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { HttpClient } from '../../../src/http/http-client.ts'
import type { Auth } from '../../../src/sources/rest-api/auth/auth.ts'
import { ApiKeyAuth } from '../../../src/sources/rest-api/auth/api-key-auth.ts'
import { createAuth, registerAuth } from '../../../src/sources/rest-api/auth/auth-types.ts'
import { BearerTokenAuth } from '../../../src/sources/rest-api/auth/bearer-auth.ts'
import { HttpBasicAuth } from '../../../src/sources/rest-api/auth/http-basic-auth.ts'
import { OAuth2ClientCredentials } from '../../../src/sources/rest-api/auth/oauth2-client-credentials.ts'
import { OAuthJwtAuth } from '../../../src/sources/rest-api/auth/oauth-jwt-auth.ts'
import { RESTClient } from '../../../src/sources/rest-api/client.ts'
import { rowsOf, serve, type TestServer } from '../../http/test-server.ts'

const session = new HttpClient({ requestBackoffFactor: 0.001, env: {} })

/** Two pages of one row each, read with these credentials. */
async function readWith(auth: Auth): Promise<TestServer> {
  const server = await serve(({ query }) => ({
    body: { data: [{}], ...(query.has('p') ? {} : { next: '/items?p=2' }) },
  }))
  const rows = await rowsOf(new RESTClient({ baseUrl: server.url, auth, session }).paginate('items'))
  expect(rows).toHaveLength(2)
  return server
}

describe('each request carries', () => {
  it.each([
    ['a bearer token', new BearerTokenAuth({ token: 't0ken' }), 'authorization', 'Bearer t0ken'],
    ['an API key', new ApiKeyAuth({ apiKey: 'k3y' }), 'authorization', 'k3y'],
    ['an API key in a header of its own', new ApiKeyAuth({ apiKey: 'k3y', name: 'X-Key' }), 'x-key', 'k3y'],
    [
      'user and password',
      new HttpBasicAuth({ username: 'jörg', password: 'a:b' }),
      'authorization',
      `Basic ${Buffer.from('jörg:a:b').toString('base64')}`,
    ],
  ])('%s', async (_, auth, header, value) => {
    const { arrived } = await readWith(auth)
    expect(arrived.map((one) => one.headers[header])).toEqual([value, value])
  })

  it.each(['query', 'param'] as const)('an API key in the %s, once', async (location) => {
    const { arrived } = await readWith(new ApiKeyAuth({ apiKey: 'k3y', name: 'appid', location }))
    expect(arrived.map((one) => one.query.getAll('appid'))).toEqual([['k3y'], ['k3y']])
  })
})

it('an API key in a URL of the API is replaced, and errors do not show it', async () => {
  const server = await serve(() => ({ status: 403 }))
  const auth = new ApiKeyAuth({ apiKey: 'k3y', name: 'appid', location: 'query' })
  const client = new RESTClient({ baseUrl: server.url, auth, session })
  await expect(rowsOf(client.paginate('items?appid=old&q=1'))).rejects.toMatchObject({
    message: `403 Client Error: Forbidden for url: ${server.url}/items?q=1&appid=***. Check the credentials.`,
  })
  expect(server.arrived[0]?.query.getAll('appid')).toEqual(['k3y'])
})

it('objects do not show their secrets', () => {
  const auths = [
    new BearerTokenAuth({ token: 's3cret' }),
    new ApiKeyAuth({ apiKey: 's3cret' }),
    new HttpBasicAuth({ username: 'u', password: 's3cret' }),
    new OAuth2ClientCredentials({ accessTokenUrl: 'http://x.test', clientId: 'i', clientSecret: 's3cret' }),
    new OAuthJwtAuth({ authEndpoint: 'http://x.test', clientId: 'i', privateKey: 's3cret' }),
  ]
  expect(inspect(auths, { depth: 9, showHidden: true }) + JSON.stringify(auths)).not.toContain('s3cret')
})

/** A token endpoint that gives `token-1`, `token-2`, …, and a clock that stands still until it is moved. */
async function tokenServer(
  answer: object = {},
): Promise<{ server: TestServer; clock: { nowMs(): number; ms: number } }> {
  let count = 0
  const server = await serve(({ path }) =>
    path === '/token' ? { body: { access_token: `token-${++count}`, ...answer } } : { body: [{}] },
  )
  const clock = { ms: 1_700_000_000_000, nowMs: () => clock.ms }
  return { server, clock }
}

function sentTokens(server: TestServer): unknown[] {
  return server.arrived.filter((one) => one.path === '/items').map((one) => one.headers.authorization)
}

describe('OAuth 2.0 client credentials', () => {
  it('fetches a token once, and another one when it has expired', async () => {
    const { server, clock } = await tokenServer({ expires_in: 60 })
    const auth = new OAuth2ClientCredentials({
      accessTokenUrl: `${server.url}/token`,
      clientId: 'me',
      clientSecret: 's3cret',
      accessTokenRequestData: { scope: 'read all' },
      session,
      clock,
    })
    const client = new RESTClient({ baseUrl: server.url, auth, session })
    // Several at a time wait for one token.
    await Promise.all([client.get('items'), client.get('items'), client.get('items')])
    clock.ms += 59_000
    await client.get('items')
    clock.ms += 1000
    await client.get('items')
    expect(sentTokens(server)).toEqual([...Array.from({ length: 4 }, () => 'Bearer token-1'), 'Bearer token-2'])
    const [asked] = server.arrived
    expect([asked?.method, asked?.body]).toEqual([
      'POST',
      'client_id=me&client_secret=s3cret&grant_type=client_credentials&scope=read+all',
    ])
  })

  it('uses a token for the default time where the answer has none', async () => {
    const { server, clock } = await tokenServer()
    const auth = new OAuth2ClientCredentials({
      accessTokenUrl: `${server.url}/token`,
      clientId: 'me',
      clientSecret: 's3cret',
      defaultTokenExpiration: 10,
      session,
      clock,
    })
    const client = new RESTClient({ baseUrl: server.url, auth, session })
    await client.get('items')
    clock.ms += 10_000
    await client.get('items')
    expect(sentTokens(server)).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  it('can ask in another way', async () => {
    class BasicTokenAuth extends OAuth2ClientCredentials {
      protected override tokenRequest({ accessTokenUrl }: { accessTokenUrl: string }) {
        return { url: accessTokenUrl, headers: { authorization: 'Basic abc' }, data: { account: '7' } }
      }
    }
    const { server } = await tokenServer()
    const auth = new BasicTokenAuth({
      accessTokenUrl: `${server.url}/token`,
      clientId: 'a',
      clientSecret: 'b',
      session,
    })
    await new RESTClient({ baseUrl: server.url, auth, session }).get('items')
    expect(server.arrived[0]).toMatchObject({ body: 'account=7', headers: { authorization: 'Basic abc' } })
  })

  it('says so where it gets no token, and tries again with the next request', async () => {
    let isDown = true
    const server = await serve(({ path }) => {
      if (path === '/items') return { body: [{}] }
      return isDown ? { status: 401, body: { error: 'bad s3cret' } } : { body: { token: 'x' } }
    })
    const accessTokenUrl = `${server.url}/token`
    const auth = new OAuth2ClientCredentials({ accessTokenUrl, clientId: 'me', clientSecret: 's3cret', session })
    const client = new RESTClient({ baseUrl: server.url, auth, session })
    await expect(client.get('items')).rejects.toThrow(
      `401 Client Error: Unauthorized for url: ${accessTokenUrl}. Check the credentials.`,
    )
    isDown = false
    await expect(client.get('items')).rejects.toMatchObject({ code: 'no_access_token' })
    expect(sentTokens(server)).toEqual([])
  })
})

describe('JWT', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const plain = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const encrypted = String(
    privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' }),
  )

  it.each([
    ['a key', { privateKey: plain }],
    ['a key on one line', { privateKey: plain.replaceAll('\n', String.raw`\n`) }],
    ['an encrypted key', { privateKey: encrypted, privateKeyPassphrase: 'open sesame' }],
  ])('exchanges an assertion signed with %s for a token, which it keeps until it expires', async (_, key) => {
    const { server, clock } = await tokenServer({ expires_in: 100 })
    const authEndpoint = `${server.url}/token`
    const auth = new OAuthJwtAuth({ clientId: 'me', authEndpoint, scopes: ['read', 'write'], session, clock, ...key })
    const client = new RESTClient({ baseUrl: server.url, auth, session })
    await client.get('items')
    await client.get('items')
    clock.ms += 100_000
    await client.get('items')
    expect(sentTokens(server)).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2'])
    const form = new URLSearchParams(server.arrived[0]?.body)
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    const { payload, protectedHeader } = await jwtVerify(form.get('assertion') ?? '', publicKey, {
      currentDate: new Date(1_700_000_000_000),
    })
    expect(protectedHeader.alg).toBe('RS256')
    expect(payload).toEqual({
      iss: 'me',
      sub: 'me',
      aud: authEndpoint,
      scope: 'read write',
      iat: 1_700_000_000,
      exp: 1_700_003_600,
    })
  })

  it.each([
    ['no key', 'not-a-k3y', undefined],
    ['another passphrase', encrypted, 'wrong'],
  ])('%s is refused without being shown', async (_, given, passphrase) => {
    const auth = new OAuthJwtAuth({
      clientId: 'me',
      authEndpoint: 'http://127.0.0.1:1',
      privateKey: given,
      ...(passphrase === undefined ? {} : { privateKeyPassphrase: passphrase }),
    })
    const client = new RESTClient({ baseUrl: 'http://127.0.0.1:1', auth, session })
    await expect(client.get('items')).rejects.toThrow(/^"privateKey" of the JWT auth cannot be read\./)
  })
})

describe('in configuration', () => {
  const place = { section: 'rest_api', sourceName: 'shop', env: {} }

  it('secrets that are left out are looked for among the credentials of the source', async () => {
    for (const variable of [
      'SOURCES__REST_API__SHOP__CREDENTIALS__TOKEN',
      'SOURCES__SHOP__CREDENTIALS__TOKEN',
      'SOURCES__REST_API__CREDENTIALS__TOKEN',
    ]) {
      const auth = createAuth('bearer', './client/auth', { ...place, env: { [variable]: 't0ken' } })
      expect((await readWith(auth)).arrived[0]?.headers.authorization).toBe('Bearer t0ken')
    }
  })

  it.each([
    [{}, './client/auth: The auth needs "token". Set it there, or as SOURCES__REST_API__SHOP__CREDENTIALS__TOKEN.'],
    [{ type: 'http_basic', username: 'u' }, './client/auth: The auth needs "password". Set it'],
    [{ type: 'api_key', apiKey: 'k', location: 'cookie' }, 'goes to "header", "query" or "param", not to "cookie"'],
    [{ type: 'api_key', api_key: 'k' }, '"api_key" of ./client/auth is not known. Did you mean "apiKey"?'],
    ['digest', './client/auth: there is no such auth. Known types: bearer, api_key'],
  ])('%j is refused', (config, message) => {
    expect(() => createAuth(config as never, './client/auth', place)).toThrow(message)
  })

  it('own types can be given a name', () => {
    class OwnAuth extends BearerTokenAuth {}
    registerAuth('own', OwnAuth)
    expect(createAuth({ type: 'own', token: 'x' }, '.', place)).toBeInstanceOf(OwnAuth)
  })
})
