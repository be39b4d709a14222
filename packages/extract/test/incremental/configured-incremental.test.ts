import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Configuration, DateValue, InvalidUsage, Timestamp, tryTimestamp } from '@gantry/common'
import { InvalidHint } from '../../src/hints/invalid-hint.ts'
import { configuredIncremental } from '../../src/incremental/configured-incremental.ts'
import { incremental, type Incremental, type IncrementalOptions } from '../../src/incremental/incremental.ts'

const place = { section: 'github', name: 'issues' }

function byEnvironment(declared: Incremental, env: Record<string, string>): Incremental {
  return configuredIncremental(declared, place, Configuration.ofEnvironment(env, 'p'))
}

function byToml(declared: Incremental, text: string): IncrementalOptions {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-cursor-'))
  mkdirSync(join(folder, '.dlt'))
  writeFileSync(join(folder, '.dlt/config.toml'), `[sources.github.issues.incremental]\n${text}\n`)
  const configuration = Configuration.open({ env: { DLT_PROJECT_DIR: folder, DLT_DATA_DIR: folder, HOME: folder } })
  return configuredIncremental(declared, place, configuration).options
}

// As dlt 1.26.0 resolves `issues(incremental=dlt.sources.incremental("u", initial_value=1))`.
it.each<[string, string, string, IncrementalOptions]>([
  ['the initial value', 'INITIAL_VALUE', '6', { initialValue: 6 }],
  ['the end value', 'END_VALUE', '8', { endValue: 8 }],
  ['the order of rows', 'ROW_ORDER', 'asc', { rowOrder: 'asc' }],
  ['a lag', 'LAG', '2', { lag: 2 }],
  ['what becomes of rows without one', 'ON_CURSOR_VALUE_MISSING', 'exclude', { onCursorValueMissing: 'exclude' }],
  ['the start of the range', 'RANGE_START', 'open', { rangeStart: 'open' }],
  ['the end of the range', 'RANGE_END', 'closed', { rangeEnd: 'closed' }],
  ['the scheduler', 'ALLOW_EXTERNAL_SCHEDULERS', 'true', { allowExternalSchedulers: true }],
])('%s of a cursor comes from the environment', (_, key, value, expected) => {
  const declared = incremental('u', { initialValue: 1, lastValueFunc: 'max' })
  const configured = byEnvironment(declared, { [`SOURCES__GITHUB__ISSUES__INCREMENTAL__${key}`]: value })
  expect(configured).toEqual({ ...declared, options: { ...declared.options, ...expected } })
})

it('its path, too', () => {
  expect(byEnvironment(incremental('u'), { SOURCES__GITHUB__ISSUES__INCREMENTAL__CURSOR_PATH: 'a.b' })).toMatchObject({
    cursorPath: 'a.b',
  })
})

it('what decides about values, and which rows are one, is said in code alone', () => {
  const declared = incremental('u', { initialValue: 1 })
  const prefix = 'SOURCES__GITHUB__ISSUES__INCREMENTAL'
  const env = { [`${prefix}__LAST_VALUE_FUNC`]: 'min', [`${prefix}__PRIMARY_KEY`]: 'id', [prefix]: '6' }
  expect(byEnvironment(declared, env)).toBe(declared)
})

it.each([
  'P__SOURCES__GITHUB__ISSUES__INCREMENTAL__INITIAL_VALUE',
  'SOURCES__GITHUB__INCREMENTAL__INITIAL_VALUE',
  'SOURCES__ISSUES__INCREMENTAL__INITIAL_VALUE',
  'SOURCES__INCREMENTAL__INITIAL_VALUE',
  'INCREMENTAL__INITIAL_VALUE',
])('is found under %s', (name) => {
  expect(byEnvironment(incremental('u', { initialValue: 1 }), { [name]: '6' }).options).toEqual({ initialValue: 6 })
})

describe('a bound has the type', () => {
  const fromText = (initialValue: unknown, text: string): unknown =>
    byEnvironment(incremental('u', { initialValue }), { INCREMENTAL__INITIAL_VALUE: text }).options.initialValue

  it.each<[unknown, string, unknown]>([
    [1, '9007199254740993', 9_007_199_254_740_993n],
    [1n, '5', 5n],
    [1.5, '-2.5', -2.5],
    ['a', '6', '6'],
    [undefined, '2024-01-05', '2024-01-05'],
    [new Date(0), '2024-01-05', new Date('2024-01-05')],
    [new Date(0), '2024-01-05T10:00:00', new Date('2024-01-05T10:00:00Z')],
    [new Date(0), '2024-01-05T10:00:00+02:00', new Date('2024-01-05T08:00:00Z')],
  ])('of the one in code: %o', (declared, text, expected) => {
    expect(fromText(declared, text)).toEqual(expected)
  })

  it.each([
    [1, 'soon', /INCREMENTAL__INITIAL_VALUE \(.*\) takes a bigint, as the bounds .*, not "soon"/],
    [new Date(0), '5.5', /takes a timestamp/],
  ])('or is refused: %o', (declared, text, message) => {
    expect(() => fromText(declared, text)).toThrow(InvalidHint)
    expect(() => fromText(declared, text)).toThrow(message)
  })

  it('that TOML gives it', () => {
    const untyped = incremental('u')
    expect(byToml(untyped, 'initial_value = 6')).toEqual({ initialValue: 6 })
    expect(byToml(untyped, 'initial_value = 2024-01-05').initialValue).toBeInstanceOf(DateValue)
    const { initialValue } = byToml(untyped, 'initial_value = 2024-01-05T00:00:00Z')
    expect(initialValue).toBeInstanceOf(Timestamp)
    expect(initialValue).toEqual(tryTimestamp('2024-01-05T00:00:00Z'))
    expect(byToml(incremental('u', { initialValue: new Date(0) }), 'initial_value = 2024-01-05')).toEqual({
      initialValue: new Date('2024-01-05'),
    })
  })
})

it('a setting that makes no sense is refused by its name', () => {
  const declared = incremental('u', { initialValue: 5 })
  expect(() => byEnvironment(declared, { INCREMENTAL__ROW_ORDER: 'up' })).toThrow(InvalidUsage)
  expect(() => byEnvironment(declared, { INCREMENTAL__ROW_ORDER: 'up' })).toThrow(/INCREMENTAL__ROW_ORDER.*asc or desc/)
  expect(() => byEnvironment(declared, { INCREMENTAL__LAG: 'long' })).toThrow(/INCREMENTAL__LAG.*a number/)
  expect(() => byEnvironment(declared, { INCREMENTAL__END_VALUE: '3' })).toThrow(/must be higher/)
})
