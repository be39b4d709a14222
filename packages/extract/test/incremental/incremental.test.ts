import { describe, expect, it } from 'vitest'
import { JsonObject } from '@gantry/common'
import { InvalidHint } from '../../src/hints/invalid-hint.ts'
import { cursorPath } from '../../src/incremental/cursor-path.ts'
import { externalInterval } from '../../src/incremental/external-interval.ts'
import { incremental, type IncrementalOptions } from '../../src/incremental/incremental.ts'
import { cursorValueOf } from '../../src/incremental/cursor-value.ts'
import { lastValueRule } from '../../src/incremental/last-value-rule.ts'
import { InvalidJsonPath } from '../../src/json-path.ts'

describe('a cursor that makes no sense is refused when it is declared', () => {
  it.each<[unknown, RegExp]>([
    [{ initial_value: 1 }, /"initial_value" of incremental\("u"\) is not known. Did you mean "initialValue"\?/],
    [{ rowOrder: 'up' }, /"rowOrder" of incremental\("u"\) takes asc or desc/],
    [{ onCursorValueMissing: 'skip' }, /takes raise or include or exclude/],
    [{ lastValueFunc: 'newest' }, /takes max, min or a function/],
    [{ primaryKey: [1] }, /takes a field, a list of fields/],
    [{ lag: '1' }, /"lag" of incremental\("u"\) takes a number/],
    [{ endValue: 5 }, /"endValue" of incremental\("u"\) needs an "initialValue"/],
    [{ initialValue: 5, endValue: 3 }, /initialValue \(bigint 5\) and endValue \(bigint 3\).*must be higher/],
    [{ initialValue: 3, endValue: 5, lastValueFunc: 'min' }, /must be lower/],
    [
      { initialValue: 3, endValue: 5, lastValueFunc: () => 4 },
      /"lastValueFunc" of both has to give the end, and gave bigint 4/,
    ],
    [{ initialValue: 3, endValue: '5' }, /cannot be compared/],
    [{ initialValue: new Date(Number.NaN) }, /"initialValue" of incremental\("u"\): the date is invalid/],
    [{ initialValue: () => 1 }, /a function cannot be a cursor/],
  ])('%o', (options, message) => {
    expect(() => incremental('u', options as IncrementalOptions)).toThrow(InvalidHint)
    expect(() => incremental('u', options as IncrementalOptions)).toThrow(message)
  })

  it('and so is a path that is none', () => {
    expect(() => incremental('')).toThrow(InvalidHint)
    for (const path of ['my field', '$.a[', 'a..', 'a b.c']) expect(() => incremental(path)).toThrow(InvalidJsonPath)
  })
})

describe('a path', () => {
  const plain = {
    at: 0,
    'a.b': { c: 7 },
    größe: 9,
    '@timestamp': 11,
    meta: { at: 1, 'a b': 2, 'a-b': 3 },
    items: [{ at: 5 }, { at: 6 }],
    none: null,
  }
  const asMap = new Map<string, unknown>(Object.entries(plain))
  asMap.set('meta', new Map(Object.entries(plain.meta)))

  it.each<[string, string | undefined, unknown]>([
    ['at', 'at', 0],
    ['größe', 'größe', 9],
    ['@timestamp', '@timestamp', 11],
    ['"a.b"', 'a.b', { c: 7 }],
    ['none', 'none', null],
    ['gone', 'gone', undefined],
    ['$.at', undefined, 0],
    ['meta.at', undefined, 1],
    ['meta.a-b', undefined, 3],
    ["meta.'a b'", undefined, 2],
    ['meta["a b"]', undefined, 2],
    ['"a.b".c', undefined, 7],
    ['items[-1].at', undefined, 6],
    ['items[*].at', undefined, 5],
    ['items[?(@.at>5)].at', undefined, 6],
    ['$..at', undefined, 0],
    ['meta.gone', undefined, undefined],
    ['$.none', undefined, null],
  ])('%s names the column %s, and finds %o in a row of any form', (path, field, value) => {
    const parsed = cursorPath(path)
    expect(parsed.field).toBe(field)
    expect(parsed.read(plain)).toEqual(value)
    expect(parsed.read(asMap)).toEqual(value)
    expect(parsed.read('no row')).toBeUndefined()
  })

  it('finds values in rows that were read without loss', () => {
    const row = JsonObject.of([['meta', JsonObject.of([['at', 2n ** 60n]])]])
    expect(cursorPath('meta.at').read(row)).toBe(2n ** 60n)
  })
})

describe('the interval of a scheduler', () => {
  const env = { DLT_INTERVAL_START: '2024-05-01T12:00:00+02:00', DLT_INTERVAL_END: '2024-05-03' }
  const interval = (initial: unknown, of: Readonly<Record<string, string>> = env): unknown =>
    externalInterval(
      'r',
      { initial: cursorValueOf(initial) ?? null, end: null },
      lastValueRule('max', () => initial),
      of,
    )

  it.each([
    [0, 1714557600, 1714694400],
    [0.5, '1714557600.0', '1714694400.0'],
    [new Date(0), '2024-05-01T10:00:00+00:00', '2024-05-03T00:00:00+00:00'],
    ['\uf0271970-01-01T00:00:00', '2024-05-01T10:00:00', '2024-05-03T00:00:00'],
    ['\uf0281970-01-01', '2024-05-01', '2024-05-03'],
  ])('is in the type of the initial value %o', (initial, from, until) => {
    const found = interval(initial) as { initial: unknown; end: unknown }
    expect([String(found.initial), String(found.end)]).toEqual([String(from), String(until)])
  })

  it('needs a cursor that can be a time, and is one', () => {
    expect(() => interval('2024-05-01')).toThrow(/it is text.*Yield the field as a Date/)
    expect(() => interval(undefined)).toThrow(/type is not known/)
    expect(() => interval(true)).toThrow(/it is bool/)
    expect(() => interval(0, { ...env, DLT_INTERVAL_END: 'soon' })).toThrow(/DLT_INTERVAL_END is "soon"/)
    expect(() => interval(0, { DLT_INTERVAL_START: '2024-05-01' })).toThrow(/no scheduler gives an interval/)
  })
})
