// node docker/check-rows.mjs <database> <dataset>: whether the dataset holds what dlt makes of
// examples/github-events/github_events.json: tables, columns, types and numbers of rows.
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { readDataset } from '../test/support/duckdb.mjs'

const [database, dataset] = process.argv.slice(2)
const vectors = new URL('../test/parity/vectors/github-events-in-duckdb.json', import.meta.url)
const expected = JSON.parse(readFileSync(vectors, 'utf8'))
const found = await readDataset(database, dataset)

for (const [name, table] of Object.entries(expected.tables)) {
  const problem =
    found[name] === undefined
      ? 'is missing'
      : found[name].rows.length !== table.rows.length
        ? `has ${found[name].rows.length} rows, expected ${table.rows.length}`
        : isDeepStrictEqual(found[name].columns, table.columns)
          ? undefined
          : 'has other columns'
  if (problem !== undefined) report(`${name} ${problem}`)
}
if (found._dlt_loads?.rows.length !== expected.loads) report(`_dlt_loads has not ${expected.loads} row`)

function report(problem) {
  console.error(problem)
  process.exitCode = 1
}
