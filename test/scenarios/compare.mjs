import { compareForests, differences, isSymbol, stableText } from './forest.mjs'
import { unpack } from './inspect.mjs'
import { withSymbols } from './symbols.mjs'

/*
 * What a step expects against what there is after it, key by key. Keys that are not expected are not compared.
 *
 * `found` has: `error` (what was thrown, or null), `loadPackages`, `rowCounts`, `pagesPulled`, `pending`, `state`,
 * `schemas`, `dataset` (undefined where there is none) and `datasetName`.
 */

/** @returns what differs, as `{ key, text }` */
export function compareStep(expect, found, context) {
  const problems = []
  for (const [key, compare] of Object.entries(comparers)) {
    if (!(key in expect)) continue
    for (const text of compare(expect[key], found, context, expect)) problems.push({ key, text })
  }
  return problems
}

const comparers = {
  error: compareError,
  load_packages: (wanted, { loadPackages }, { loads }) =>
    same(wanted, loadPackages?.map((one) => ({ ...one, load: loads.symbolOf(one.load) ?? one.load })) ?? null),
  row_counts: (wanted, { rowCounts }) => same(wanted, rowCounts),
  pages_pulled: (wanted, { pagesPulled }) => same(wanted, pagesPulled),
  pending: (wanted, { pending }) => same(wanted, pending),
  dataset_exists: (wanted, { dataset }) => same(wanted, dataset !== undefined),
  dataset_name_pattern: (wanted, { datasetName }) =>
    new RegExp(wanted).test(datasetName) ? [] : [`${datasetName} for ${wanted}`],
  tables: compareTables,
  dlt_tables: compareDltTables,
  remote_state: (wanted, { dataset, datasetName }) => {
    if (wanted === undefined) return []
    const known = JSON.parse(JSON.stringify(wanted).replaceAll('@dev_dataset', datasetName))
    // The hash of a state that names a dataset of dev mode is another each time.
    const { _version_hash: hash, ...rest } = dataset?.remoteState ?? {}
    const found = '_version_hash' in wanted ? { ...rest, _version_hash: hash } : rest
    return same(known, dataset?.remoteState === undefined ? undefined : found, wildcards)
  },
  state: compareState,
  schemas: compareSchemas,
  files: () => ['files of a bucket cannot be compared yet'],
}

function compareError(wanted, { error }) {
  if (wanted === null) return error === null ? [] : [`found ${error.name}: ${error.message.split('\n')[0]}`]
  if (error === null) return [`expected a failure (${wanted.cause ?? wanted.class}), found none`]
  const problems = []
  if (wanted.step !== undefined && error.step !== wanted.step)
    problems.push(`step ${error.step ?? 'none'} for ${wanted.step}`)
  const message = error.message.toLowerCase()
  for (const text of wanted.message_contains) {
    if (!message.includes(text.toLowerCase())) problems.push(`the message has no "${text}": ${error.message}`)
  }
  return problems
}

function compareState(wanted, { state }) {
  // A state that was never saved has no hash: dlt saves one before anything was done, with version 0.
  if (state === null) return same(wanted.version, 0)
  const { sources, version, version_hash: hash } = state
  const given = { sources, version, ...('version_hash' in wanted ? { version_hash: hash } : {}) }
  return same(wanted, given, wildcards)
}

function compareSchemas(wanted, { schemas }) {
  if (wanted === undefined) return []
  const problems = same(Object.keys(wanted).toSorted(), Object.keys(schemas).toSorted())
  for (const [name, schema] of Object.entries(wanted)) {
    const found = schemas[name]
    if (found === undefined) continue
    const tables = new Set([...Object.keys(schema.tables), ...Object.keys(found.tables)])
    for (const table of tables) {
      const texts = differencesOfTable(schema.tables[table], found.tables[table])
      problems.push(...texts.map((text) => `table ${table} of ${name}: ${text}`))
    }
    for (const key of ['version', 'version_hash'])
      problems.push(...same(schema[key], found[key]).map((text) => `${key} of ${name}: ${text}`))
  }
  return problems
}

function differencesOfTable(wanted, found) {
  if (wanted === undefined || found === undefined) return [found === undefined ? 'is not there' : 'was not expected']
  const { columns, ...hints } = wanted
  const { columns: foundColumns, ...foundHints } = found
  return [...same(hints, foundHints), ...compareColumns(columns, foundColumns)]
}

function compareColumns(wanted, found) {
  const [names, foundNames] = [wanted, found].map((columns) => columns.map(({ name }) => name))
  if (stableText(names) !== stableText(foundNames))
    return [`columns expected ${names.join(', ')}`, `columns found    ${foundNames.join(', ')}`]
  return wanted.flatMap((column, at) => same(column, found[at]))
}

