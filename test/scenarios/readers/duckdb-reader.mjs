import { DuckDBInstance } from '@duckdb/node-api'
import { existsSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { decimal, hex, integer, row, time, utf8 } from './values.mjs'

/** A database file in the folder. It is open only while it is read, as DuckDB gives it to one at a time. */
export async function openReader(folder) {
  const path = join(folder, 'db.duckdb')
  return readerOf(path)
}

/** Reads a database file that is there. */
export function readerOf(path) {
  const connected = (work) => withConnection(path, work)
  return {
    credentials: path,
    copy: async (folder) => {
      const copy = join(folder, 'db.duckdb')
      // There is no file before something was loaded.
      if (existsSync(path)) await cp(path, copy)
      return readerOf(copy)
    },
    execute: (statements) =>
      connected(async (connection) => {
        for (const statement of statements) await connection.run(statement)
      }),
    dropDataset: (name) => connected((connection) => connection.run(`DROP SCHEMA "${name}" CASCADE`)),
    datasets: () =>
      connected(async (connection) => {
        const found = await connection.runAndReadAll(
          'SELECT schema_name FROM information_schema.schemata WHERE catalog_name = current_database()',
        )
        return found.getRows().map(([name]) => name)
      }),
    tables: (dataset) => connected((connection) => readTables(connection, dataset)),
    close: async () => undefined,
  }
}

async function withConnection(path, work) {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  try {
    await connection.run("SET TimeZone = 'UTC'")
    return await work(connection)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function readTables(connection, dataset) {
  const catalogue = await connection.runAndReadAll(
    `SELECT table_name, column_name, data_type, is_nullable = 'YES' FROM information_schema.columns
     WHERE table_catalog = current_database() AND table_schema = '${dataset}' ORDER BY table_name, ordinal_position`,
  )
  const tables = {}
  for (const [table, name, type, nullable] of catalogue.getRows()) {
    tables[table] ??= { columns: [], rows: [] }
    tables[table].columns.push({ name, type, nullable })
  }
  for (const [name, table] of Object.entries(tables)) {
    const forms = table.columns.map(({ type }) => formOf(type))
    const list = table.columns.map((column, at) => forms[at].select(`"${column.name.replaceAll('"', '""')}"`))
    const found = await connection.runAndReadAll(`SELECT ${list.join(', ')} FROM "${dataset}"."${name}"`)
    const names = table.columns.map((column) => column.name)
    table.rows = found.getRows().map((values) =>
      row(
        names,
        values.map((value, at) => (value === null ? null : forms[at].read(value))),
      ),
    )
  }
  return tables
}

const asText = (column) => `encode(CAST(${column} AS VARCHAR))`
const textOf = (value) => utf8(value.bytes)

/** How a column of that type is selected, and what its value becomes. Text goes as bytes: the driver drops a first BOM. */
function formOf(type) {
  if (/INT$|^INTEGER$/.test(type)) return { select: (column) => column, read: integer }
  if (type === 'DOUBLE' || type === 'FLOAT' || type === 'BOOLEAN') return { select: (column) => column, read: same }
  if (type.startsWith('DECIMAL')) return { select: asText, read: (value) => decimal(textOf(value)) }
  if (type === 'TIMESTAMP WITH TIME ZONE') return { select: instant('Z'), read: textOf }
  if (type.startsWith('TIMESTAMP')) return { select: instant(''), read: textOf }
  if (type === 'TIME') return { select: asText, read: (value) => time(textOf(value)) }
  if (type === 'BLOB') return { select: (column) => column, read: (value) => hex(value.bytes) }
  if (type === 'JSON') return { select: asText, read: (value) => JSON.parse(textOf(value)) }
  return { select: asText, read: textOf }
}

const same = (value) => value

const instant = (zone) => (column) =>
  `encode(strftime(CAST(${column} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%f') || '${zone}')`
