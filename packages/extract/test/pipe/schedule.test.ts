import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { resource } from '../../src/resource.ts'
import { rowsOf, runPipes } from './run-pipes.ts'

/** A promise that is kept once so many have asked for it, and who has asked so far. */
function barrier(count: number): { readonly wait: () => Promise<void>; readonly started: () => number } {
  let started = 0
  let open: () => void
  const opened = new Promise<void>((resolve) => (open = resolve))
  return {
    started: () => started,
    wait: () => {
      if (++started === count) open()
      return opened
    },
  }
}

describe('the order of items', () => {
  function* inner(): Generator {
    yield 6
    yield null
    yield 7
  }
  function* nested(): Generator {
    yield 3
    yield 4
    yield null
    yield 5
    yield inner()
    yield 8
    yield 9
  }
  const first = resource({ name: 'first' }, function* (): Generator {
    yield 1
    yield 2
    yield nested()
    yield 10
    yield 11
  })
  const all = [first, resource({ name: 'second' }, [12, 13]), resource({ name: 'third' }, [14, 15])]

  // What dlt 1.26 gives for the same generators.
  it.each([
    ['fifo', 20, [1, 2, 3, 4, 10, 5, 6, 8, 7, 9, 11, 12, 13, 14, 15]],
    ['round_robin', 20, [1, 12, 14, 2, 13, 15, 3, 10, 4, 11, 5, 6, 8, 9, 7]],
    ['round_robin', 1, [1, 12, 14, 2, 13, 15, 3, 4, 10, 5, 6, 8, 7, 9, 11]],
  ] as const)('is that of dlt: %s, max_parallel_items %i', async (nextItemMode, maxParallelItems, order) => {
    expect(await rowsOf(all, { nextItemMode, maxParallelItems })).toEqual(order)
  })

  it('is by turns for asynchronous resources too', async () => {
    const letters = (name: string, ...rows: string[]) =>
      resource({ name }, async function* () {
        for (const row of rows) {
          await Promise.resolve()
          yield row
        }
      })
    expect(await rowsOf([letters('a', 'a1', 'a2'), letters('b', 'b1', 'b2'), letters('c', 'c1')])).toEqual([
      'a1',
      'b1',
      'c1',
      'a2',
      'b2',
    ])
  })

  it('keeps what a resource yields in its order, also where a step has to be waited for', async () => {
    const slowFirst = resource({ name: 'slow' }, [3, 2, 1]).map(async (ms) => {
      await delay(ms)
      return ms
    })
    expect(await rowsOf(slowFirst)).toEqual([3, 2, 1])
  })
})

