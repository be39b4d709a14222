import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { destinations, pipeline, PipelineStepFailed, resource, source, type Pipeline } from 'gantry'
import { query } from '../support/duckdb.mjs'
import { testFolder } from '../support/gantry.mjs'

let home: string
beforeAll(async () => {
  home = await testFolder('resources')
})

function open(pipelineName: string): Pipeline {
  const destination = destinations.duckdb(join(home, `${pipelineName}.duckdb`))
  return pipeline({ pipelineName, pipelinesDir: home, destination, datasetName: 'ds' })
}

const sql = (name: string, statement: string) => query(join(home, `${name}.duckdb`), statement)

describe('resources', () => {
  it('of one run go to one package, each to its table', async () => {
    const info = await open('several').run([
      resource({ name: 'orders', primaryKey: 'id' }, [{ id: 1 }, { id: 2 }]),
      resource({ name: 'customers', tableName: 'people' }, () => [{ id: 7 }]),
    ])
    expect(info?.loadPackages).toHaveLength(1)
    expect(await sql('several', 'SELECT count(*) FROM ds.orders')).toEqual([['2']])
    expect(await sql('several', 'SELECT id FROM ds.people')).toEqual([['7']])
  })

  it('that share a table are one table, of the kind that the first says, with the columns of all', async () => {
    await open('shared').run([
      resource({ name: 'first', tableName: 'all', writeDisposition: 'append' }, [{ id: 1 }]),
      resource({ name: 'second', tableName: 'all', columns: { note: { dataType: 'text' } } }, [{ id: 2 }]),
    ])
    expect(await sql('shared', 'SELECT id, note FROM ds.all ORDER BY id')).toEqual([
      ['1', null],
      ['2', null],
    ])
    const [[schema]] = (await sql('shared', 'SELECT schema FROM ds._dlt_version')) as [[string]]
    expect(JSON.parse(schema)).toMatchObject({ tables: { all: { resource: 'first' } } })
  })

  it('that replace and yield nothing leave their table empty, the others as they were', async () => {
    const stock = (rows: readonly object[]) => resource({ name: 'stock', writeDisposition: 'replace' }, rows)
    const log = (rows: readonly object[]) => resource({ name: 'log' }, rows)
    await open('emptied').run([stock([{ id: 1 }]), log([{ id: 1 }])])
    await open('emptied').run([stock([]), log([])])
    expect(await sql('emptied', 'SELECT (SELECT count(*) FROM ds.stock), (SELECT count(*) FROM ds.log)')).toEqual([
      ['0', '1'],
    ])
  })

  it('that fail leave nothing, and the next run starts over', async () => {
    const broken = resource({ name: 'orders' }, function* () {
      yield { id: 1 }
      throw new Error('the source is down')
    })
    const failure = await open('broken')
      .run([resource({ name: 'first' }, [{ id: 1 }]), broken])
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(PipelineStepFailed)
    expect((failure as PipelineStepFailed).message).toContain('Resource "orders" failed: the source is down')
    const left = await readdir(join(home, 'broken', 'normalize'))
    expect(left.filter((name) => /^\.?[0-9a-f]{16}$/.test(name))).toEqual([])
    await open('broken').run(resource({ name: 'orders' }, [{ id: 1 }]))
    expect(await sql('broken', 'SELECT count(*) FROM ds._dlt_loads')).toEqual([['1']])
  })
})

describe('sources', () => {
  const crm = source({ name: 'crm' }, () => [
    resource({ name: 'people' }, [{ id: 1 }]),
    resource({ name: 'firms' }, [{ id: 1 }]),
  ])
  const shop = source({ name: 'shop', schemaContract: { columns: 'discard_value' }, maxTableNesting: 0 }, () =>
    resource({ name: 'orders' }, [{ id: 1, lines: [{ sku: 'A' }] }]),
  )

  it('have a schema and a package each, in the order of their names; the first is the default', async () => {
    const p = open('two')
    const info = await p.run([shop, crm])
    expect(info?.loadPackages.map((one) => one.schemaName)).toEqual(['crm', 'shop'])
    expect(await sql('two', 'SELECT schema_name FROM ds._dlt_loads ORDER BY load_id')).toEqual([['crm'], ['shop']])
    expect((await readdir(join(home, 'two', 'schemas'))).toSorted()).toEqual(['crm.schema.json', 'shop.schema.json'])
    expect(await sql('two', 'SELECT lines FROM ds.orders')).toEqual([['[{"sku":"A"}]']])
    // Bare resources go to the default schema, whatever the pipeline is called.
    const more = await p.run(resource({ name: 'notes' }, [{ id: 1 }]))
    expect(more?.loadPackages.map((one) => one.schemaName)).toEqual(['crm'])
  })

  it('are taken in part by withResources', async () => {
    await open('part').run(crm.withResources('firms'))
    const tables = await sql('part', "SELECT table_name FROM information_schema.tables WHERE table_schema = 'ds'")
    expect(tables.flat()).toContain('firms')
    expect(tables.flat()).not.toContain('people')
  })

  it('keep what was said about their schema until something else is', async () => {
    const plain = (rows: readonly object[]) => source({ name: 'shop' }, () => resource({ name: 'orders' }, rows))
    await open('kept').run(shop)
    await open('kept').run(plain([{ id: 2, lines: [{ sku: 'B' }], extra: 1 }]))
    expect(await sql('kept', 'SELECT * EXCLUDE (_dlt_id, _dlt_load_id) FROM ds.orders ORDER BY id')).toEqual([
      ['1', '[{"sku":"A"}]'],
      ['2', '[{"sku":"B"}]'],
    ])
  })

  it('have their state in one of the packages, where it is found again', async () => {
    const p = open('stateful')
    await p.extract([shop, crm])
    const state = join(p.workingDir, 'state.json')
    const read = async () => JSON.parse(await readFile(state, 'utf8')) as Record<string, unknown>
    const before = await read()
    await rm(state)
    await p.extract([shop, crm])
    const { schema_names, _state_version, _version_hash } = before
    expect(await read()).toMatchObject({ schema_names, _state_version, _version_hash })
    expect(schema_names).toEqual(['crm', 'shop'])
  })

  it('of one name share a package', async () => {
    const more = source({ name: 'crm' }, () => resource({ name: 'calls' }, [{ id: 1 }]))
    const info = await open('shared-schema').run([crm, more])
    expect(info?.loadPackages).toHaveLength(1)
    expect(await sql('shared-schema', 'SELECT count(*) FROM ds.calls')).toEqual([['1']])
  })
})
