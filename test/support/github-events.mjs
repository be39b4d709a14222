import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { readDataset } from './duckdb.mjs'
import { root } from './gantry.mjs'

/** What Python dlt put into DuckDB for examples/github-events/github_events.json. */
const expected = JSON.parse(readFileSync(join(root, 'test/parity/vectors/github-events-in-duckdb.json'), 'utf8'))

/**
 * What differs between a dataset and dlt's answer: tables, columns in order, types, rows, and the links between rows
 * (ids are random, so a row is named by its event and its list positions). Empty where all is equal.
 */
export async function differencesFromDlt(path, dataset) {
  const tables = await readDataset(path, dataset)
  const problems = []
  const dataTables = Object.keys(tables).filter((name) => !name.startsWith('_dlt'))
  const unexpected = dataTables.filter((name) => expected.tables[name] === undefined)
  if (unexpected.length > 0) problems.push(`unexpected tables: ${unexpected.join(', ')}`)
  const rowNames = new Map()
  // Parents have shorter names than what is below them, and name the rows below.
  for (const name of Object.keys(expected.tables).toSorted((a, b) => a.length - b.length)) {
    const table = tables[name]
    if (table === undefined) {
      problems.push(`${name} is missing`)
      continue
    }
    if (!isDeepStrictEqual(table.columns, expected.tables[name].columns)) problems.push(`${name} has other columns`)
    const wanted = expected.tables[name].rows.map(printSorted).toSorted()
    const found = table.rows.map((row) => printSorted(nameRow(name, row, rowNames))).toSorted()
    const at = wanted.findIndex((row, index) => row !== found[index])
    if (wanted.length !== found.length) problems.push(`${name} has ${found.length} rows, expected ${wanted.length}`)
    else if (at >= 0) problems.push(`${name} has\n  ${found[at]}\nexpected\n  ${wanted[at]}`)
  }
  const ids = dataTables.flatMap((name) => tables[name].rows.map((row) => row._dlt_id))
  if (!ids.every((id) => /^[A-Za-z0-9+/]{14}$/.test(id))) problems.push('a row id has another form')
  if (new Set(ids).size !== ids.length) problems.push('two rows share an id')
  const loads = tables._dlt_loads?.rows ?? []
  if (loads.length !== expected.loads || loads.some(({ status }) => Number(status) !== 0))
    problems.push('_dlt_loads differs')
  return problems
}

function nameRow(table, { _dlt_id: id, _dlt_load_id: _load, _dlt_parent_id: parent, ...data }, rowNames) {
  const list = table.replace(/^events__/, '')
  const name = parent === undefined ? `@events[${data.id}]` : `${rowNames.get(parent)}.${list}[${data._dlt_list_idx}]`
  rowNames.set(id, name)
  return { '@row': name, ...data }
}

/** Integers beyond 32 bits come out of the database as text. */
function printSorted(row) {
  const entries = Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? String(value) : value])
  return JSON.stringify(Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))))
}
