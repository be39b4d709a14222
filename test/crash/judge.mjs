// What a run that was disturbed left behind, beside one that nobody disturbed.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { processState } from '@gantry/common'
import { withoutIds } from '../support/duckdb.mjs'

/** Tables in a form in which two runs over the same data are equal: no random ids, load ids by their order. */
export function comparable(tables, keys) {
  const loads = tables._dlt_loads.rows.map((row) => row.load_id).toSorted()
  const symbols = new Map(loads.map((id, at) => [id, `@load${at + 1}`]))
  const symbolOf = (name, value) => {
    if (name === '_dlt_load_id') return symbols.get(value) ?? `unknown load ${value}`
    if (!name.startsWith('_dlt_valid_')) return value
    const atMs = Date.parse(String(value).replace(' ', 'T').replace(/\+00$/, 'Z'))
    return symbols.get(loads.find((id) => Math.abs(Number(id) * 1000 - atMs) < 2)) ?? value
  }
  const replaced = Object.entries(tables).map(([table, { columns, rows }]) => [
    table,
    {
      columns,
      rows: rows.map((row) => ({
        ...Object.fromEntries(Object.entries(row).map(([name, value]) => [name, symbolOf(name, value)])),
        ...(row._dlt_load_id === undefined ? {} : { '@load': symbolOf('_dlt_load_id', row._dlt_load_id) }),
      })),
    },
  ])
  return { ...withoutIds(Object.fromEntries(replaced), keys), ...system(tables, symbols) }
}

/** Rows of the tables in which a pipeline keeps its own records, without what differs from run to run. */
function system(tables, symbols) {
  const texts = (name, of) => (tables[name]?.rows ?? []).map((row) => JSON.stringify(of(row))).toSorted()
  return {
    _dlt_loads: texts('_dlt_loads', (row) => [symbols.get(row.load_id), row.schema_name, String(row.status)]),
    _dlt_version: texts('_dlt_version', (row) => [row.schema_name, row.version_hash]),
    _dlt_pipeline_state: texts('_dlt_pipeline_state', (row) => [
      symbols.get(row._dlt_load_id),
      row.pipeline_name,
      row.version_hash,
    ]),
  }
}

/** @returns how many rows are missing, too many, and loads recorded wrongly; and a text for each table with a fault */
export function judge(expected, tables, keys) {
  const found = comparable(tables, keys)
  const problems = []
  let lost = 0
  let doubled = 0
  for (const name of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const missing = countMissing(expected[name] ?? [], found[name] ?? [])
    const extra = countMissing(found[name] ?? [], expected[name] ?? [])
    lost += missing
    doubled += extra
    if (missing + extra > 0) problems.push(`${name}: ${missing} lost, ${extra} too many`)
    if (expected[name] === undefined) problems.push(`a table ${name} that should not be there`)
  }
  const loads = tables._dlt_loads.rows.map((row) => row.load_id)
  const completions = tables._dlt_load_jobs.rows.filter((row) => row.job_id === '_dlt_loads').map((row) => row.load_id)
  const carried = new Set(
    Object.entries(tables)
      .filter(([name]) => !name.startsWith('_dlt') && !name.includes('.'))
      .flatMap(([, table]) => table.rows.flatMap((row) => row._dlt_load_id ?? [])),
  )
  const wrongLoads =
    loads.length -
    new Set(loads).size +
    [...carried].filter((id) => !loads.includes(id)).length +
    countMissing(loads, completions) +
    countMissing(completions, loads)
  if (wrongLoads > 0) problems.push(`${wrongLoads} wrong loads`)
  return { lost, doubled, wrongLoads, problems }
}

/** Entries of `a` that `b` has not, counted with repetition. */
function countMissing(a, b) {
  const counts = new Map()
  for (const row of b) counts.set(row, (counts.get(row) ?? 0) + 1)
  let missing = 0
  for (const row of a) {
    const left = counts.get(row) ?? 0
    if (left === 0) missing++
    else counts.set(row, left - 1)
  }
  return missing
}

/**
 * What should not be in a working folder when all is done. Locks and folders of dead owners do not count: whoever comes
 * next to that stage takes or sweeps them.
 */
export function leftovers(folder) {
  const names = (path) => {
    try {
      return readdirSync(join(folder, path)).map((name) => join(path, name))
    } catch {
      return []
    }
  }
  const isDead = (path) => {
    try {
      return processState(JSON.parse(readFileSync(join(folder, path), 'utf8'))) === 'dead'
    } catch {
      return false
    }
  }
  return [
    ...names('normalize').filter(
      (name) => !['normalize/extracted', 'normalize/.version'].includes(name) && !isDead(join(name, 'owner.json')),
    ),
    ...names('normalize/extracted'),
    ...names('load/new'),
    ...names('load/normalized'),
    ...names('.gantry').filter((name) => !isDead(name)),
  ]
}
