import { compareForests, differences, isSymbol, stableText } from '../scenarios/forest.mjs'
import { unpack } from '../scenarios/inspect.mjs'

/*
 * Two places that should say the same, as `Place.inspect` found them: one where a single implementation did all, and one
 * where the other took over. Times at which a load was recorded are not compared.
 */

/**
 * @param options.ids  `same`: the rows came from the same load files; `linked`: they were normalized twice, and so
 *   random row ids differ, while rows belong together in the same way
 * @returns what differs, a line each
 */
export function differencesOf(expected, found, { ids = 'same' } = {}) {
  if (found.dataset === undefined) return ['there is no dataset']
  const [wanted, actual] = [expected, found].map((place) => inOwnWords(place, ids))
  return [
    ...tableDifferences(wanted.tables, actual.tables),
    ...compareForests(wanted.rows, actual.rows),
    ...Object.entries(wanted.records).flatMap(([name, rows]) =>
      differences(rows, actual.records[name]).map((text) => `${name}: ${text}`),
    ),
    ...same('state at the destination', wanted.remoteState, actual.remoteState),
    ...same('state.json', wanted.state, actual.state),
    ...same('schemas', wanted.schemas, actual.schemas),
    ...same('pending packages', wanted.pending, actual.pending),
  ]
}

/** A place with numbers for its load ids, and with symbols for its row ids where those are of chance. */
function inOwnWords({ dataset, state, schemas, pending }, ids) {
  const loads = dataset.dltTables._dlt_loads.rows.map((row) => row.load_id).toSorted()
  const named = JSON.parse(JSON.stringify(dataset), (key, value) => {
    if (typeof value !== 'string') return value
    if (loads.includes(value)) return `load ${loads.indexOf(value) + 1}`
    return ids === 'linked' && /^_dlt_(id|parent_id|root_id)$/.test(key) && !isSymbol(value) ? `@row[${value}]` : value
  })
  const all = { ...named.tables, ...named.dltTables }
  return {
    tables: Object.fromEntries(Object.entries(all).map(([name, { columns }]) => [name, columns])),
    rows: Object.fromEntries(Object.entries(named.tables).map(([name, { rows }]) => [name, rows])),
    records: Object.fromEntries(
      Object.entries(named.dltTables).map(([name, { rows }]) => [name, rows.map((row) => recordText(row, ids))]),
    ),
    remoteState: dataset.remoteState,
    state,
    schemas: Object.fromEntries(Object.entries(schemas).map(([name, { version_hash: hash }]) => [name, hash])),
    pending,
  }
}

/** A row of one of dlt's own tables, with packed documents as what they say. */
function recordText(record, ids) {
  const { inserted_at: _, created_at, _dlt_id, ...row } = record
  if (typeof row.schema === 'string') row.schema = contentOf(unpack(row.schema))
  if (typeof row.state === 'string') row.state = unpack(row.state)
  return stableText(ids === 'same' ? { ...row, created_at, _dlt_id } : row)
}

/** A schema without its ancestry: dlt also lists what the first extract passes through and nobody stores (docs/parity.md). */
function contentOf(schema) {
  const { previous_hashes: _, ...content } = schema
  return content
}

function tableDifferences(wanted, found) {
  const names = new Set([...Object.keys(wanted), ...Object.keys(found)])
  return [...names].flatMap((name) => same(`columns of ${name}`, wanted[name], found[name]))
}

function same(what, wanted, found) {
  const [a, b] = [stableText(wanted), stableText(found)]
  return a === b ? [] : [`${what}: expected ${a}`, `${what}: found    ${b}`]
}
