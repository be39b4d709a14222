import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  config,
  ConfigFieldMissing,
  destinations,
  incremental,
  materializeTableSchema,
  pipeline,
  resource,
  secrets,
  source,
  transformer,
  withHints,
  withTableName,
  type Pipeline,
  type PipelineOptions,
} from 'gantry'
import { query } from '../support/duckdb.mjs'
import { testFolder } from '../support/gantry.mjs'

let home: string
beforeAll(async () => {
  home = await testFolder('pipes')
})

function open(pipelineName: string, settings: PipelineOptions['config'] = {}): Pipeline {
  const destination = destinations.duckdb(join(home, `${pipelineName}.duckdb`))
  return pipeline({ pipelineName, pipelinesDir: home, destination, datasetName: 'ds', config: settings })
}

const sql = (name: string, statement: string) => query(join(home, `${name}.duckdb`), statement)

const tables = async (name: string): Promise<string[]> =>
  (
    await sql(
      name,
      `SELECT table_name FROM information_schema.tables WHERE table_schema = 'ds' AND NOT starts_with(table_name, '_dlt') ORDER BY 1`,
    )
  ).map(([table]) => table as string)

describe('transformers', () => {
  const users = () => resource({ name: 'users' }, [[{ id: 1 }, { id: 2 }], [{ id: 3 }]])
  const details = transformer({ name: 'details' }, async (page: readonly { id: number }[]) =>
    page.map(({ id }) => ({ id, name: `user ${id}` })),
  )

  it('load what they make of another resource, which is not written by itself', async () => {
    const info = await open('alone').run(users().pipe(details))
    expect(await tables('alone')).toEqual(['details'])
    expect(await sql('alone', 'SELECT id, name FROM ds.details ORDER BY id')).toEqual([
      ['1', 'user 1'],
      ['2', 'user 2'],
      ['3', 'user 3'],
    ])
    expect(info?.loadPackages).toHaveLength(1)
  })

  it('share a parent, which is read once, written or not; chains of them, and parents outside of the source', async () => {
    let reads = 0
    const parent = resource({ name: 'parent' }, function* () {
      reads++
      yield [{ id: 1 }, { id: 2 }]
    })
    const child = transformer({ name: 'child', dataFrom: parent }, function* (page) {
      for (const { id } of page) yield async () => ({ parent: id })
    })
    const shop = source({ name: 'shop' }, () => [
      child,
      transformer({ name: 'other', dataFrom: parent }, (page) => page),
      transformer({ name: 'grandchild', dataFrom: child }, (page) => page.map((row) => ({ ...row, depth: 2 }))),
    ])
    await open('family').run(shop)
    expect(await tables('family')).toEqual(['child', 'grandchild', 'other'])
    expect(await sql('family', 'SELECT parent FROM ds.grandchild ORDER BY 1')).toEqual([['1'], ['2']])
    await open('family').run(shop.withResources('grandchild'))
    expect(
      await sql(
        'family',
        'SELECT (SELECT count(*) FROM ds.child), (SELECT count(*) FROM ds.grandchild), (SELECT count(*) FROM ds.other)',
      ),
    ).toEqual([['2', '4', '2']])
    expect(reads).toBe(2)
    const both = source({ name: 'both' }, () => [parent, child])
    await open('written').run(both)
    expect(await tables('written')).toEqual(['child', 'parent'])
  })

  it('get what the cursor of their parent lets in, in every run, also where it is not written', async () => {
    const rows = [{ id: 1 }]
    const parent = resource({ name: 'events', selected: false, incremental: incremental<number>('id') }, () => rows)
    const child = transformer({ name: 'copies', dataFrom: parent }, (page) => page)
    const s = source({ name: 's' }, () => [parent, child])
    await open('cursor').run(s)
    rows.push({ id: 2 }, { id: 3 })
    const p = open('cursor')
    await p.run(s)
    expect(await tables('cursor')).toEqual(['copies'])
    expect(await sql('cursor', 'SELECT id FROM ds.copies ORDER BY 1')).toEqual([['1'], ['2'], ['3']])
    const state = p.state as unknown as { sources: { s: { resources: { events: { incremental: { id: object } } } } } }
    expect(state.sources.s.resources.events.incremental.id).toMatchObject({ last_value: 3 })
  })

  it('get all rows again of a parent that is replaced, be it written or not', async () => {
    const parent = resource(
      { name: 'stock', selected: false, writeDisposition: 'replace', incremental: incremental<number>('id') },
      [{ id: 1 }, { id: 2 }],
    )
    const child = transformer({ name: 'seen', dataFrom: parent }, (page) => page)
    const s = source({ name: 's' }, () => [parent, child])
    await open('replaced').run(s)
    await open('replaced').run(s)
    expect(await sql('replaced', 'SELECT count(*) FROM ds.seen')).toEqual([['4']])
  })

  it('have state and hints of their own', async () => {
    const counted = transformer(
      { name: 'counted', dataFrom: users(), primaryKey: 'id', writeDisposition: 'merge' },
      (page, { resourceState }) => {
        const state = resourceState()
        state['pages'] = Number(state['pages'] ?? 0) + 1
        return page
      },
    )
    const p = open('own')
    await p.run(counted)
    await p.run(counted)
    expect(await sql('own', 'SELECT count(*) FROM ds.counted')).toEqual([['3']])
    expect(p.state).toMatchObject({ sources: { own: { resources: { counted: { pages: 4 } } } } })
  })
})

