import * as fc from 'fast-check'
import { Decimal as DecimalJs } from './decimal-like.ts'
import { describe, expect, it, vi } from 'vitest'
import { parseJson, silentLog, stringifyJson, type JsonObject, type Logger, type Value } from '@gantry/common'
import { propertyRuns } from '../../../../test/support/property.ts'
import type { CursorKey, Incremental, IncrementalOptions } from '../../src/incremental/incremental.ts'
import { incremental } from '../../src/incremental/incremental.ts'
import { ResourceCursor } from '../../src/incremental/resource-cursor.ts'
import { typedRowText } from '../../src/typed-row.ts'

type Row = Record<string, unknown>

/** A resource that is run again and again. */
class Runs {
  record: JsonObject | undefined
  cursor: ResourceCursor | undefined
  readonly #primaryKey: CursorKey | undefined
  readonly #log: Logger

  constructor(options: { primaryKey?: CursorKey; log?: Logger; record?: string } = {}) {
    this.#primaryKey = options.primaryKey
    this.#log = options.log ?? silentLog()
    if (options.record !== undefined) this.record = parseJson(options.record) as JsonObject
  }

  /** @returns the rows that are let in */
  run<Item>(declared: Incremental, rows: readonly Item[]): Item[] {
    const cursor = this.open(declared)
    const kept = rows.filter((row) => {
      const admission = cursor.admit(row)
      if (admission === 'newest') cursor.remember(row, typedRowText(row, { notFinite: 0 }) ?? '')
      return admission !== 'left out'
    })
    this.record = cursor.record() ?? this.record
    return kept
  }

  open(declared: Incremental): ResourceCursor {
    this.cursor = new ResourceCursor(declared, this.record, {
      resource: 'orders',
      primaryKey: this.#primaryKey,
      log: this.#log,
      env: { DLT_INTERVAL_START: '2024-05-02T00:00:00Z', DLT_INTERVAL_END: '2024-05-03' },
    })
    return this.cursor
  }

  get state(): unknown {
    return JSON.parse(stringifyJson(this.record ?? null))
  }
}

const row = (id: number, u: unknown): Row => ({ id, u })
const run = (options: IncrementalOptions, values: readonly unknown[]): unknown[] =>
  new Runs()
    .run(
      incremental('u', options),
      values.map((u, at) => row(at, u)),
    )
    .map(({ u }) => u)