function compareTables(wanted, { dataset }, context) {
  if (dataset === undefined) return ['there is no dataset']
  const { tables } = dataset
  const problems = same(Object.keys(wanted).toSorted(), Object.keys(tables).toSorted())
  const [rows, foundRows] = [{}, {}]
  for (const [name, table] of Object.entries(wanted)) {
    const found = tables[name]
    if (found === undefined) continue
    if (table.columns !== undefined)
      problems.push(...compareColumns(table.columns, found.columns).map((text) => `${name}: ${text}`))
    rows[name] = table.rows.map(withoutNulls)
    foundRows[name] = found.rows.map((row) => inSymbols(row, table.rows, context))
  }
  const kept = context.rowIds === undefined ? [] : compareKeptIds(rows, foundRows, context.rowIds)
  return [...problems, ...compareForests(rows, foundRows), ...kept]
}

/**
 * A row of an earlier load that says the same as after the step before is the same row, with the same id.
 *
 * @param rowIds  ids by table and content of the row, which are brought up to date
 */
function compareKeptIds(rows, foundRows, rowIds) {
  const problems = []
  const before = new Map(rowIds)
  rowIds.clear()
  for (const [table, expected] of Object.entries(rows)) {
    const loaded = expected.filter((row) => isSymbol(row._dlt_id ?? '') && row._dlt_load_id !== undefined)
    const wanted = uniqueByContent(loaded)
    for (const [content, { _dlt_id: id }] of uniqueByContent(foundRows[table])) {
      if (!wanted.has(content)) continue
      const key = `${table} ${content}`
      rowIds.set(key, id)
      if ((before.get(key) ?? id) !== id) problems.push(`${table}: another id than before for ${content}`)
    }
  }
  return problems
}

/** Rows by what they say without ids; none that says the same as another one. */
function uniqueByContent(rows) {
  const unique = new Map()
  const seen = new Set()
  for (const row of rows) {
    const { _dlt_id, _dlt_parent_id, _dlt_root_id, ...content } = row
    const text = stableText(content)
    if (seen.has(text)) unique.delete(text)
    else unique.set(text, row)
    seen.add(text)
  }
  return unique
}

/** A found row in the words of the expected ones: a symbol stands in a column where any of those has one of its kind. */
function inSymbols(row, expected, context) {
  const named = {}
  for (const [column, value] of Object.entries(row)) {
    const symbol = expected.map((one) => one[column]).find((one) => typeof one === 'string' && /^@(load|now)/.test(one))
    const created = expected.map((one) => one[column]).find((one) => String(one).endsWith('.created_at'))
    named[column] = withSymbols(value, created ?? symbol, context)
  }
  return named
}

function compareDltTables(wanted, { dataset }, context) {
  if (dataset === undefined) return ['there is no dataset']
  const problems = []
  for (const [name, { columns, row_count: count, rows }] of Object.entries(wanted)) {
    const found = dataset.dltTables[name]
    if (found === undefined) {
      problems.push(`there is no table ${name}`)
      continue
    }
    if (columns !== undefined)
      problems.push(...compareColumns(columns, found.columns).map((text) => `${name}: ${text}`))
    const texts = []
    if (count !== undefined && found.rows.length !== count) texts.push(`${found.rows.length} rows for ${count}`)
    texts.push(...matchRows(rows.map(withoutNulls), found.rows, context))
    problems.push(...texts.map((text) => `${name}: ${text}`))
  }
  return problems
}

/** Pairs each expected row with one that fits; a symbol in it fits what it stands for. */
function matchRows(wanted, found, context) {
  const left = [...found]
  const missing = []
  for (const row of wanted) {
    const at = left.findIndex((one) => stableText(row) === stableText(inWordsOf(row, one, context)))
    if (at < 0) missing.push(row)
    else left.splice(at, 1)
  }
  const shortened = (row) => stableText(mapValues(row, (value) => (String(value).length > 80 ? '…' : value)))
  const [first = {}] = missing
  return differences(
    missing.map(shortened),
    left.map((row) => shortened(inWordsOf(first, row, context))),
  )
}

function inWordsOf(expected, row, context) {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => {
      const word = expected[column]
      if (word === '@state document') return [column, unpack(value).pipeline_name === row.pipeline_name ? word : value]
      if (word === '@schema document as JSON text')
        return [column, unpack(value).version_hash === row.version_hash ? word : value]
      return [column, withSymbols(value, word, context)]
    }),
  )
}

/** Nothing where both say the same; else the two texts. `@any` fits anything, and hashes of rows are a set. */
function same(wanted, found, prepare = (value) => value) {
  const [a, b] = [stableText(prepare(wanted, wanted)), stableText(prepare(found, wanted))]
  return a === b ? [] : [`expected ${a}`, `found    ${b}`]
}

function wildcards(value, wanted, key) {
  if (wanted === '@any') return value === undefined ? value : '@any'
  if (Array.isArray(value)) return key === 'unique_hashes' ? value.toSorted(byText) : value
  if (value === null || typeof value !== 'object') return value
  const inside = wanted !== null && typeof wanted === 'object' ? wanted : {}
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, wildcards(item, inside[name], name)]))
}

const byText = (a, b) => (a < b ? -1 : 1)

function withoutNulls(row) {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
}

function mapValues(row, change) {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, change(value)]))
}