describe('resources at work together', () => {
  it('have files and metrics of their own, in their order, though their rows come by turns', async () => {
    const numbers = (name: string, count: number) =>
      resource({ name }, function* () {
        for (let id = 0; id < count; id++) yield { id }
      })
    const p = open('metrics')
    const info = await p.extract([numbers('b', 3), numbers('a', 20_000), numbers('c', 1)])
    const [loadId] = info.loadPackages.map((one) => one.loadId) as [string]
    const counts = Object.entries(info.metrics[loadId]?.[0]?.resourceMetrics ?? {}).map(([name, { rows }]) => [
      name,
      rows,
    ])
    expect(Object.fromEntries(counts)).toEqual({ a: 20_000, b: 3, c: 1 })
    const folder = join(home, 'metrics', 'normalize', 'extracted', loadId)
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as { files: { table: string }[] }
    expect(manifest.files.map(({ table }) => table)).toEqual(['b', 'a', 'c', '_dlt_pipeline_state'])
    const files = (await readdir(join(folder, 'new_jobs'))).map((name) => name.split('.'))
    const byId = files.toSorted(([, a = ''], [, b = '']) => (a < b ? -1 : 1)).map(([table]) => table)
    expect(byId).toEqual(['b', 'a', 'c', '_dlt_pipeline_state'])
  })

  it('are read from streams: of Node and of the web', async () => {
    await open('streams').run([
      resource({ name: 'node' }, () => Readable.from([{ id: 1 }, { id: 2 }])),
      resource({ name: 'web' }, () => ReadableStream.from([{ id: 3 }])),
    ])
    expect(await sql('streams', 'SELECT id FROM ds.node UNION ALL SELECT id FROM ds.web ORDER BY 1')).toEqual([
      ['1'],
      ['2'],
      ['3'],
    ])
  })

  it('of one name come one after the other', async () => {
    const part = (id: number) => resource({ name: 'parts', primaryKey: 'id' }, [{ id }])
    await open('parts').run([part(1), part(2)])
    expect(await sql('parts', 'SELECT id FROM ds.parts ORDER BY 1')).toEqual([['1'], ['2']])
  })

  it('follow the settings of the source, or of all', async () => {
    const by = async (settings: PipelineOptions['config']): Promise<string> => {
      const order: string[] = []
      const letters = (name: string) =>
        resource({ name }, [1, 2]).filter(() => {
          order.push(name)
          return false
        })
      await open('order', settings).extract(source({ name: 'letters' }, () => [letters('a'), letters('b')]))
      return order.join('')
    }
    expect(await by({})).toBe('abab')
    expect(await by({ 'extract.next_item_mode': 'fifo' })).toBe('aabb')
    expect(
      await by({ 'extract.next_item_mode': 'fifo', 'sources.letters.extract.next_item_mode': 'round_robin' }),
    ).toBe('abab')
    await expect(by({ 'extract.workers': 0 })).rejects.toThrow(/extract\.workers .*whole number from 1/)
    await expect(by({ 'extract.next_item_mode': 'lifo' })).rejects.toThrow(/round_robin or fifo/)
  })
})

