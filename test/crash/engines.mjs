// The databases that crash tests load into: each trial begins with a copy of one.
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { capabilitiesOf } from '@gantry/common'
import { Client } from 'pg'
import { readDataset } from '../support/duckdb.mjs'
import { startPostgres } from '../support/postgres.mjs'

const dataset = 'crash_dataset'

export const engines = { duckdb: openDuckdb, postgres: openPostgres }

/** The database is a file in the folder of the trial. */
async function openDuckdb() {
  return {
    replaceStrategies: capabilitiesOf('duckdb').replaceStrategies,
    env: () => ({}),
    create: async () => undefined,
    /** Copies folder and database. */
    copy: (from, to) => cp(from, to, { recursive: true }),
    read: (home) => readDataset(join(home, 'crash.duckdb'), dataset),
    drop: async () => undefined,
    stop: async () => undefined,
  }
}

/** A database for each folder, named after it, in one server. */
async function openPostgres() {
  // Faults end it and start it again.
  const server = await startPostgres({ own: true, fsync: true })
  const admin = (sql) => withClient(server.url, (client) => client.query(sql))
  const nameOf = (home) => home.split('/').at(-1).replaceAll(/\W/g, '_').toLowerCase()
  const urlOf = (home) => {
    const url = new URL(server.url)
    url.pathname = `/${nameOf(home)}`
    return String(url)
  }
  const made = new Set()
  return {
    server,
    admin,
    replaceStrategies: capabilitiesOf('postgres').replaceStrategies,
    env(home) {
      return { DESTINATION_TYPE: 'postgres', DESTINATION__POSTGRES__CREDENTIALS: urlOf(home) }
    },
    async create(home) {
      await admin(`CREATE DATABASE ${nameOf(home)}`)
      made.add(home)
    },
    async copy(from, to) {
      await cp(from, to, { recursive: true })
      await admin(`CREATE DATABASE ${nameOf(to)} TEMPLATE ${nameOf(from)}`)
      made.add(to)
    },
    read: (home) => readPostgres(urlOf(home)),
    async drop(home) {
      await admin(`DROP DATABASE IF EXISTS ${nameOf(home)} WITH (FORCE)`)
      made.delete(home)
    },
    async stop() {
      for (const home of made) await admin(`DROP DATABASE IF EXISTS ${nameOf(home)} WITH (FORCE)`)
      await server.stop()
    },
  }
}

/** The tables of the dataset, and those that were left in its staging dataset, with values as text. */
function readPostgres(url) {
  return withClient(url, async (client) => {
    const { rows } = await client.query(
      `SELECT table_schema, table_name, column_name FROM information_schema.columns
       WHERE table_schema LIKE '${dataset}%' ORDER BY table_schema, table_name, ordinal_position`,
    )
    const tables = {}
    for (const { table_schema: schema, table_name: table, column_name: name } of rows) {
      const key = schema === dataset ? table : `${schema}.${table}`
      tables[key] ??= { columns: [], rows: [] }
      tables[key].columns.push({ name })
    }
    await client.query("SET TimeZone = 'UTC'")
    for (const [key, table] of Object.entries(tables)) {
      const list = table.columns.map(({ name }) => `"${name}"::text`).join(', ')
      const from = key.includes('.') ? key : `${dataset}."${key}"`
      const found = await client.query({ text: `SELECT ${list} FROM ${from}`, rowMode: 'array' })
      table.rows = found.rows.map((values) =>
        Object.fromEntries(
          table.columns.map(({ name }, at) => [name, values[at]]).filter(([, value]) => value !== null),
        ),
      )
    }
    return tables
  })
}

async function withClient(url, work) {
  const client = new Client(url)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