describe('rows are let in', () => {
  it('once, though the source gives those with the newest value again', () => {
    const declared = incremental('u')
    const runs = new Runs()
    expect(runs.run(declared, [row(1, 1), row(2, 2), row(3, 2)])).toHaveLength(3)
    expect(runs.state).toMatchObject({ last_value: 2, unique_hashes: expect.objectContaining({ length: 2 }) })
    expect(runs.run(declared, [row(2, 2), row(3, 2), row(4, 2), row(5, 1)])).toEqual([row(4, 2)])
    expect(runs.state).toMatchObject({ last_value: 2, unique_hashes: expect.objectContaining({ length: 3 }) })
    expect(runs.run(declared, [row(6, 3)])).toEqual([row(6, 3)])
    expect(runs.state).toMatchObject({
      last_value: 3,
      start_value: 2,
      unique_hashes: expect.objectContaining({ length: 1 }),
    })
  })

  it.each<[string, IncrementalOptions, unknown[]]>([
    ['from the initial value on', { initialValue: 2 }, [2, 3, 4]],
    ['after it', { initialValue: 2, rangeStart: 'open' }, [3, 4]],
    ['up to the end value', { initialValue: 1, endValue: 3 }, [1, 2]],
    ['with it', { initialValue: 1, endValue: 3, rangeEnd: 'closed' }, [1, 2, 3]],
    ['downwards', { initialValue: 3, lastValueFunc: 'min' }, [1, 2, 3]],
    ['downwards to the end value', { initialValue: 3, endValue: 1, lastValueFunc: 'min' }, [2, 3]],
    ['beyond both', { initialValue: 1, endValue: 3, rangeStart: 'open', rangeEnd: 'closed' }, [2, 3]],
  ])('%s', (_, options, expected) => {
    expect(run(options, [1, 2, 3, 4])).toEqual(expected)
  })

  it('in any order, as long as they are not before the start', () => {
    expect(run({ initialValue: 2 }, [4, 3, 1, 2, 4])).toEqual([4, 3, 2, 4])
  })

  it('by numbers of all kinds, which are compared exactly', () => {
    const big = 2n ** 60n
    expect(run({ initialValue: big }, [big - 1n, big, big + 1n, 1e30])).toEqual([big, big + 1n, 1e30])
    expect(run({ initialValue: new DecimalJs('0.1') }, [0.1, new DecimalJs('0.1'), 0.09])).toHaveLength(2)
  })

  it('by code points of text, as Python compares it', () => {
    expect(run({ initialValue: '\u{1F600}' }, ['\uFFFF', '\u{1F601}'])).toEqual(['\u{1F601}'])
  })

  it('by a function of the values, whose result can be anything', () => {
    const newestOfEach = ([event, seen = {}]: readonly [Row, (Row | undefined)?]): Row => ({
      ...seen,
      [String(event['type'])]: Math.max(Number(event['at']), Number(seen[String(event['type'])] ?? 0)),
    })
    const declared = incremental<Row>('$', {
      lastValueFunc: ([event, seen]) =>
        event['type'] === undefined ? { ...seen, ...event } : newestOfEach([event, seen]),
    })
    const runs = new Runs()
    const events = [
      { type: 'push', at: 5 },
      { type: 'fork', at: 2 },
    ]
    expect(runs.run(declared, events)).toEqual(events)
    expect(runs.state).toMatchObject({ last_value: { push: 5, fork: 2 } })
    expect(
      runs.run(declared, [
        { type: 'fork', at: 1 },
        { type: 'fork', at: 3 },
      ]),
    ).toEqual([{ type: 'fork', at: 3 }])
  })
})

describe('rows without a cursor', () => {
  const rows = [{ id: 1 }, row(2, null), row(3, undefined), row(4, Number.NaN), row(5, 1)]

  it('end the run, and the error says which row of which resource', () => {
    expect(() => new Runs().run(incremental('u'), rows)).toThrow(
      expect.objectContaining({
        name: 'IncrementalCursorPathMissing',
        message: expect.stringContaining('Row 1 of resource "orders"'),
      }),
    )
    expect(() => new Runs().run(incremental('u'), rows.slice(1))).toThrow(
      expect.objectContaining({ name: 'IncrementalCursorPathHasValueNone' }),
    )
  })

  it('are let in, or left out, where that is asked for', () => {
    const runs = new Runs()
    expect(runs.run(incremental('u', { onCursorValueMissing: 'include' }), rows)).toEqual(rows)
    expect(runs.state).toMatchObject({ last_value: 1 })
    expect(new Runs().run(incremental('u', { onCursorValueMissing: 'exclude' }), rows)).toEqual([row(5, 1)])
  })
})

describe('values that cannot be compared', () => {
  it.each<[unknown, unknown]>([
    [5, '2024-05-01'],
    [new Date(0), '1970-01-01T00:00:00Z'],
    ['a', { nested: true }],
    [1, true],
  ])('end the run, with both in the message: %s and %s', (initialValue, value) => {
    expect(() => run({ initialValue }, [value])).toThrow(
      expect.objectContaining({
        name: 'IncrementalCursorInvalidCoercion',
        message: expect.stringMatching(/Row 1 .*"u" .*have no order/),
      }),
    )
  })
})

describe('bounds without a time zone', () => {
  it('are UTC where the rows have one, with a warning; and the other way round', () => {
    const warn = vi.fn<(about: object, text: string) => void>()
    const log = { ...silentLog(), warn } as unknown as Logger
    const naive = '\uf0272024-05-01T00:00:00'
    const aware = '\uf0272024-05-01T02:00:00+02:00'
    const runs = new Runs({ log })
    expect(runs.run(incremental('u', { initialValue: naive }), [row(1, aware)])).toHaveLength(1)
    expect(runs.state).toMatchObject({ initial_value: naive, last_value: aware })
    expect(runs.run(incremental('u'), [row(1, naive), row(2, '\uf0272024-05-01T00:00:01')])).toHaveLength(2)
    expect(runs.state).toMatchObject({ last_value: '\uf0272024-05-01T00:00:01', start_value: aware })
    expect(warn).toHaveBeenCalledTimes(2)
  })
})