describe('several tables of one resource', () => {
  it('are named with the rows; a function from row to table decides alone', async () => {
    const events = (name: string, tableName?: (row: { id: number }) => string) =>
      resource({ name, ...(tableName === undefined ? {} : { tableName }) }, function* () {
        yield { id: 1 }
        yield withTableName([{ id: 2 }, { id: 3 }], `${name}_marked`)
      })
    await open('marked').run([events('plain'), events('routed', ({ id }) => `routed_${id}`)])
    expect(await tables('marked')).toEqual(['plain', 'plain_marked', 'routed_1', 'routed_2', 'routed_3'])
    expect(await sql('marked', 'SELECT id FROM ds.plain_marked ORDER BY 1')).toEqual([['2'], ['3']])
  })

  it('have hints that come with the rows, for all tables from then on or for a table of its own', async () => {
    const p = open('hinted')
    await p.run(
      resource({ name: 'items' }, function* () {
        yield withHints({ id: '1', price: '2.50' }, { columns: { price: { dataType: 'decimal' } } })
        yield { id: '2', price: '3' }
        yield withHints(
          [{ id: '1' }, { id: '1' }],
          { tableName: 'uniques', primaryKey: 'id', writeDisposition: 'merge' },
          { createTableVariant: true },
        )
        yield { id: '3', price: '4' }
      }).map((row) => row),
    )
    const schema = p.defaultSchema
    expect(schema?.tables.get('items')?.columns.get('price')).toMatchObject({ data_type: 'decimal' })
    expect(schema?.tables.get('items')?.columns.get('id')).not.toHaveProperty('primary_key')
    expect(schema?.tables.get('uniques')).toMatchObject({ hints: { write_disposition: 'merge' } })
    expect(await sql('hinted', 'SELECT count(*), sum(price) FROM ds.items')).toEqual([
      ['3', expect.stringMatching(/^9\.5/)],
    ])
    expect(await sql('hinted', 'SELECT count(*) FROM ds.uniques')).toEqual([['1']])
    expect(() => withHints([], { columns: {} }, { createTableVariant: true })).toThrow(/"tableName"/)
    expect(() => withHints([], { incremental: null })).toThrow(/incremental/)
  })

  it('are made without rows where their schema is to be there', async () => {
    await open('empty').run([
      resource({ name: 'nothing', columns: { id: { dataType: 'bigint' } } }, function* () {
        yield materializeTableSchema()
      }),
      resource({ name: 'never', columns: { id: { dataType: 'bigint' } } }, []),
    ])
    expect(await tables('empty')).toEqual(['nothing'])
    expect(await sql('empty', 'SELECT count(id) FROM ds.nothing')).toEqual([['0']])
  })
})

describe('configuration', () => {
  const issues = resource(
    { name: 'issues', config: { accessToken: secrets.value(), perPage: 100, label: config.value({ optional: true }) } },
    ({ config: { accessToken, perPage, label } }) => [
      { accessToken: accessToken.length, perPage, label: label ?? 'none' },
    ],
  )
  const rows = (name: string) => sql(name, 'SELECT access_token, per_page, label FROM ds.issues')

  it('reaches the function of a resource, from the place that is its own', async () => {
    await open('alone_config', {
      'sources.issues.access_token': 'secret-1',
      'sources.per_page': 7,
      'sources.issues.label': 'bug',
    }).run(issues)
    expect(await rows('alone_config')).toEqual([['8', '7', 'bug']])
  })

  it('is that of the source for resources inside of it; a source and a transformer have it too', async () => {
    const github = source(
      { name: 'github', config: { names: config.value({ type: 'json' }) } },
      ({ config: { names } }) => [
        issues,
        transformer({ name: 'labels', dataFrom: issues, config: { prefix: 'x' } }, (page, { config: { prefix } }) =>
          page.map(({ label }) => ({ label: `${prefix}-${label}`, names: String(names) })),
        ),
      ],
    )
    await open('source_config', {
      'sources.github.names': ['a', 'b'],
      'sources.github.issues.access_token': 'four',
      'sources.github.labels.prefix': 'y',
    }).run(github)
    expect(await rows('source_config')).toEqual([['4', '100', 'none']])
    expect(await sql('source_config', 'SELECT label, names FROM ds.labels')).toEqual([['y-none', 'a,b']])
  })

  it('that is missing ends the extract before anything is read; all keys that were tried are named', async () => {
    let reads = 0
    const counted = resource({ name: 'counted' }, () => {
      reads++
      return []
    })
    const s = source({ name: 'github', section: 'work' }, () => [counted, issues])
    const failure = (await open('missing')
      .extract(s)
      .catch((error: unknown) => error)) as Error
    expect(failure.cause).toBeInstanceOf(ConfigFieldMissing)
    expect((failure.cause as Error).message).toMatch(
      /Resource "issues" lacks access_token[^]*SOURCES__WORK__ISSUES__ACCESS_TOKEN, SOURCES__WORK__ACCESS_TOKEN, SOURCES__ISSUES__ACCESS_TOKEN, SOURCES__ACCESS_TOKEN, ACCESS_TOKEN/,
    )
    expect(reads).toBe(0)
  })
})
