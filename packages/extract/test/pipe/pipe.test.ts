import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { InvalidHint } from '../../src/hints/invalid-hint.ts'
import { ResourceExtractionError } from '../../src/pipe/extraction-error.ts'
import { InvalidResourceData } from '../../src/pipe/rows-of.ts'
import { resource, type Resource } from '../../src/resource.ts'
import { transformer } from '../../src/transformer.ts'
import { rowsOf, runPipes } from './run-pipes.ts'

const of = (data: unknown) => resource({ name: 'r' }, data as unknown[])

const sorted = (rows: readonly unknown[]) => rows.toSorted((a, b) => Number(a) - Number(b))

describe('rows come', () => {
  it('from lists, iterables, async iterables, streams, promises, and functions that give those', async () => {
    function* generate(): Generator<object> {
      yield { id: 1 }
      yield [{ id: 2 }]
    }
    for (const data of [
      [...generate()],
      new Set(generate()),
      generate(),
      (async function* () {
        yield* generate()
      })(),
      Promise.resolve(generate()),
      generate,
      async () => [...generate()],
      () => ReadableStream.from(generate()),
      () => Readable.from(generate()),
    ]) {
      expect(await rowsOf(of(data))).toEqual([{ id: 1 }, { id: 2 }])
    }
  })

  it('anew each time from a function', async () => {
    const data = of(function* () {
      yield 1
    })
    expect([await rowsOf(data), await rowsOf(data)]).toEqual([[1], [1]])
  })

  it('from nothing else', async () => {
    for (const data of [() => ({ id: 1 }), () => 'text', () => undefined, Promise.resolve(new Map())]) {
      await expect(rowsOf(of(data))).rejects.toThrow(InvalidResourceData)
    }
  })

  it('until they fail: the error names the resource and keeps the cause', async () => {
    const cause = new Error('no more')
    const fail = (): never => {
      throw cause
    }
    const failing: [unknown, string][] = [
      [fail, 'generator'],
      [() => Promise.reject(cause), 'generator'],
      [
        function* () {
          yield 1
          fail()
        },
        'generator',
      ],
      [
        async function* () {
          yield 1
          await Promise.reject(cause)
        },
        'generator',
      ],
      [[1, () => Promise.reject(cause)], 'future'],
      [() => [Promise.reject(cause)], 'future'],
    ]
    for (const [data, kind] of failing) {
      const error = await rowsOf(of(data)).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ResourceExtractionError)
      expect(error).toMatchObject({
        message: 'Resource "r" failed: no more',
        cause,
        exitCode: 1,
        details: { resource: 'r', kind },
      })
    }
  })

  it('and null is none', async () => {
    expect(await rowsOf(of([1, null, undefined, [2, null, 3]]))).toEqual([1, 2, 3])
  })
})

describe('steps', () => {
  const pages = of([[1, 2, 3], 4, [5]]) as Resource<number>

  it('see rows, whatever pages they come in; later ones come after earlier ones', async () => {
    expect(
      await rowsOf(
        pages
          .map((row) => row * 10)
          .filter((row) => row > 10)
          .map((row) => row + 1),
      ),
    ).toEqual([21, 31, 41, 51])
  })

  it('may promise what they give', async () => {
    const later = pages
      .map(async (row) => row * 10)
      .filter(async (row) => row > 10)
      .yieldMap(async (row) => [row, row + 1])
    expect(sorted(await rowsOf(later))).toEqual([20, 21, 30, 31, 40, 41, 50, 51])
  })

  it('leave a row out by giving null', async () => {
    expect(await rowsOf(pages.map((row) => (row % 2 === 0 ? null : row)))).toEqual([1, 3, 5])
  })

  it('yield rows in place of one: lists, generators, nothing', async () => {
    const doubled = await rowsOf(pages.yieldMap((row) => [row, [row]]))
    expect(sorted(doubled)).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    const twice = pages.yieldMap(async function* (row) {
      if (row > 3) yield row
    })
    expect(await rowsOf(twice.map((row) => -row))).toEqual([-4, -5])
  })

  it('make a new resource, and leave the old one as it was', async () => {
    const named = pages.applyHints({ primaryKey: 'id' })
    const mapped = named.map((row) => -row)
    expect(mapped).not.toBe(named)
    expect(mapped).toMatchObject({ name: 'r', hints: { primaryKey: 'id' } })
    expect(await rowsOf(pages)).toEqual([1, 2, 3, 4, 5])
  })

  it('fail by name', async () => {
    const addTax = (): never => {
      throw new Error('no rate')
    }
    await expect(rowsOf(pages.map(addTax))).rejects.toMatchObject({
      message: 'Resource "r" failed in map "addTax": no rate',
      details: { kind: 'transform' },
    })
    await expect(rowsOf(pages.filter(() => Promise.reject(new Error('no'))))).rejects.toThrow(
      'Resource "r" failed in a filter: no',
    )
    await expect(rowsOf(pages.yieldMap(addTax))).rejects.toThrow('failed in yieldMap "addTax": no rate')
  })
})