describe('the state', () => {
  it('is that of dlt, with types that JSON lacks marked', () => {
    const runs = new Runs()
    runs.run(incremental('u', { initialValue: new Date('2024-05-01') }), [row(1, new Date('2024-05-02T01:02:03.004Z'))])
    expect(runs.state).toEqual({
      initial_value: '\uf0272024-05-01T00:00:00+00:00',
      last_value: '\uf0272024-05-02T01:02:03.004000+00:00',
      unique_hashes: [expect.stringMatching(/^[\w+/]{20}$/)],
      start_value: '\uf0272024-05-01T00:00:00+00:00',
    })
    const decimals = new Runs()
    decimals.run(incremental('u'), [row(1, new DecimalJs('1.50'))])
    expect(decimals.state).toMatchObject({ last_value: '\uf0261.50' })
  })

  it('keeps the initial value of the first run', () => {
    const runs = new Runs()
    runs.run(incremental('u', { initialValue: 1 }), [row(1, 5)])
    expect(runs.run(incremental('u', { initialValue: 9 }), [row(2, 6)])).toHaveLength(1)
    expect(runs.state).toMatchObject({ initial_value: 1, last_value: 6, start_value: 5 })
  })

  it('is there after a run without rows, and moves no start where no row is let in', () => {
    const runs = new Runs()
    runs.run(incremental('u', { initialValue: 3 }), [])
    expect(runs.state).toEqual({ initial_value: 3, last_value: 3, unique_hashes: [], start_value: 3 })
    runs.run(incremental('u'), [row(1, 5)])
    runs.run(incremental('u'), [row(2, 4)])
    expect(runs.state).toMatchObject({ last_value: 5, start_value: 3 })
  })

  it('is neither read nor written where there is an end value', () => {
    const runs = new Runs()
    runs.run(incremental('u'), [row(1, 5)])
    const before = runs.record
    expect(runs.run(incremental('u', { initialValue: 1, endValue: 3 }), [row(2, 2), row(3, 2)])).toHaveLength(2)
    expect(runs.record).toBe(before)
    expect(runs.cursor).toMatchObject({ startValue: 1, lastValue: 1, endValue: 3 })
  })

  it('has hashes in one order, whatever order the rows have', () => {
    const rows = Array.from({ length: 20 }, (_, id) => row(id, 1))
    const forwards = new Runs()
    const backwards = new Runs()
    forwards.run(incremental('u'), rows)
    backwards.run(incremental('u'), rows.toReversed())
    expect(forwards.state).toEqual(backwards.state)
  })

  it('has more than 200 hashes only with a warning, once', () => {
    const warn = vi.fn<(about: object, text: string) => void>()
    const runs = new Runs({ log: { ...silentLog(), warn } as unknown as Logger })
    for (const from of [0, 201, 300]) {
      runs.run(
        incremental('u'),
        Array.from({ length: 201 }, (_, id) => row(from + id, 1)),
      )
    }
    expect(runs.state).toMatchObject({ unique_hashes: expect.objectContaining({ length: 501 }) })
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ rows: 201 }), expect.any(String))
  })
})

