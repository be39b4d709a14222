import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { config } from '@gantry/common'
import { PipeNotBoundToData } from '../../src/extractable-sources.ts'
import { incremental } from '../../src/incremental/incremental.ts'
import { withHints, withTableName } from '../../src/marks.ts'
import { ResourceExtractionError } from '../../src/pipe/extraction-error.ts'
import { InvalidResourceData } from '../../src/pipe/rows-of.ts'
import { resource } from '../../src/resource.ts'
import { source } from '../../src/source.ts'
import { transformer } from '../../src/transformer.ts'

afterEach(() => void vi.unstubAllEnvs())

async function listed<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const list: Row[] = []
  for await (const row of rows) list.push(row)
  return list
}

const numbers = (): Generator<number[]> =>
  (function* () {
    yield [1, 2]
    yield [3]
    yield [4, 5]
  })()

describe('a resource can be iterated over', () => {
  it('row by row, again and again, whatever its data is', async () => {
    const pages = resource({ name: 'pages' }, numbers)
    expect(await listed(pages)).toEqual([1, 2, 3, 4, 5])
    expect(await listed(pages)).toEqual([1, 2, 3, 4, 5])
    const deferred = resource({ name: 'deferred' }, async function* () {
      yield () => Promise.resolve([1, 2])
      yield setTimeout(1, 3)
      yield withTableName(4, 'other')
      yield withHints(5, { primaryKey: 'id' })
    })
    expect((await listed(deferred)).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5])
    expect(await listed(resource({ name: 'none' }, []))).toEqual([])
  })

  it('with its steps, limit, cursor and configuration', async () => {
    vi.stubEnv('SOURCES__SOME__FACTOR', '10')
    const some = resource(
      {
        name: 'some',
        config: { factor: config.value({ type: 'number' }) },
        incremental: incremental('n', { initialValue: 20 }),
      },
      function* ({ config: { factor }, cursor }) {
        for (const page of numbers()) yield page.map((n) => ({ n: n * factor, since: cursor.startValue }))
      },
    )
    const stepped = some.filter(({ n }) => n !== 30).map(({ n, since }) => ({ n, since }))
    // The cursor is not kept.
    for (let turn = 0; turn < 2; turn++) {
      expect(await listed(stepped)).toEqual([20, 40, 50].map((n) => ({ n, since: 20 })))
    }
    expect(await listed(stepped.limit(1))).toEqual([{ n: 20, since: 20 }])
  })

  it('that is a transformer: of the rows of its parent, which are read, be it selected or not', async () => {
    const parent = resource({ name: 'parent', selected: false }, numbers)
    const sums = transformer({ name: 'sums', dataFrom: parent }, (page) => [page.reduce((a, b) => a + b, 0)])
    expect(await listed(sums)).toEqual([3, 3, 9])
    expect(await listed(parent)).toEqual([1, 2, 3, 4, 5])
    const loose = transformer({ name: 'loose' }, (page: readonly number[]) => page)
    await expect(listed(loose as unknown as AsyncIterable<number>)).rejects.toThrow(PipeNotBoundToData)
  })

  it('and no further than rows are taken; then its function ends', async () => {
    let pulled = 0
    let isClosed = false
    const endless = resource({ name: 'endless' }, function* () {
      try {
        for (;;) yield [pulled++]
      } finally {
        isClosed = true
      }
    })
    for await (const row of endless) {
      // Whoever takes it may be slow.
      await setTimeout(1)
      if (row === 20) break
    }
    expect(pulled).toBeLessThan(23)
    expect(isClosed).toBe(true)
  })

  it('up to an error, which names it', async () => {
    const failing = resource({ name: 'failing' }, async function* () {
      yield 1
      throw new Error('gone')
    })
    const seen: number[] = []
    const read = async (): Promise<void> => {
      for await (const row of failing) seen.push(row)
    }
    await expect(read()).rejects.toThrow(ResourceExtractionError)
    await expect(read()).rejects.toThrow('Resource "failing" failed: gone')
    expect(seen).toEqual([1, 1])
  })

  it('but does not stand for rows of another one', async () => {
    const rows = resource({ name: 'rows' }, [1])
    await expect(listed(resource({ name: 'other' }, rows))).rejects.toThrow(InvalidResourceData)
    await expect(listed(resource({ name: 'other' }, () => rows))).rejects.toThrow(
      /"rows" stands for the rows of "other"/,
    )
    const yielding = resource({ name: 'other' }, function* () {
      yield rows
    })
    await expect(listed(yielding)).rejects.toThrow(/"rows" was yielded as a row. Make a transformer of it/)
  })
})

it('a source can be iterated over: its selected resources by turns', async () => {
  const shop = source({ name: 'shop' }, () => {
    const orders = resource({ name: 'orders' }, ['o1', 'o2', 'o3'])
    return [
      orders,
      resource({ name: 'users' }, ['u1', 'u2']),
      resource({ name: 'hidden', selected: false }, ['h1']),
      transformer({ name: 'lines', dataFrom: orders }, (page) => page.map((order) => `${order}-line`)),
    ]
  })
  expect(await listed(shop)).toEqual(['o1-line', 'o1', 'u1', 'o2-line', 'o2', 'u2', 'o3-line', 'o3'])
  expect(await listed(shop.withResources('users', 'hidden'))).toEqual(['u1', 'h1', 'u2'])
})
