import { describe, expect, it } from 'vitest'
import { maskedUrl } from '../../src/http/masked-url.ts'
import { requestSettings } from '../../src/http/request-settings.ts'
import { retryDelay } from '../../src/http/retry-delay.ts'

describe('settings of requests', () => {
  it('have defaults, read the environment, and take what is given before both', () => {
    expect(requestSettings({}, {})).toEqual({
      requestTimeout: 60,
      requestMaxAttempts: 5,
      requestBackoffFactor: 1,
      requestMaxRetryDelay: 300,
      httpShowErrorBody: false,
      httpMaxErrorBodyLength: 8192,
    })
    const env = {
      RUNTIME__REQUEST_TIMEOUT: '[3, 20.5]',
      RUNTIME__REQUEST_MAX_ATTEMPTS: '2',
      RUNTIME__HTTP_SHOW_ERROR_BODY: 'true',
    }
    expect(requestSettings({}, env)).toMatchObject({
      requestTimeout: [3, 20.5],
      requestMaxAttempts: 2,
      httpShowErrorBody: true,
    })
    expect(requestSettings({ requestTimeout: 1, requestMaxAttempts: 9 }, env)).toMatchObject({
      requestTimeout: 1,
      requestMaxAttempts: 9,
    })
  })

  it.each([
    [{}, { RUNTIME__REQUEST_TIMEOUT: 'soon' }, 'RUNTIME__REQUEST_TIMEOUT (environment) takes a number'],
    [{ requestMaxAttempts: 0 }, {}, '"requestMaxAttempts" takes 1 or more'],
    [{ requestTimeout: 0 }, {}, '"requestTimeout" takes seconds above zero'],
    [{ requestBackoffFactor: -1 }, {}, '"requestBackoffFactor" takes seconds from zero'],
  ])('%j with %j are refused', (given, env, message) => {
    expect(() => requestSettings(given, env)).toThrow(message)
  })
})

describe('the wait before another attempt', () => {
  const settings = { requestBackoffFactor: 1, requestMaxRetryDelay: 300 }
  const now = Date.parse('2026-01-01T00:00:00Z')
  it.each([
    [1, null, 1],
    [2, null, 2],
    [4, null, 8],
    [20, null, 300],
    [1, '7', 7],
    [1, '900', 300],
    [1, 'Thu, 01 Jan 2026 00:00:30 GMT', 30],
    [1, 'Thu, 01 Jan 2026 01:00:00 GMT', 300],
    [1, 'Wed, 31 Dec 2025 00:00:00 GMT', 0],
    [3, 'soon', 4],
  ])('attempt %i, Retry-After %s: %i s', (attempt, retryAfter, seconds) => {
    expect(retryDelay(attempt, retryAfter, settings, now)).toBe(seconds)
  })
})

it.each([
  ['https://x.test/a?page=1&token=abc&key=def', [], 'https://x.test/a?page=1&token=***&key=***'],
  ['https://x.test/a?API-Key=abc&appid=def&q=a%20b', ['appid'], 'https://x.test/a?API-Key=***&appid=***&q=a%20b'],
  ['https://u:p@x.test/a?client_secret=a=b#token=c', [], 'https://u:***@x.test/a?client_secret=***'],
  ['not a url?token=abc', [], 'not a url?…'],
])('%s is shown without its secrets', (url, more, shown) => {
  expect(maskedUrl(url, more)).toBe(shown)
})
