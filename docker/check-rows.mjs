// node docker/check-rows.mjs <database> <dataset>: the tables of examples/github-events/github_events.json, counted.
import { query } from '../test/support/duckdb.mjs'

const [database, dataset] = process.argv.slice(2)
const expected = { events: '100', events__issue__labels: '33', events__issue__assignees: '55', _dlt_loads: '1' }
for (const [table, rows] of Object.entries(expected)) {
  const found = String((await query(database, `SELECT count(*) FROM ${dataset}.${table}`))[0][0])
  if (found === rows) continue
  console.error(`${table}: expected ${rows} rows, found ${found}`)
  process.exitCode = 1
}
