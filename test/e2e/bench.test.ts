import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, it } from 'vitest'
import { compareTables } from '../../bench/tables.mjs'
import { root, runNode, testFolder } from '../support/gantry.mjs'

/** Two rows with two items each, under ids that begin with a prefix of their own. */
function tablesOf(prefix: string): string[] {
  return [
    `CREATE TABLE orders (_dlt_id VARCHAR, id BIGINT, placed_at TIMESTAMPTZ, total DOUBLE)`,
    `INSERT INTO orders VALUES ('${prefix}a', 1, '2026-01-01 00:00:00+00', 0.1), ('${prefix}b', 2, NULL, 2.5)`,
    `CREATE TABLE orders__items (_dlt_parent_id VARCHAR, _dlt_list_idx BIGINT, sku VARCHAR)`,
    `INSERT INTO orders__items VALUES ('${prefix}a', 0, 'x'), ('${prefix}a', 1, 'y'), ('${prefix}b', 0, 'z'), ('${prefix}b', 1, NULL)`,
  ]
}

async function databaseWith(statements: readonly string[]): Promise<{ database: string; schema: string }> {
  const database = join(await testFolder('bench'), 'tables.duckdb')
  const instance = await DuckDBInstance.create(database)
  const connection = await instance.connect()
  for (const statement of statements) await connection.run(statement)
  connection.closeSync()
  instance.closeSync()
  return { database, schema: 'main' }
}

describe('the comparison of tables in a benchmark', () => {
  it('passes over ids, the order of rows, and types that hold the same values', async () => {
    const expected = await databaseWith(tablesOf('one'))
    const found = await databaseWith([
      ...tablesOf('other'),
      'CREATE TABLE sorted AS SELECT * FROM orders ORDER BY id DESC',
      'DROP TABLE orders',
      'ALTER TABLE sorted RENAME TO orders',
      'ALTER TABLE orders ALTER placed_at TYPE TIMESTAMP',
      'ALTER TABLE orders ADD nothing VARCHAR',
    ])
    expect(await compareTables(expected, found, 'orders')).toEqual({ orders: 2, orders__items: 4 })
  })

  it.each([
    ['a lost row', "DELETE FROM orders__items WHERE sku = 'z'", /orders__items has 4 and 3 rows/],
    [
      'another value',
      "UPDATE orders SET placed_at = '2026-01-02 00:00:00+00' WHERE id = 1",
      /orders\.placed_at differs/,
    ],
    ['another fraction', 'UPDATE orders SET total = 0.1000001 WHERE id = 1', /orders\.total differs/],
    [
      'values of two rows exchanged',
      "UPDATE orders__items SET sku = CASE sku WHEN 'x' THEN 'y' WHEN 'y' THEN 'x' ELSE sku END",
      /sku differs/,
    ],
    ['fractions of two rows exchanged', 'UPDATE orders SET total = 2.6 - total', /orders\.total differs/],
    [
      'a row under another parent',
      "UPDATE orders__items SET _dlt_parent_id = 'otherb', _dlt_list_idx = 2 WHERE sku = 'y'",
      /sku differs/,
    ],
    ['a lost value', 'UPDATE orders SET total = NULL WHERE id = 2', /orders\.total differs/],
    ['a lost column', 'ALTER TABLE orders DROP total', /orders\.total differs/],
    ['a table too many', 'CREATE TABLE orders__more AS SELECT * FROM orders__items', /orders__more has 0 and 4 rows/],
    ['a column too many', "ALTER TABLE orders ADD more VARCHAR DEFAULT 'm'", /orders\.more/],
  ])('finds %s', async (_what, change, message) => {
    const expected = await databaseWith(tablesOf('one'))
    const found = await databaseWith([...tablesOf('other'), change])
    await expect(compareTables(expected, found, 'orders')).rejects.toThrow(message)
  })
})

it('npm run bench compares the tables of a run with those that DuckDB makes, and gives figures as JSON', async () => {
  const home = await testFolder('bench-run')
  const args = ['--orders', '300', '--events', '40', '--rounds', '1', '--only', 'help,run', '--json']
  const { code, stdout, stderr } = await runNode([join(root, 'bench/main.mjs'), ...args], home, {
    env: { GANTRY_DLT_PYTHON: '' },
  })
  expect(code, stderr).toBe(0)
  const { results } = JSON.parse(stdout) as {
    results: { part: string; tables?: object; figures: { name: string; value: number; verdict?: string }[] }[]
  }
  expect(results.map(({ part }) => part)).toEqual(['help', 'run', 'run'])
  expect(results[1]?.tables).toEqual({ orders: 300, orders__items: 734, orders__tags: 600 })
  const figures = results.flatMap(({ figures: some }) => some)
  for (const { name, value } of figures) expect(value, name).toBeGreaterThan(0)
  expect(figures.find(({ name }) => name === 'gantry --help, CPU ms')).toHaveProperty('verdict')
})
