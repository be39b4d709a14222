import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { destinations, pipeline, type Pipeline } from 'gantry'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { query as queryFile } from '../support/duckdb.mjs'
import { testFolder } from '../support/gantry.mjs'
import { startPostgres, type TestPostgres } from '../support/postgres.mjs'

/* Tables that rows were appended to, and that are merged into from then on: rows below them get to know their root. */

let home: string
let server: TestPostgres
let client: Client
beforeAll(async () => {
  home = await testFolder('append-to-merge')
  server = await startPostgres()
  client = new Client(server.url)
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await server.stop()
  await rm(home, { recursive: true, force: true })
})

describe.each(['duckdb', 'postgres'] as const)('%s', (engine) => {
  const file = (name: string): string => join(home, `${name}.duckdb`)
  const datasetOf = (name: string): string => `${name}_${process.pid}`

  function open(name: string): Pipeline {
    return pipeline({
      pipelineName: name,
      pipelinesDir: join(home, engine),
      datasetName: datasetOf(name),
      destination: engine === 'duckdb' ? destinations.duckdb(file(name)) : destinations.postgres(server.url),
    })
  }

  async function query(name: string, sql: string): Promise<unknown[][]> {
    const text = sql.replaceAll('ds.', `${datasetOf(name)}.`)
    if (engine === 'duckdb') return queryFile(file(name), text)
    return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows
  }

  const order = (id: number, ...lines: object[]): object => ({ id, lines })
  const line = (sku: string, ...taxes: object[]): object => ({ sku, taxes })
  const tax = (rate: string, ...parts: string[]): object => ({ rate, parts })
  const before = [
    order(1, line('a', tax('a1', 'x', 'y'), tax('a2')), line('b', tax('b1', 'z'))),
    order(2, line('c', tax('c1', 'w'))),
  ]
  const merge = { tableName: 'orders', primaryKey: 'id', writeDisposition: 'merge' } as const

  /** What is below each order: the table, the root that its rows name, and how many. */
  const belowOrders = ['orders__lines', 'orders__lines__taxes', 'orders__lines__taxes__parts']
    .map(
      (table) =>
        `SELECT '${table}', o.id::text, count(*)::text FROM ds.${table} AS n LEFT JOIN ds.orders AS o ON o._dlt_id = n._dlt_root_id GROUP BY o.id`,
    )
    .join(' UNION ALL ')

  it('fills the root key of three levels of rows that are there, and requires it', async () => {
    const name = 'filled'
    const p = open(name)
    await p.run(before, { tableName: 'orders' })
    await p.run([order(2, line('d', tax('d1', 'v', 'u')))], merge)
    expect(await query(name, `${belowOrders} ORDER BY 1, 2`)).toEqual([
      ['orders__lines', '1', '2'],
      ['orders__lines', '2', '1'],
      ['orders__lines__taxes', '1', '3'],
      ['orders__lines__taxes', '2', '1'],
      ['orders__lines__taxes__parts', '1', '3'],
      ['orders__lines__taxes__parts', '2', '2'],
    ])
    const nullable = `SELECT DISTINCT is_nullable FROM information_schema.columns WHERE table_schema = '${datasetOf(name)}' AND column_name = '_dlt_root_id'`
    expect(await query(name, nullable)).toEqual([['NO']])
    // The next merge takes the place of rows that were appended.
    await p.run([order(1, line('e', tax('e1', 't')))], merge)
    expect(await query(name, `${belowOrders} ORDER BY 1, 2`)).toEqual([
      ['orders__lines', '1', '1'],
      ['orders__lines', '2', '1'],
      ['orders__lines__taxes', '1', '1'],
      ['orders__lines__taxes', '2', '1'],
      ['orders__lines__taxes__parts', '1', '1'],
      ['orders__lines__taxes__parts', '2', '2'],
    ])
  })

  it('replaces rows below also where the package that merges first has none of them', async () => {
    const name = 'bare'
    const p = open(name)
    await p.run(before, { tableName: 'orders' })
    await p.run([order(1, line('f'))], merge)
    const tables = ['orders__lines', 'orders__lines__taxes', 'orders__lines__taxes__parts']
    const counts = tables.map((table) => `SELECT '${table}', count(*)::text FROM ds.${table}`).join(' UNION ALL ')
    expect(await query(name, `${counts} ORDER BY 1`)).toEqual([
      ['orders__lines', '2'],
      ['orders__lines__taxes', '1'],
      ['orders__lines__taxes__parts', '1'],
    ])
    await p.run([order(1, line('g', tax('g1', 's')))], merge)
    expect(await query(name, `${belowOrders} ORDER BY 1, 2`)).toEqual([
      ['orders__lines', '1', '1'],
      ['orders__lines', '2', '1'],
      ['orders__lines__taxes', '1', '1'],
      ['orders__lines__taxes', '2', '1'],
      ['orders__lines__taxes__parts', '1', '1'],
      ['orders__lines__taxes__parts', '2', '1'],
    ])
  })
})