describe('a limit', () => {
  const ended: string[] = []
  const numbers = (...pages: unknown[]) =>
    resource({ name: 'numbers' }, function* () {
      try {
        yield* pages
      } finally {
        ended.push('numbers')
      }
    })

  it('counts pages, empty ones too, and closes the generator with the last one', async () => {
    ended.length = 0
    let pulled = 0
    const counted = resource({ name: 'counted' }, function* () {
      try {
        for (const page of [1, [], null, [2, 3], 4, 5]) {
          pulled++
          yield page
        }
      } finally {
        ended.push('counted')
      }
    })
    expect(await rowsOf(counted.limit(3))).toEqual([1, 2, 3])
    expect([pulled, ended]).toEqual([4, ['counted']])
  })

  it('of 0 takes one page and throws it away', async () => {
    ended.length = 0
    expect(await rowsOf(numbers(1, 2).limit(0))).toEqual([])
    expect(ended).toEqual(['numbers'])
  })

  it('of null or -1 is none; the last one holds', async () => {
    expect(await rowsOf(numbers(1, 2).limit(1).limit(null))).toEqual([1, 2])
    expect(await rowsOf(numbers(1, 2).limit(-1))).toEqual([1, 2])
    expect(await rowsOf(numbers(1, 2, 3).limit(1).limit(2))).toEqual([1, 2])
  })

  it('may count rows; a page stays whole', async () => {
    expect(await rowsOf(numbers([1, 2], [3, 4], [5]).limit(3, { countRows: true }))).toEqual([1, 2, 3, 4])
  })

  it('comes after all steps: pages that a filter empties do not count', async () => {
    const limited = numbers(1, 2, 3, 4).limit(2) as Resource<number>
    expect(await rowsOf(limited.filter((row) => row % 2 === 0))).toEqual([2, 4])
  })

  it('ends the generator that a page came out of, and drops what is under way', async () => {
    const outer = resource({ name: 'outer' }, function* (): Generator {
      yield () => Promise.resolve('late')
      yield (function* () {
        for (;;) yield 'inner'
      })()
    })
    expect(await rowsOf(outer.limit(2, {}).filter((row) => row === 'inner'))).toEqual(['inner', 'inner'])
  })

  it('may be a time: the page after it is the last', async () => {
    const slow = resource({ name: 'slow' }, function* () {
      for (let at = 0; ; at++) {
        const end = performance.now() + 60
        while (performance.now() < end);
        yield at
      }
    })
    expect((await rowsOf(slow.limit(null, { maxTime: 0.1 }))).length).toBe(2)
  })

  it('is a number', () => {
    expect(() => numbers().limit(1.5)).toThrow(InvalidHint)
    expect(() => numbers().limit(-2)).toThrow(/limit of resource "numbers"/)
    expect(() => numbers().limit(1, { maxTime: 0 })).toThrow(/maxTime/)
  })

  it('of a transformer has no effect', async () => {
    const twice = transformer({ name: 'twice', dataFrom: numbers(1, 2, 3) }, (page) => page)
    expect(await rowsOf(twice.limit(1))).toEqual([1, 2, 3])
  })
})