describe('what has to be waited for', () => {
  it('runs in parallel where resources are parallelized, and not otherwise', async () => {
    const requests = (name: string, parallelized: boolean, wait: () => Promise<void>) =>
      resource({ name, parallelized }, async function* () {
        await wait()
        yield name
      })
    const both = barrier(2)
    expect(await rowsOf([requests('a', true, both.wait), requests('b', true, both.wait)])).toHaveLength(2)

    const one = barrier(2)
    const stop = new AbortController()
    const run = rowsOf([requests('a', false, one.wait), requests('b', false, one.wait)], { signal: stop.signal })
    for (let turn = 0; turn < 20; turn++) await delay(1)
    expect(one.started()).toBe(1)
    stop.abort(new Error('enough'))
    void one.wait()
    await expect(run).rejects.toThrow('enough')
  })

  it('runs in parallel for so many workers at a time', async () => {
    let running = 0
    let most = 0
    const one = (name: string) =>
      resource({ name, parallelized: true }, async function* () {
        for (let at = 0; at < 3; at++) {
          most = Math.max(most, ++running)
          await delay(1)
          running--
          yield at
        }
      })
    const rows = await rowsOf(
      Array.from({ length: 10 }, (_, at) => one(`r${at}`)),
      { workers: 3 },
    )
    expect(rows).toHaveLength(30)
    expect(most).toBe(3)
  })

  it('does not hold up resources that need not be waited for', async () => {
    let go = (): void => undefined
    const gone = new Promise<void>((resolve) => (go = resolve))
    const waiting = resource({ name: 'waiting' }, async function* () {
      await gone
      yield 'last'
    })
    const busy = resource({ name: 'busy' }, function* () {
      for (let at = 0; at < 100; at++) yield at
      go()
    })
    const rows = await rowsOf([waiting, busy])
    expect(rows).toHaveLength(101)
    expect(rows.at(-1)).toBe('last')
  })

  it('is functions and promises that were yielded: so many at a time, and no more are taken meanwhile', async () => {
    let running = 0
    let most = 0
    let yielded = 0
    let ahead = 0
    const tasks = resource({ name: 'tasks' }, function* () {
      for (let id = 0; id < 40; id++) {
        ahead = Math.max(ahead, ++yielded - running)
        yield async () => {
          most = Math.max(most, ++running)
          await delay(1)
          running--
          yielded--
          return [{ id }, { id }]
        }
      }
      yield Promise.resolve({ id: 40 })
    })
    const rows = await rowsOf(
      tasks.map(({ id }) => id),
      { maxParallelItems: 4 },
    )
    expect(rows).toHaveLength(81)
    expect(new Set(rows).size).toBe(41)
    expect(most).toBe(4)
    expect(ahead).toBeLessThanOrEqual(2)
  })

  it('may fail while it stands in line', async () => {
    const promises = resource({ name: 'promises' }, function* () {
      yield delay(10)
      yield Promise.reject(new Error('at once'))
    })
    await expect(rowsOf(promises, { maxParallelItems: 1 })).rejects.toThrow('Resource "promises" failed: at once')
  })

  it('goes on where a deferred function gives another one, a generator or nothing', async () => {
    const tasks = resource({ name: 'tasks' }, function* () {
      for (let at = 0; at < 3; at++) yield () => Promise.resolve(() => [at])
      yield () =>
        (function* () {
          yield 'a'
        })()
      yield async () => null
    })
    expect(await rowsOf(tasks, { maxParallelItems: 2 })).toEqual([0, 1, 2, 'a'])
  })

  it('gives timers and signals their turn while a resource never waits', async () => {
    const stop = new AbortController()
    let taken = 0
    const endless = resource({ name: 'endless' }, function* () {
      for (;;) yield taken++
    })
    setTimeout(() => stop.abort(new Error('stopped')), 20)
    await expect(
      rowsOf(
        endless.filter(() => false),
        { signal: stop.signal },
      ),
    ).rejects.toThrow('stopped')
    const endlessAsync = resource({ name: 'endless' }, async function* () {
      for (;;) yield taken++
    })
    const again = new AbortController()
    setTimeout(() => again.abort(new Error('stopped again')), 20)
    await expect(
      rowsOf(
        endlessAsync.filter(() => false),
        { signal: again.signal },
      ),
    ).rejects.toThrow('stopped again')
  })
})

describe('many iterators out of one', () => {
  it('do not pile up, be they waited for or not', async () => {
    let open = 0
    let most = 0
    async function* inner() {
      most = Math.max(most, ++open)
      await delay(0)
      yield 1
      open--
    }
    const outer = resource({ name: 'outer', parallelized: true }, function* () {
      for (let at = 0; at < 200; at++) yield inner()
    })
    expect(await rowsOf(outer, { maxParallelItems: 10 })).toHaveLength(200)
    expect(most).toBeLessThanOrEqual(10)
  })
})

describe('a failure', () => {
  it('closes all iterators, tells what is under way to stop, and waits for it', async () => {
    const events: string[] = []
    const open = resource({ name: 'open' }, function* () {
      try {
        for (;;) yield 1
      } finally {
        events.push('open was closed')
      }
    })
    const pending = resource({ name: 'pending', parallelized: true }, async function* ({ signal }) {
      try {
        yield await new Promise<number>((_, reject) => {
          signal.addEventListener('abort', () => setTimeout(() => reject(new Error('told to stop')), 10))
        })
      } finally {
        events.push('pending was closed')
      }
    })
    const failing = resource({ name: 'failing' }, async function* () {
      yield 1
      await delay(5)
      throw new Error('the end')
    })
    const written: [string, unknown][] = []
    await expect(runPipes([open, pending, failing], {}, written)).rejects.toThrow('Resource "failing" failed: the end')
    expect(events.toSorted()).toEqual(['open was closed', 'pending was closed'])
    const rows = written.length
    await delay(10)
    expect(written).toHaveLength(rows)
  })
})
