import { expect, it } from 'vitest'
import { readRows, selectRows } from '../src/destinations/duckdb/duckdb-rows.ts'
import type { DuckdbStream } from '../src/destinations/duckdb/duckdb-driver.ts'

function stream(types: Record<string, string>, values: unknown[]): DuckdbStream {
  return {
    columnNames: () => Object.keys(types),
    columnTypes: () => Object.values(types),
    async *yieldRows() {
      yield [values]
    },
  }
}

const types = { j: 'JSON', t: 'TIMESTAMP WITH TIME ZONE', d: 'DECIMAL(38,9)', b: 'BIGINT', __proto__x: 'VARCHAR' }
const values = ['{"n":9007199254740993}', { micros: 1_700_000_000_123_456n }, '1.500000000', 2n ** 63n - 1n, 'x']

it('rounds nothing where exact rows are asked for', async () => {
  const rows = []
  for await (const row of readRows(stream(types, values), { exact: true })) rows.push(row)
  expect(rows).toEqual([
    {
      j: '{"n":9007199254740993}',
      t: '2023-11-14T22:13:20.123456+00:00',
      d: '1.5',
      b: 2n ** 63n - 1n,
      __proto__x: 'x',
    },
  ])
})

it('gives what JavaScript has by default', async () => {
  const rows = []
  for await (const row of readRows(stream(types, values))) rows.push(row)
  expect(rows[0]).toMatchObject({ t: new Date(1_700_000_000_123), j: { n: expect.any(Number) as number } })
})

it('reads texts as bytes, so that a byte order mark at their start stays', async () => {
  const { sql, encoded } = selectRows('"d"."t"', [
    ['n', 'BIGINT'],
    ['a "text"', 'VARCHAR'],
  ])
  expect(sql).toBe('SELECT "n", encode("a ""text""") AS "a ""text""" FROM "d"."t"')
  const result = stream({ n: 'BIGINT', 'a "text"': 'BLOB' }, [1n, { bytes: Buffer.from('\ufeffé') }])
  const rows = []
  for await (const row of readRows(result, {}, encoded)) rows.push(row)
  expect(rows).toEqual([{ n: 1, 'a "text"': '\ufeffé' }])
})