describe('transformers', () => {
  const users = resource({ name: 'users' }, [[{ id: 1 }, { id: 2 }], { id: 3 }])
  const orders = transformer({ name: 'orders' }, function* (page: readonly { id: number }[]) {
    for (const { id } of page) yield { user: id, page: page.length }
  })

  it('get pages; a row by itself is one', async () => {
    expect(await rowsOf(users.pipe(orders))).toEqual([
      { user: 1, page: 2 },
      { user: 3, page: 1 },
      { user: 2, page: 2 },
    ])
  })

  it('get each page before it is written, and their parent is read once for all', async () => {
    let opened = 0
    const parent = resource({ name: 'parent' }, () => {
      opened++
      return [1, 2]
    })
    const negative = transformer({ name: 'negative', dataFrom: parent }, (page) => page.map((row) => -row))
    const tenfold = transformer({ name: 'tenfold', dataFrom: parent }, (page) => page.map((row) => row * 10))
    expect(await runPipes([parent, negative, tenfold])).toEqual([
      ['negative', -1],
      ['tenfold', 10],
      ['parent', 1],
      ['negative', -2],
      ['tenfold', 20],
      ['parent', 2],
    ])
    expect(opened).toBe(1)
  })

  it('hang on transformers', async () => {
    const names = transformer({ name: 'names' }, (page: readonly { user: number }[]) =>
      Promise.resolve(page.map(({ user }) => `user ${user}`)),
    )
    expect(await runPipes(users.pipe(orders).pipe(names))).toEqual([
      ['names', 'user 1'],
      ['names', 'user 3'],
      ['names', 'user 2'],
    ])
  })

  it('may return a list, any iterable, a generator, a promise of these, or nothing', async () => {
    const made: unknown[] = [
      [1, 1],
      new Set([2]),
      Promise.resolve([3]),
      null,
      undefined,
      Promise.resolve(undefined),
      (async function* () {
        yield 4
        yield [5]
      })(),
      Promise.resolve(ReadableStream.from([6])),
      [],
    ]
    const parent = resource({ name: 'parent' }, made.keys())
    const each = transformer({ name: 'each', dataFrom: parent }, ([at]) => made[at as number] as number[])
    expect(sorted(await rowsOf(each))).toEqual([1, 1, 2, 3, 4, 5, 6])
  })

  it('return nothing else', async () => {
    const single = transformer({ name: 'single', dataFrom: users }, () => ({ id: 1 }) as never)
    await expect(rowsOf(single)).rejects.toThrow('Expected rows from "single", got a single object')
  })

  it('have steps of their own; those and the limit of the parent come before', async () => {
    const parent = users.map(({ id }) => id).limit(1)
    const child = transformer({ name: 'child', dataFrom: parent }, (page) => page).filter((id) => id > 1)
    expect(await rowsOf(child)).toEqual([2])
  })

  it('fail by name', async () => {
    const failing = transformer({ name: 'failing', dataFrom: users }, () => Promise.reject(new Error('gone')))
    await expect(rowsOf(failing)).rejects.toMatchObject({
      message: 'Resource "failing" failed: gone',
      details: { kind: 'transform' },
    })
  })

  it('call one after the other, or side by side where they are parallelized', async () => {
    const running = { now: 0, most: 0 }
    const call = async (page: readonly number[]): Promise<readonly number[]> => {
      running.most = Math.max(running.most, ++running.now)
      await new Promise((resolve) => setTimeout(resolve, 1))
      running.now--
      return page
    }
    const parent = resource({ name: 'parent' }, () => Array.from({ length: 20 }).keys())
    expect(await rowsOf(transformer({ name: 'one', dataFrom: parent }, call))).toHaveLength(20)
    expect(running.most).toBe(1)
    running.most = 0
    expect(
      await rowsOf(transformer({ name: 'many', dataFrom: parent, parallelized: true }, call), { workers: 3 }),
    ).toHaveLength(20)
    expect(running.most).toBe(3)
  })
})