describe('rows are told apart', () => {
  const changed = [{ ...row(1, 1), note: 'x' }]

  it.each<[string, CursorKey | undefined, IncrementalOptions, number]>([
    ['by all that is in them', undefined, {}, 1],
    ["by the resource's key", 'id', {}, 0],
    ['by a key of their own', 'note', { primaryKey: ['id', 'u'] }, 0],
    ['by a function of the row', undefined, { primaryKey: (of) => (of['note'] === undefined ? 'id' : ['id']) }, 1],
    ['not at all', 'id', { primaryKey: [] }, 1],
  ])('%s', (_, primaryKey, options, again) => {
    const runs = new Runs(primaryKey === undefined ? {} : { primaryKey })
    runs.run(incremental('u', options), [row(1, 1)])
    expect(runs.run(incremental('u', options), changed)).toHaveLength(again)
  })

  it('by a key that they have, else the run ends', () => {
    expect(() => new Runs({ primaryKey: 'nr' }).run(incremental('u'), [row(1, 1)])).toThrow(
      expect.objectContaining({ name: 'IncrementalPrimaryKeyMissing', details: { resource: 'orders', key: 'nr' } }),
    )
  })

  it('as they were when they came, though the source changes them later', () => {
    const runs = new Runs()
    const reused = row(1, 1)
    runs.run(incremental('u'), [reused])
    const { unique_hashes: hashes } = runs.state as { unique_hashes: string[] }
    const other = new Runs()
    const cursor = other.open(incremental('u'))
    cursor.admit(reused)
    cursor.remember(reused, typedRowText(reused, { notFinite: 0 }) ?? '')
    reused['id'] = 2
    expect(cursor.record()?.get('unique_hashes')).toEqual(hashes)
  })
})

describe('with a lag', () => {
  const at = (text: string): Row => ({ id: text, u: text })

  it('rows come again, the cursor never goes back, and never before the initial value', () => {
    const declared = incremental('u', { lag: 2, initialValue: 4 })
    const runs = new Runs()
    runs.run(declared, [row(1, 10)])
    expect(runs.open(declared)).toMatchObject({ startValue: 8, lastValue: 8 })
    expect(runs.run(declared, [row(2, 8), row(3, 7), row(1, 10)])).toEqual([row(2, 8), row(1, 10)])
    expect(runs.run(declared, [row(4, 9)])).toHaveLength(1)
    expect(runs.state).toMatchObject({ last_value: 10, start_value: 10, unique_hashes: [] })
    expect(
      new Runs({ record: '{"initial_value":4,"last_value":5,"unique_hashes":[],"start_value":4}' }).open(declared)
        .startValue,
    ).toBe(4)
  })

  it('also where the last value is 0', () => {
    const declared = incremental('u', { lag: 1, lastValueFunc: 'min' })
    const runs = new Runs()
    runs.run(declared, [row(1, 0)])
    runs.run(declared, [row(1, 1)])
    expect(runs.state).toMatchObject({ last_value: 0 })
  })

  it('of timestamps without a time zone, too', () => {
    const declared = incremental('u', { lag: 2, lastValueFunc: 'min' })
    const runs = new Runs()
    const naive = (second: number): Row => row(second, `\uf0272024-05-01T00:00:0${second}`)
    runs.run(declared, [naive(5)])
    expect(runs.run(declared, [naive(7), naive(8), naive(4)])).toEqual([naive(7), naive(4)])
    expect(runs.state).toMatchObject({ last_value: '\uf0272024-05-01T00:00:04' })
  })

  it('of text that is a time, the text stays in its form', () => {
    const declared = incremental('u', { lag: 3600 })
    const runs = new Runs()
    runs.run(declared, [at('2024-05-01T00:30:00Z')])
    expect(runs.open(declared).startValue).toBe('2024-04-30T23:30:00Z')
  })

  it('of other text, the run ends before it asks for rows', () => {
    const runs = new Runs()
    runs.run(incremental('u'), [at('Monday')])
    expect(() => runs.open(incremental('u', { lag: 1 }))).toThrow(
      /lag of "u" of resource "orders".*text "Monday" cannot be moved/,
    )
  })
})

