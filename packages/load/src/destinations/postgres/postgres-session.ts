import { quoteIdentifier } from '../../sql/identifier.ts'
import { quoteText } from '../../sql/literal.ts'
import type { PgClient } from './postgres-driver.ts'
import { textTypes } from './postgres-rows.ts'

/** What Gantry's statements and the texts of values rely on, whatever server, database, role or program have set. */
function sessionSettings(dataset: string, statementTimeoutMs: number | undefined): Readonly<Record<string, string>> {
  return {
    TimeZone: 'UTC',
    search_path: `${quoteIdentifier(dataset)}, public`,
    standard_conforming_strings: 'on',
    DateStyle: 'ISO, YMD',
    bytea_output: 'hex',
    // Doubles come back with the digits that tell them apart, also from servers before version 12.
    extra_float_digits: '3',
    ...(statementTimeoutMs === undefined ? {} : { statement_timeout: String(statementTimeoutMs) }),
  }
}

/** Prepares a session of Gantry's own. */
export async function beginSession(
  client: PgClient,
  dataset: string,
  statementTimeoutMs: number | undefined,
): Promise<void> {
  await apply(client, sessionSettings(dataset, statementTimeoutMs))
  // What was committed stays also where the server dies; stricter settings are left alone.
  await runStatement(
    client,
    `SELECT set_config(name, CASE name WHEN 'synchronous_commit' THEN 'on' ELSE '5s' END, false) FROM pg_settings ` +
      // Work for a loader that is gone ends soon, and with it its locks. Servers before 14, or not on Linux, cannot see it.
      `WHERE (name = 'synchronous_commit' AND setting = 'off') OR (name = 'client_connection_check_interval' ` +
      `AND setting = '0' AND version() LIKE '%linux%')`,
  )
}

/** Prepares a session of the program's. @returns puts its settings back as they were */
export async function borrowSession(client: PgClient, dataset: string): Promise<() => Promise<void>> {
  const settings = sessionSettings(dataset, undefined)
  const list = Object.keys(settings).map((name) => `current_setting(${quoteText(name)})`)
  const { rows } = await client.query({ text: `SELECT ${list.join(', ')}`, rowMode: 'array', types: textTypes })
  const before = Object.fromEntries(Object.keys(settings).map((name, at) => [name, String(rows[0]?.[at])]))
  await apply(client, settings)
  return () => apply(client, before)
}

function apply(client: PgClient, settings: Readonly<Record<string, string>>): Promise<void> {
  const list = Object.entries(settings).map(
    ([name, value]) => `set_config(${quoteText(name)}, ${quoteText(value)}, false)`,
  )
  return runStatement(client, `SELECT ${list.join(', ')}`)
}

/** Runs a statement whose result does not matter. */
export async function runStatement(client: PgClient, text: string): Promise<void> {
  await client.query({ text, rowMode: 'array', types: textTypes })
}
