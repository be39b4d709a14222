// node duckdb-ingest.mjs <database> <folder of load files>: DuckDB by itself takes in Parquet files, a table for each.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

const [database, folder] = process.argv.slice(2)
const tables = new Map()
for (const name of readdirSync(folder).filter((file) => file.endsWith('.parquet'))) {
  const table = name.split('.')[0]
  tables.set(table, [...(tables.get(table) ?? []), join(folder, name)])
}
const instance = await DuckDBInstance.create(database)
const connection = await instance.connect()
await connection.run('BEGIN')
for (const [table, files] of tables) {
  const list = files.map((file) => `'${file}'`).join(', ')
  await connection.run(`CREATE TABLE "${table}" AS SELECT * FROM read_parquet([${list}])`)
}
await connection.run('COMMIT')
connection.closeSync()
instance.closeSync()