describe('what the function of a resource sees', () => {
  it('is where this run begins, and how far it has come', () => {
    const runs = new Runs()
    const cursor = runs.open(incremental('u'))
    expect(cursor).toMatchObject({
      initialValue: undefined,
      startValue: undefined,
      lastValue: undefined,
      endValue: undefined,
    })
    cursor.admit(row(1, 5))
    expect(cursor).toMatchObject({ startValue: undefined, lastValue: 5 })
  })

  it.each<[string, IncrementalOptions, unknown, unknown]>([
    [
      'a Date of a timestamp, rounded down to where it is not exact',
      {},
      '\uf0272024-05-01T00:00:00.000999Z',
      new Date('2024-05-01'),
    ],
    [
      'rounded up where the cursor goes down',
      { lastValueFunc: 'min' },
      '\uf0272024-05-01T00:00:00.000001Z',
      new Date('2024-05-01T00:00:00.001Z'),
    ],
    ['text of a timestamp without a zone', {}, '\uf0272024-05-01T00:00:00', '2024-05-01T00:00:00'],
    ['text of a date', {}, '\uf0282024-05-01', '2024-05-01'],
    ['text of a decimal', {}, '\uf0261.50', '1.50'],
    [
      'a decimal where the initial value is one',
      { initialValue: new DecimalJs('0') },
      '\uf0261.50',
      new DecimalJs('1.50'),
    ],
    ['a bigint where the initial value is one', { initialValue: 0n }, 7, 7n],
  ])('%s', (_, options, last, seen) => {
    const record = JSON.stringify({ initial_value: null, last_value: last, unique_hashes: [], start_value: null })
    expect(new Runs({ record }).open(incremental('u', options)).startValue).toEqual(seen)
  })

  it('says of the last row whether it is out of range, and can close where the order is known', () => {
    const declared = incremental('u', { initialValue: 2, endValue: 4, rowOrder: 'asc' })
    const cursor = new Runs().open(declared)
    const seen = [1, 3, 5, 3].map((u, id) => {
      cursor.admit(row(id, u))
      return [cursor.startOutOfRange, cursor.endOutOfRange, cursor.canClose()]
    })
    expect(seen).toEqual([
      [true, false, false],
      [false, false, false],
      [false, true, true],
      [false, false, false],
    ])
    expect(cursor.isDone).toBe(true)
    const downwards = new Runs().open(incremental('u', { initialValue: 2, rowOrder: 'desc' }))
    downwards.admit(row(1, 1))
    expect(downwards.isDone).toBe(true)
  })
})

describe('the interval of a scheduler', () => {
  const days = [1, 2, 3].map((day) => row(day, new Date(`2024-05-0${day}T12:00:00Z`)))
  const declared = (options: IncrementalOptions): Incremental =>
    incremental('u', { allowExternalSchedulers: true, ...options })

  it('is what is loaded, and the state is left alone', () => {
    const runs = new Runs()
    expect(runs.run(declared({ initialValue: new Date(0) }), days)).toEqual([days[1]])
    expect(runs.record).toBeUndefined()
  })

  it('is kept within the bounds that are given', () => {
    const within = { initialValue: new Date('2024-05-02T06:00:00Z'), endValue: new Date('2024-05-02T18:00:00Z') }
    expect(new Runs().open(declared(within))).toMatchObject({
      startValue: within.initialValue,
      endValue: within.endValue,
    })
  })
})

it('any runs let in what a simple model lets in: each row once that is not older than what was there before', () => {
  const rows = fc.array(fc.record({ id: fc.nat(8), u: fc.nat(6) }), { maxLength: 12 })
  fc.assert(
    fc.property(
      fc.array(rows, { maxLength: 5 }),
      fc.constantFrom('max' as const, 'min' as const),
      (all, lastValueFunc) => {
        const runs = new Runs({ primaryKey: 'id' })
        const declared = incremental('u', { lastValueFunc })
        const direction = lastValueFunc === 'max' ? 1 : -1
        const newest = (values: readonly number[]): number => Math.max(...values.map((value) => value * direction))
        const loaded: Row[] = []
        for (const given of all) {
          const before = newest(loaded.map(({ u }) => Number(u)))
          const atBefore = new Set(loaded.filter(({ u }) => Number(u) * direction === before).map(({ id }) => id))
          const expected = given.filter(
            ({ id, u }) => u * direction > before || (u * direction === before && !atBefore.has(id)),
          )
          expect(runs.run(declared, given)).toEqual(expected)
          loaded.push(...expected)
        }
        const last = newest(loaded.map(({ u }) => Number(u))) * direction
        if (loaded.length > 0) expect((runs.record as JsonObject).get('last_value') as Value).toBe(last)
      },
    ),
    propertyRuns(300),
  )
})
