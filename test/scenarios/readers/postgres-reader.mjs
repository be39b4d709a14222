import { randomBytes } from 'node:crypto'
import { NotYet } from '../not-yet.mjs'
import { decimal, integer, row, time } from './values.mjs'

/** A database of its own on the server of GANTRY_TEST_POSTGRES_URL. @throws {NotYet} no driver, or no server named */
export async function openReader() {
  const server = process.env.GANTRY_TEST_POSTGRES_URL
  if (server === undefined) throw new NotYet('GANTRY_TEST_POSTGRES_URL names no PostgreSQL server')
  return createDatabase(await importClient(), server, 'template1')
}

async function createDatabase(Client, server, template) {
  const database = `gantry_${randomBytes(6).toString('hex')}`
  await withClient(Client, server, (client) => client.query(`CREATE DATABASE "${database}" TEMPLATE "${template}"`))
  const url = new URL(server)
  url.pathname = `/${database}`
  const connected = (work) => withClient(Client, url.href, work)
  return {
    credentials: url.href,
    copy: () => createDatabase(Client, server, database),
    execute: (statements) =>
      connected(async (client) => {
        for (const statement of statements) await client.query(statement)
      }),
    dropDataset: (name) => connected((client) => client.query(`DROP SCHEMA "${name}" CASCADE`)),
    datasets: () =>
      connected(async (client) => {
        const found = await client.query('SELECT nspname::text FROM pg_namespace')
        return found.rows.map(({ nspname }) => nspname)
      }),
    tables: (dataset) => connected((client) => readTables(client, dataset)),
    clear: () => connected(dropSchemas),
    close: () =>
      withClient(Client, server, (client) => client.query(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`)),
  }
}

async function dropSchemas(client) {
  const { rows } = await client.query(
    `SELECT quote_ident(nspname) AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')`,
  )
  if (rows.length > 0) await client.query(`DROP SCHEMA ${rows.map(({ name }) => name).join(', ')} CASCADE`)
}

async function importClient() {
  try {
    const driver = 'pg'
    return (await import(driver)).default.Client
  } catch (cause) {
    if (cause.code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new NotYet('the driver pg is not installed')
  }
}

async function withClient(Client, url, work) {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query("SET TIME ZONE 'UTC'")
    return await work(client)
  } finally {
    await client.end()
  }
}

async function readTables(client, dataset) {
  const catalogue = await client.query(
    `SELECT c.table_name, c.column_name, c.data_type, c.is_nullable = 'YES' AS nullable,
            c.character_maximum_length, c.numeric_precision, c.numeric_scale, c.datetime_precision,
            EXISTS (
              SELECT 1 FROM information_schema.table_constraints t
              JOIN information_schema.constraint_column_usage u USING (constraint_schema, constraint_name)
              WHERE t.constraint_type = 'UNIQUE' AND u.table_schema = c.table_schema AND u.table_name = c.table_name
                AND u.column_name = c.column_name
            ) AS unique
     FROM information_schema.columns c WHERE c.table_schema = $1 ORDER BY c.table_name, c.ordinal_position`,
    [dataset],
  )
  const tables = {}
  for (const found of catalogue.rows) {
    tables[found.table_name] ??= { columns: [], rows: [] }
    tables[found.table_name].columns.push(columnOf(found))
  }
  for (const [name, table] of Object.entries(tables)) {
    const list = table.columns.map(({ name: column, type }) => selectText(`"${column.replaceAll('"', '""')}"`, type))
    const found = await client.query({
      text: `SELECT ${list.join(', ')} FROM "${dataset}"."${name}"`,
      rowMode: 'array',
    })
    const names = table.columns.map((column) => column.name)
    table.rows = found.rows.map((values) =>
      row(
        names,
        values.map((value, at) => (value === null ? null : read(value, table.columns[at].type))),
      ),
    )
  }
  return tables
}

function columnOf(found) {
  const { data_type: type, datetime_precision: digits } = found
  // Six digits of a second's fraction are what a column has without being asked.
  const isRounded = digits !== null && digits !== 6 && type !== 'date'
  return {
    name: found.column_name,
    type: typeText(found),
    nullable: found.nullable,
    ...(found.unique ? { unique: true } : {}),
    ...(isRounded ? { datetime_precision: digits } : {}),
  }
}

function typeText({ data_type: type, character_maximum_length: length, numeric_precision, numeric_scale }) {
  if (length !== null) return `${type}(${length})`
  return type === 'numeric' && numeric_precision !== null ? `numeric(${numeric_precision},${numeric_scale})` : type
}

function selectText(column, type) {
  if (type.includes('timestamp')) {
    return `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.US"${type.includes('without') ? '' : 'Z'}"')`
  }
  return type === 'bytea' ? `encode(${column}, 'hex')` : `${column}::text`
}

function read(text, type) {
  if (type === 'bigint' || type === 'integer' || type === 'smallint') return integer(text)
  if (type === 'double precision' || type === 'real') return Number(text)
  if (type === 'boolean') return text === 'true'
  if (type.startsWith('numeric')) return decimal(text)
  if (type.startsWith('time ') || type.startsWith('time(')) return time(text)
  return type === 'jsonb' || type === 'json' ? JSON.parse(text) : text
}
