import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  bumpVersion,
  capabilitiesOf,
  JsonObject,
  LoadPackage,
  parseJson,
  parseSchema,
  randomRowIds,
  silentProgress,
  stringifyJson,
  stringifySchema,
} from '@gantry/common'
import { finishSchema, normalizePackage } from '@gantry/normalize'

/** Runs one case of `normalize.jsonl`, on either path. @returns what differs; empty where all is as expected */
export async function runNormalizeCase(test) {
  const onFastPath = await runOnPath(test, true)
  const onReferencePath = await runOnPath(test, false)
  return [...onFastPath, ...onReferencePath.map((line) => `fast path off: ${line}`)]
}

async function runOnPath(test, fastPath) {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-parity-'))
  const ids = idsOf(test.root_ids)
  const results = []
  let schema
  try {
    for (const [at, pack] of test.packages.entries()) {
      schema = pack.schema_json === undefined ? schema : parseSchema(pack.schema_json)
      try {
        const result = await normalizeOne(join(folder, String(at)), pack, schema, ids, test.capabilities, fastPath)
        schema = result.schema
        results.push(result)
      } catch (error) {
        results.push({ error })
        break
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const expected = test.gantry === undefined ? test.expect : (test.gantry.expect ?? test.gantry)
  return expected.flatMap((wanted, at) =>
    compare(wanted, results[at], new Set(ids.given)).map((line) => `package ${at + 1}: ${line}`),
  )
}

async function normalizeOne(folder, pack, base, rootIds, overrides, fastPath) {
  const source = LoadPackage.create(join(folder, 'extracted', pack.load_id))
  for (const [at, batch] of pack.batches.entries()) {
    const text = batch.empty_file ? '' : `[${batch.items.join(',')}]\n`
    await writeFile(source.newJobPath(`${batch.table}.${String(at).padStart(10, '0')}.0.typed-jsonl`), text)
  }
  await source.writeText('schema.json', stringifySchema(base))
  const target = LoadPackage.create(join(folder, 'new', pack.load_id))
  // The vectors keep any wei of 256 bits; that DuckDB holds 38 digits of it is checked elsewhere. Rows are read as JSON.
  const capabilities = { ...capabilitiesOf('duckdb'), weiPrecision: [78, 0], preferredFormat: 'jsonl' }
  const lengths = [overrides?.max_identifier_length, overrides?.max_column_identifier_length].filter(Boolean)
  if (lengths.length > 0) capabilities.maxIdentifierLength = Math.min(...lengths)
  const normalized = await normalizePackage(
    source,
    target,
    { schema: base, capabilities, workers: 1, rootIds, fastPath, startedAtSeconds: Date.now() / 1000 },
    { signal: new AbortController().signal, progress: silentProgress },
  )
  const rows = {}
  for (const job of await target.jobs('new_jobs')) {
    rows[job.name.table] ??= []
    const lines = (await readFile(job.path, 'utf8')).split('\n').filter((line) => line !== '')
    rows[job.name.table].push(...lines.map((line) => parseJson(line)))
  }
  return { schema: bumpVersion(finishSchema(normalized)), rows }
}

/** Hands out the ids of the case, and remembers which. */
function idsOf(rootIds) {
  const left = [...rootIds]
  const spare = randomRowIds()
  return { given: rootIds, next: () => left.shift() ?? spare.next() }
}

function compare(wanted, found, rootIds) {
  if (found === undefined) return ['no result']
  if (wanted.error !== undefined) return compareError(wanted.error, found.error)
  if (found.error !== undefined) return [`failed: ${found.error.message.split('\n')[0]}`]
  const problems = []
  const { schema } = found
  const links = { same: new Map(), roots: rootIds }
  // Parents come before what is below them, as links are remembered on the way.
  const order = [...schema.tables.keys()]
  const tables = Object.entries(wanted.tables).toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b))
  for (const [name, table] of tables) {
    const made = schema.tables.get(name)
    if (made === undefined) {
      problems.push(`no table ${name}`)
      continue
    }
    const columns = [...made.columns.values()]
    if (!isDeepStrictEqual(columns.map(plain), table.columns.map(plain))) {
      problems.push(
        `columns of ${name}: ${JSON.stringify(columns.filter((c, i) => !isDeepStrictEqual(plain(c), plain(table.columns[i] ?? {}))))} for ${JSON.stringify(table.columns.filter((c, i) => !isDeepStrictEqual(plain(c), plain(columns[i] ?? {}))))}`,
      )
    }
    const hints = Object.fromEntries(Object.entries(made.hints).filter(([, value]) => value !== undefined))
    if (!isDeepStrictEqual(plain(hints), plain(withoutName(table.table)))) {
      problems.push(`hints of ${name}: ${JSON.stringify(hints)} for ${JSON.stringify(table.table)}`)
    }
    problems.push(...compareRows(name, table.rows, found.rows[name], links))
  }
  if (schema.version_hash !== wanted.schema_version_hash)
    problems.push(`schema hash ${schema.version_hash} for ${wanted.schema_version_hash}`)
  if (schema.version !== wanted.schema_version)
    problems.push(`schema version ${schema.version} for ${wanted.schema_version}`)
  const config = schema.normalizers.json.config ?? {}
  if (!isDeepStrictEqual(plain(config), plain(wanted.normalizer_config))) {
    problems.push(`normalizer config ${JSON.stringify(config)} for ${JSON.stringify(wanted.normalizer_config)}`)
  }
  return problems
}

function compareError(wanted, error) {
  if (error === undefined) return [`no error, expected ${wanted.kind}`]
  const details = error.details ?? {}
  const problems = []
  for (const [key, field] of [
    ['table_name', 'table'],
    ['column_name', 'column'],
    ['schema_entity', 'entity'],
    ['contract_mode', 'mode'],
  ]) {
    if (wanted[key] != null && details[field] !== wanted[key])
      problems.push(`error: ${key} ${String(details[field])} for ${wanted[key]}`)
  }
  return problems
}

function compareRows(name, wanted, found, links) {
  if (wanted === undefined) return found === undefined ? [] : [`rows of ${name} were not expected`]
  if (found === undefined) return [`no rows of ${name}`]
  if (wanted.length !== found.length) return [`${found.length} rows of ${name} for ${wanted.length}`]
  for (const [at, line] of wanted.entries()) {
    const expected = parseJson(line)
    const a = canonical(expected, links, false)
    const b = canonical(found[at], links, true)
    if (a !== b) return [`row ${at} of ${name}: ${b}\n      for ${a}`]
    linkIds(expected, found[at], links)
  }
  return []
}

/** Nested ids under a random root id may be any: remembered as links from the expected to the found one. */
function linkIds(expected, found, links) {
  const [wanted, made] = [expected.get('_dlt_id'), found.get('_dlt_id')]
  if (wanted !== undefined && wanted !== made) links.same.set(wanted, made)
}

function canonical(row, links, isFound) {
  const entries = [...row.entries()].map(([key, value]) => {
    if (isFound || key === '_dlt_id') return [key, value]
    if (links.same.has(value)) return [key, links.same.get(value)]
    return [key, value]
  })
  const text = JsonObject.of(
    entries.map(([key, value]) => [key, key === '_dlt_id' && isLinked(row, value, links) ? '@id' : value]),
  )
  return stringifyJson(text)
    .replaceAll(/(\d)\.0(?=[,}\]])/g, '$1')
    .replaceAll(/e\+/g, 'e')
}

/** True for an id that need not be the same: of a nested row whose root id came from the case's list. */
function isLinked(row, id, links) {
  const parent = row.get('_dlt_parent_id')
  return parent !== undefined && !links.roots.has(id) && String(id).length === 14
}

function withoutName({ name: _name, columns: _columns, ...hints }) {
  return hints
}

function plain(value) {
  return JSON.parse(
    JSON.stringify(value, (_key, item) =>
      item !== null && typeof item === 'object' && !Array.isArray(item)
        ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : item,
    ),
  )
}
