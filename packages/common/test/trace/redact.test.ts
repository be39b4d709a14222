import { describe, expect, it } from 'vitest'
import { withoutSecrets } from '../../src/index.ts'

describe('secrets are taken out of texts', () => {
  const cases: [from: string, to: string][] = [
    ['cannot reach postgresql://ann:s3cr3t@db:5432/shop', 'cannot reach postgresql://ann:***@db:5432/shop'],
    ['postgresql://ann:p@ss/w0rd@db/shop refused', 'postgresql://ann:***@db/shop refused'],
    ['connection: host=db password=s3cr3t user=ann', 'connection: host=db password=*** user=ann'],
    ["{ password: 'two words', user: 'ann' }", "{ password: ***, user: 'ann' }"],
    ['{"client_secret":"abc","id":1}', '{"client_secret":***,"id":1}'],
    ['GET https://x/y?access_token=abc&page=2', 'GET https://x/y?access_token=***&page=2'],
    ['AccountKey=abc==;EndpointSuffix=core', 'AccountKey=***;EndpointSuffix=core'],
    ['Authorization: Bearer eyJhbGciOi.abc', 'Authorization: Bearer ***'],
  ]
  it.each(cases)('%s', (from, to) => {
    expect(withoutSecrets(from, {})).toBe(to)
  })

  it('also where only their values stand, as the environment has them', () => {
    const env = {
      DESTINATION__POSTGRES__CREDENTIALS: 'postgresql://ann:hunter22@db/shop',
      SOURCES__API__ACCESS_TOKEN: 'tok-123456',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/token',
      DESTINATION__DUCKDB__CREDENTIALS: 'shop.duckdb',
    }
    expect(withoutSecrets('hunter22 and tok-123456 of /var/run/token for shop.duckdb', env)).toBe(
      '*** and *** of /var/run/token for shop.duckdb',
    )
  })

  it.each([
    'unexpected token } in line 3',
    'http://localhost:8080/path',
    'the key "id" of table orders',
    '/home/ann/x',
  ])('and what is none stays: %s', (text) => {
    expect(withoutSecrets(text, { PWD: '/home/ann' })).toBe(text)
  })
})
