import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Scenarios of a folder by file name; what is no scenario is left alone. */
export function readScenarios(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    .filter((scenario) => Array.isArray(scenario.steps))
}

/**
 * The steps of a scenario as they are for one engine: `$by` is resolved, and what stands as in the step before (columns,
 * `@unchanged`) is filled in. `expect` is what to compare: dlt's answer, or Gantry's where it departs on purpose.
 */
export function stepsFor(scenario, engine) {
  let before = {}
  return scenario.steps.map((given) => {
    const { expect, gantry_expect: ofGantry, departure_destinations: departed, sql, ...step } = resolve(given, engine)
    const statements = Array.isArray(sql) || sql === undefined ? sql : sql[engine]
    if (expect === undefined) return { ...step, sql: statements }
    const ofDlt = fillIn(expect, before)
    const departs = ofGantry !== undefined && (departed === undefined || departed.includes(engine))
    const compared = departs ? fillIn(ofGantry, before, expect) : ofDlt
    before = { ...ofDlt, ...compared, tables: { ...before.tables, ...ofDlt.tables, ...compared.tables } }
    return { ...step, sql: statements, expect: compared, departs }
  })
}

function resolve(value, engine) {
  if (Array.isArray(value)) return value.map((item) => resolve(item, engine))
  if (value === null || typeof value !== 'object') return value
  if ('$by' in value) return resolve(value.$by[engine], engine)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, engine)]))
}

function fillIn(expect, before, beside = {}) {
  const filled = { ...expect }
  for (const key of ['remote_state', 'schemas']) if (filled[key] === '@unchanged') filled[key] = before[key]
  if (filled.tables !== undefined) {
    filled.tables = Object.fromEntries(
      Object.entries(filled.tables).map(([name, table]) => {
        const columns = table.columns ?? beside.tables?.[name]?.columns ?? before.tables?.[name]?.columns
        return [name, { ...table, columns }]
      }),
    )
  }
  return filled
}
