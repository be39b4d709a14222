import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pipeline } from 'gantry'
import { query } from '../support/duckdb.mjs'
import { run, testFolder } from '../support/gantry.mjs'

let home: string
beforeAll(async () => {
  home = await testFolder('merge')
})
afterAll(() => rm(home, { recursive: true, force: true }))

it('gantry run --write-disposition merge puts rows in place of those with their key, lists included', async () => {
  const flags = ['--pipeline-name', 'shop', '--table', 'orders', '--write-disposition', 'merge', '--primary-key', 'id']
  const load = async (...rows: object[]): Promise<void> => {
    await writeFile(join(home, 'orders.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'))
    const { code, stderr } = await run('gantry', ['run', 'orders.jsonl', ...flags], home)
    expect(code, stderr).toBe(0)
  }
  await load({ id: 1, v: 'a', lines: ['x', 'y'] }, { id: 2, v: 'b', lines: ['z'] })
  await load({ id: 2, v: 'new', lines: ['w'] }, { id: 3, v: 'c' })
  const path = join(home, 'shop.duckdb')
  const from = 'FROM shop_dataset.orders AS o LEFT JOIN shop_dataset.orders__lines AS l ON l._dlt_parent_id = o._dlt_id'
  expect(await query(path, `SELECT o.v, l.value ${from} ORDER BY o.id, l.value`)).toEqual([
    ['a', 'x'],
    ['a', 'y'],
    ['new', 'w'],
    ['c', null],
  ])
  expect(await query(path, 'SELECT COUNT(*)::INTEGER FROM shop_dataset.orders__lines')).toEqual([[3]])
})

it('skip leaves the rows out and says so', async () => {
  await writeFile(join(home, 'users.jsonl'), '{"id":1}')
  const { code, stderr } = await run('gantry', ['extract', 'users.jsonl', '--write-disposition', 'skip'], home)
  expect(code).toBe(0)
  expect(stderr).toContain('skip')
})

it('a strategy with its options is declared on run', async () => {
  const p = pipeline({
    pipelineName: 'upserted',
    pipelinesDir: home,
    datasetName: 'ds',
    destination: { type: 'duckdb', credentials: join(home, 'upserted.db') },
  })
  const hints = {
    tableName: 't',
    primaryKey: 'id',
    writeDisposition: { disposition: 'merge', strategy: 'upsert' },
    columns: { gone: { dataType: 'bool', hardDelete: true }, seq: { dedupSort: 'desc' } },
  } as const
  await p.run(
    [
      { id: 1, seq: 1 },
      { id: 2, seq: 1 },
    ],
    hints,
  )
  await p.run(
    [
      { id: 1, seq: 2, gone: true },
      { id: 2, seq: 3 },
      { id: 2, seq: 2 },
      { id: 3, seq: 1, gone: true },
    ],
    hints,
  )
  expect(await query(join(home, 'upserted.db'), 'SELECT id, seq FROM ds.t')).toEqual([['2', '3']])
})
