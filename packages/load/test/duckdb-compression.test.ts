import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { newTable, type Column } from '@gantry/common'
import { expect, it } from 'vitest'
import { openOptions } from './support.ts'
import { openDuckdbEngine } from '../src/destinations/duckdb/duckdb-engine.ts'
import type { SqlConnection, SqlEngine } from '../src/sql/engine.ts'
import { planMigration } from '../src/sql/plan-migration.ts'

const columns: readonly Column[] = [
  { name: '_dlt_id', data_type: 'text', row_key: true, nullable: false },
  { name: '_dlt_parent_id', data_type: 'text', parent_key: true, nullable: false },
  { name: 'note', data_type: 'text' },
]

/** Table `t` of dataset `ds`, as a migration makes it. */
async function makeTable({ dialect }: SqlEngine, connection: SqlConnection): Promise<void> {
  const table = { ...newTable('t'), columns: new Map(columns.map((column) => [column.name, column])) }
  const { statements } = planMigration('ds', [table], new Map(), dialect)
  for (const statement of ['CREATE SCHEMA ds', ...statements]) await connection.run(statement)
}

it.each([
  ['v1.0.0', 'Uncompressed', 'Dictionary'],
  ['latest', 'Uncompressed', 'DICT_FSST'],
])('ids in a file of storage version %s are stored as %s, and those of parents as %s', async (version, own, above) => {
  const path = join(mkdtempSync(join(tmpdir(), 'gantry-compression-')), 'warehouse.duckdb')
  const maker = await DuckDBInstance.create(':memory:')
  await (await maker.connect()).run(`ATTACH '${path}' AS made (STORAGE_VERSION '${version}')`)
  maker.closeSync()

  await using engine = await openDuckdbEngine(openOptions('duckdb', 'ds', path))
  await using connection = await engine.connect()
  await makeTable(engine, connection)
  await connection.run("INSERT INTO ds.t SELECT md5(x::VARCHAR), md5((x // 9)::VARCHAR), 'n' FROM range(50000) t(x)")
  await connection.run('CHECKPOINT')
  const stored = await connection.query(
    "SELECT column_name, any_value(compression) FROM pragma_storage_info('ds.t') WHERE segment_type = 'VARCHAR' GROUP BY 1",
  )
  const methods: Record<string, unknown> = Object.fromEntries(stored.map(([name, method]) => [String(name), method]))
  expect(methods['_dlt_id']).toBe(own)
  expect(methods['_dlt_parent_id']).toBe(above)
  expect(await connection.query('SELECT count(DISTINCT _dlt_id), count(DISTINCT _dlt_parent_id) FROM ds.t')).toEqual([
    [50000n, 5556n],
  ])
})

it('ids in a file that hold whatever a user calls so are kept, however long', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'gantry-compression-')), 'warehouse.duckdb')
  await using engine = await openDuckdbEngine(openOptions('duckdb', 'ds', path))
  await using connection = await engine.connect()
  await makeTable(engine, connection)
  await connection.run(
    "INSERT INTO ds.t SELECT repeat(x::VARCHAR, 300000), repeat(x::VARCHAR, 300000), 'n' FROM range(20) t(x)",
  )
  await connection.run('CHECKPOINT')
  expect(await connection.query('SELECT sum(length(_dlt_id)), sum(length(_dlt_parent_id)) FROM ds.t')).toEqual([
    [9_000_000n, 9_000_000n],
  ])
})
