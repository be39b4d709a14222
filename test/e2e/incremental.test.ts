import { mkdtempSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { incremental, pipeline, resource, source, type Pipeline, type PipelineOptions, type Resource } from 'gantry'
import { query } from '../support/duckdb.mjs'
import { runNode, testFolder } from '../support/gantry.mjs'

let home: string
beforeAll(async () => {
  home = await testFolder('incremental')
})
afterAll(() => rm(home, { recursive: true, force: true }))

/** One database, and any number of working folders that load to it. */
class Place {
  readonly dir = mkdtempSync(join(home, 'place-'))
  readonly database = join(this.dir, 'shop.db')

  open(folder = 'here', config: PipelineOptions['config'] = {}): Pipeline {
    return pipeline({
      config,
      pipelineName: 'shop',
      pipelinesDir: join(this.dir, folder),
      datasetName: 'ds',
      destination: { type: 'duckdb', credentials: this.database },
    })
  }

  async ids(table = 'orders'): Promise<number[]> {
    const rows = await query(this.database, `SELECT id FROM ds.${table} ORDER BY id`)
    return rows.map(([id]) => Number(id))
  }

  async execute(text: string): Promise<void> {
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(this.database)
    const connection = await instance.connect()
    await connection.run(text)
    connection.closeSync()
    instance.closeSync()
  }
}

interface Order {
  readonly id: number
  readonly at: string
}

const order = (id: number): Order => ({ id, at: `2024-05-${String(id).padStart(2, '0')}` })
const days = (...ids: number[]): Order[] => ids.map(order)

/** A source that can be asked for what is new, and notes what it was asked for. */
class Shop {
  orders: readonly Order[] = []
  readonly asked: (string | undefined)[] = []

  with(orders: readonly Order[]): this {
    this.orders = orders
    return this
  }

  resource(options: { readonly primaryKey?: string } = {}): Resource {
    return resource({ name: 'orders', incremental: incremental<string>('at'), ...options }, ({ cursor }) => {
      const since = cursor.lastValue
      this.asked.push(since)
      return this.orders.filter(({ at }) => since === undefined || at >= since)
    })
  }
}

const cursorOf = (p: Pipeline, name = 'orders', path = 'at'): Record<string, unknown> | undefined => {
  const sources = p.state?.sources as
    Record<string, { resources?: Record<string, { incremental?: object }> }> | undefined
  return (sources?.['shop']?.resources?.[name]?.incremental as Record<string, Record<string, unknown>> | undefined)?.[
    path
  ]
}

describe('a resource with a cursor', () => {
  it('asks its source for what is new since the last run, and loads nothing twice', async () => {
    const place = new Place()
    const shop = new Shop()
    const p = place.open()
    for (const until of [3, 3, 5]) {
      shop.orders = days(...Array.from({ length: until }, (_, at) => at + 1))
      await p.run(shop.resource())
    }
    expect(shop.asked).toEqual([undefined, '2024-05-03', '2024-05-03'])
    expect(await place.ids()).toEqual([1, 2, 3, 4, 5])
    expect(cursorOf(p)).toMatchObject({ initial_value: null, last_value: '2024-05-05', start_value: '2024-05-03' })
    expect(p.defaultSchema?.tables.get('orders')?.columns.get('at')).toMatchObject({
      incremental: true,
      nullable: true,
    })
  })

  it('makes no package where there is nothing new', async () => {
    const place = new Place()
    const p = place.open()
    await p.run(resource({ name: 'orders', incremental: incremental('at') }, days(1, 2)))
    const { state } = p
    const info = await p.run(resource({ name: 'orders', incremental: incremental('at') }, days(1, 2)))
    expect(info?.loadPackages).toEqual([])
    expect(p.state?._version_hash).toBe(state?._version_hash)
  })

  it('goes on in a fresh folder from what the destination has', async () => {
    const place = new Place()
    const shop = new Shop()
    shop.orders = days(1, 2)
    await place.open().run(shop.resource())
    const before = cursorOf(place.open())
    const there = place.open('there')
    await there.sync()
    expect(cursorOf(there)).toEqual(before)
    shop.orders = days(1, 2, 3)
    await there.run(shop.resource())
    expect(shop.asked).toEqual([undefined, '2024-05-02'])
    expect(await place.ids()).toEqual([1, 2, 3])
  })

  it('loads a range beside it without a trace in the state', async () => {
    const place = new Place()
    const p = place.open()
    const all = days(1, 2, 3, 4, 5)
    const orders = resource({ name: 'orders', incremental: incremental('at', { initialValue: '2024-05-04' }) }, all)
    await p.run(orders)
    const before = cursorOf(p)
    const range = incremental('at', { initialValue: '2024-05-01', endValue: '2024-05-04' })
    await p.run(orders.applyHints({ incremental: range }))
    expect(cursorOf(p)).toEqual(before)
    expect(await place.ids()).toEqual([1, 2, 3, 4, 5])
  })

  it('stops asking for pages when the order says that no more can be new, and closes the generator', async () => {
    const place = new Place()
    const pulled: number[] = []
    let isClosed = false
    const newestFirst = resource(
      { name: 'orders', incremental: incremental('at', { rowOrder: 'desc', initialValue: '2024-05-05' }) },
      async function* () {
        try {
          for (let id = 9; id > 0; id -= 2) {
            pulled.push(id)
            yield days(id, id - 1)
          }
        } finally {
          isClosed = true
        }
      },
    )
    await place.open().run(newestFirst)
    expect(pulled).toEqual([9, 7, 5])
    expect(isClosed).toBe(true)
    expect(await place.ids()).toEqual([5, 6, 7, 8, 9])
  })

  it('sees rows as the schema of their columns has made them', async () => {
    const place = new Place()
    const columns = z.object({ id: z.int(), at: z.string().transform((text) => new Date(text)) })
    const p = place.open()
    const cursor = incremental('at', { initialValue: new Date('2024-05-02') })
    await p.run(resource({ name: 'orders', columns, incremental: cursor }, days(1, 2, 3)))
    expect(await place.ids()).toEqual([2, 3])
    expect(cursorOf(p)).toMatchObject({ last_value: '\uf0272024-05-03T00:00:00+00:00' })
  })

  it('keeps its cursor apart from those of other resources and sources', async () => {
    const place = new Place()
    const p = place.open()
    const of = (name: string, ids: number[]): Resource =>
      resource({ name, incremental: incremental('at') }, days(...ids))
    await p.run(source({ name: 'shop' }, () => [of('orders', [1, 2]), of('returns', [7])]))
    await p.run(source({ name: 'other' }, () => [of('orders', [1])]))
    expect(cursorOf(p)).toMatchObject({ last_value: '2024-05-02' })
    expect(cursorOf(p, 'returns')).toMatchObject({ last_value: '2024-05-07' })
    expect(p.state?.sources).toMatchObject({
      other: { resources: { orders: { incremental: { at: { last_value: '2024-05-01' } } } } },
    })
  })

  it('is written to many tables by one cursor', async () => {
    const place = new Place()
    const tables = { tableName: (row: Record<string, unknown>) => (Number(row['id']) % 2 === 0 ? 'even' : 'odd') }
    const p = place.open()
    await p.run(resource({ name: 'orders', incremental: incremental('at'), ...tables }, days(1, 2, 3)))
    await p.run(resource({ name: 'orders', incremental: incremental('at'), ...tables }, days(2, 3, 4)))
    expect(await place.ids('even')).toEqual([2, 4])
    expect(await place.ids('odd')).toEqual([1, 3])
  })
})

describe('the cursor never passes rows that were not loaded', () => {
  it('where the source fails', async () => {
    const place = new Place()
    const p = place.open()
    await p.run(resource({ name: 'orders', incremental: incremental('at') }, days(1)))
    const before = p.state
    const broken = resource({ name: 'orders', incremental: incremental('at') }, function* () {
      yield days(2, 3)
      throw new Error('the shop is closed')
    })
    await expect(p.run(broken)).rejects.toMatchObject({ step: 'extract', cause: { name: 'ResourceExtractionError' } })
    expect(p.state).toEqual(before)
    await p.run(resource({ name: 'orders', incremental: incremental('at') }, days(1, 2, 3)))
    expect(await place.ids()).toEqual([1, 2, 3])
  })

  it('where the load is refused', async () => {
    const place = new Place()
    const orders = (...rows: Order[]): Resource => resource({ name: 'orders', incremental: incremental('at') }, rows)
    await place.open().run(orders(order(1)))
    // A constraint that only the database knows.
    await place.execute('CREATE UNIQUE INDEX one ON ds.orders (id)')
    const refused = place.open().run(orders(order(2), { id: 2, at: '2024-05-09' }))
    await expect(refused).rejects.toMatchObject({ step: 'load' })
    await place.open().run(orders(order(1), order(2), order(3)))
    expect(await place.ids()).toEqual([1, 2, 3])
    expect(cursorOf(place.open())).toMatchObject({ last_value: '2024-05-03', start_value: '2024-05-01' })
  })

  it('where a row cannot be compared, and the error says which', async () => {
    const place = new Place()
    const rows = [order(1), { id: 2, at: 7 }]
    const failed = place.open().run(resource({ name: 'orders', incremental: incremental('at') }, rows))
    await expect(failed).rejects.toMatchObject({
      step: 'extract',
      cause: { name: 'IncrementalCursorInvalidCoercion', details: { resource: 'orders', cursorPath: 'at', row: 2 } },
    })
    expect(cursorOf(place.open())).toBeUndefined()
  })

  it.each([
    'extract:manifest',
    'extract:commit',
    'extract:state',
    'extract:done',
    'normalize:commit',
    'load:committed',
    'load:commit',
    'load:done',
  ])('where the process is killed at %s', async (at) => {
    const place = new Place()
    const program = join(place.dir, 'program.mjs')
    const options = {
      pipelineName: 'shop',
      pipelinesDir: join(place.dir, 'here'),
      datasetName: 'ds',
      destination: { type: 'duckdb', credentials: place.database },
    }
    await writeFile(
      program,
      `import { incremental, pipeline, resource } from ${JSON.stringify(import.meta.resolve('gantry'))}
         const all = ${JSON.stringify(days(1, 2, 3, 4, 5, 6))}
         const orders = resource({ name: 'orders', incremental: incremental('at') }, ({ cursor }) =>
           // What a source has that knows nothing of rows between the cursor and its last call.
           all.filter(({ id, at }) => id <= Number(process.argv[2]) && (cursor.lastValue === undefined || at >= cursor.lastValue)))
         await pipeline(${JSON.stringify(options)}).run(orders)`,
    )
    const first = await runNode([program, '2'], place.dir)
    expect(first.code, first.stderr).toBe(0)
    expect(await runNode([program, '4'], place.dir, { env: { GANTRY_CRASH_AT: at } })).toMatchObject({
      signal: 'SIGKILL',
    })
    // Whatever is pending is finished first, and the new rows come with the run after it.
    for (const _ of ['pending', 'new']) {
      const { code, stderr } = await runNode([program, '6'], place.dir)
      expect(code, stderr).toBe(0)
    }
    expect(await place.ids()).toEqual([1, 2, 3, 4, 5, 6])
    expect(cursorOf(place.open())).toMatchObject({ last_value: '2024-05-06' })
  })
})

describe('notes in the state', () => {
  const noting = (name: string, fail = false): Resource =>
    resource({ name }, ({ resourceState, sourceState }) => {
      const own = resourceState()
      const shared = sourceState()
      own['runs'] = Number(own['runs'] ?? 0) + 1
      shared['last'] = {
        at: new Date('2024-05-01'),
        by: name,
        big: 2n ** 60n,
        seen: (shared['last'] as object) ?? null,
      }
      if (fail) throw new Error('not today')
      return [{ id: own['runs'] }]
    })

  it('are stored with the rows, and come back in a fresh folder', async () => {
    const place = new Place()
    await place.open().run(noting('a'))
    await place.open('there').run([noting('a'), noting('b')])
    expect(place.open('there').state?.sources).toMatchObject({
      shop: {
        resources: { a: { runs: 2 }, b: { runs: 1 } },
        last: { by: 'b', seen: { by: 'a', at: '\uf0272024-05-01T00:00:00+00:00' } },
      },
    })
    expect(await place.ids('a')).toEqual([1, 2])
  })

  it('are as they were where the run fails', async () => {
    const place = new Place()
    const p = place.open()
    await p.run(noting('a'))
    const before = p.state
    await expect(p.run(noting('a', true))).rejects.toThrow('not today')
    expect(p.state).toEqual(before)
  })

  it('stand beside cursors, which they cannot touch', async () => {
    const place = new Place()
    const p = place.open()
    const orders = (note: string): Resource =>
      resource({ name: 'orders', incremental: incremental('at') }, ({ resourceState }) => {
        resourceState()[note] = 1
        return days(1)
      })
    await p.run(orders('note'))
    expect(cursorOf(p)).toMatchObject({ last_value: '2024-05-01' })
    expect(p.state?.sources).toMatchObject({ shop: { resources: { orders: { note: 1 } } } })
    await expect(p.run(orders('incremental'))).rejects.toThrow(
      /resource "orders" has a note "incremental".*Take another name/,
    )
  })
})

describe('applyHints', () => {
  it('adds columns, replaces other hints, and takes away what is null or empty', () => {
    const one = resource(
      {
        name: 'orders',
        primaryKey: 'id',
        columns: { id: { dataType: 'bigint' } },
        incremental: incremental('at'),
        references: [{ referencedTable: 'a', columns: ['x'], referencedColumns: ['y'] }],
      },
      [],
    )
    const added = { referencedTable: 'b', columns: ['x'], referencedColumns: ['y'] }
    const changed = one.applyHints({
      writeDisposition: 'merge',
      columns: { id: { nullable: false }, at: { dataType: 'timestamp' } },
      references: [added],
    })
    expect(changed).toBe(one)
    expect(one.hints).toMatchObject({
      primaryKey: 'id',
      writeDisposition: 'merge',
      columns: { id: { dataType: 'bigint', nullable: false }, at: { dataType: 'timestamp' } },
      references: [{ referencedTable: 'a' }, added],
    })
    one.applyHints({ primaryKey: [], incremental: null, columns: {}, references: undefined })
    expect(Object.keys(one.hints)).toEqual(['references', 'writeDisposition'])
  })

  it('takes nothing for a cursor but a cursor', () => {
    const wrong = { incremental: { cursorPath: 'at' } as never }
    expect(() => resource({ name: 'orders', ...wrong }, [])).toThrow(/takes what incremental\('<field>'\) returns/)
    expect(() => resource({ name: 'orders' }, []).applyHints(wrong)).toThrow(/takes what incremental/)
  })
})

describe('a cursor that is configured', () => {
  it('reads a range by settings alone, and goes on by its own state after that', async () => {
    const place = new Place()
    const shop = new Shop()
    shop.orders = days(1, 2, 3, 4)
    await place.open().run(shop.resource())
    const range = { initial_value: '2024-05-02', end_value: '2024-05-04' }
    await place.open('here', { 'sources.orders.incremental': range }).run(shop.resource())
    expect(await place.ids()).toEqual([1, 2, 2, 3, 3, 4])
    shop.orders = days(4, 5)
    await place.open().run(shop.resource())
    expect(await place.ids()).toEqual([1, 2, 2, 3, 3, 4, 5])
    expect(shop.asked).toEqual([undefined, '2024-05-02', '2024-05-04'])
  })

  it('of another path marks that column, in the section of its source', async () => {
    const place = new Place()
    const orders = source({ name: 'shop', section: 'api' }, () => [new Shop().with(days(1)).resource()])
    const p = place.open('here', { 'sources.api.orders.incremental.cursor_path': 'id' })
    await p.run(orders)
    expect(p.defaultSchema?.tables.get('orders')?.columns.get('id')).toMatchObject({ incremental: true })
    expect(p.defaultSchema?.tables.get('orders')?.columns.get('at')).not.toHaveProperty('incremental')
  })

  it('is the one of applyHints where that sets one', async () => {
    const place = new Place()
    const shop = new Shop().with(days(1, 2, 3))
    const orders = shop.resource().applyHints({ incremental: incremental('at', { initialValue: '2024-05-02' }) })
    await place.open('here', { 'sources.orders.incremental.initial_value': '2024-05-03' }).run(orders)
    expect(await place.ids()).toEqual([2, 3])
  })
})
