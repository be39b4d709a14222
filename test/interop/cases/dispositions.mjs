import { differencesOf } from '../differences.mjs'

/*
 * Each way of writing in a table of its own, with tables below: a run that fills them, then one that changes them. One
 * implementation makes the load package of the second run, the other one loads it; in a copy of the place, the first one
 * does.
 */

const merge = (strategy) => ({ disposition: 'merge', strategy })
const last = {
  write_disposition: 'merge',
  primary_key: 'id',
  columns: { gone: { data_type: 'bool', hard_delete: true }, version: { data_type: 'bigint', dedup_sort: 'desc' } },
}
const dispositions = {
  added: { write_disposition: 'append' },
  replaced: { write_disposition: 'replace' },
  merged_by_key: { write_disposition: 'merge', primary_key: 'id' },
  merged_by_day: { write_disposition: 'merge', merge_key: 'day' },
  merged_last: last,
  upserted: { write_disposition: merge('upsert'), primary_key: 'id' },
  inserted: { write_disposition: merge('insert-only'), primary_key: 'id' },
  versioned: { write_disposition: merge('scd2') },
  versioned_by_day: { write_disposition: merge('scd2'), merge_key: 'day' },
}

const first = [
  { id: 1, day: 'mon', version: 1, gone: false, lines: [{ sku: 'tea', tags: ['green'] }, { sku: 'cup' }] },
  { id: 2, day: 'mon', version: 1, gone: false, lines: [{ sku: 'pot' }] },
  { id: 3, day: 'tue', version: 1, gone: false, lines: [] },
]
const second = [
  { id: 1, day: 'mon', version: 2, gone: false, lines: [{ sku: 'tea', tags: ['black', 'loose'] }], note: 'new' },
  { id: 3, day: 'tue', version: 2, gone: true, lines: [{ sku: 'jar' }] },
  { id: 4, day: 'wed', version: 1, gone: false, lines: [{ sku: 'lid', tags: ['red'] }] },
]
/** Several rows of one key, for what picks one of them. */
const repeated = [
  ...second,
  { id: 2, day: 'mon', version: 4, gone: false, lines: [{ sku: 'kettle' }] },
  { id: 2, day: 'mon', version: 3, gone: true, lines: [{ sku: 'pan' }] },
]

export const dispositionCases = [
  { name: 'dlt loads what Gantry has to merge and replace', play: (place) => play(place, 'gantry', 'dlt') },
  { name: 'Gantry loads what dlt has to merge and replace', play: (place) => play(place, 'dlt', 'gantry') },
]

/** Ways to replace the rows of a table. The first is what is done where none is asked for. */
const strategies = {
  duckdb: ['truncate-and-insert', 'insert-from-staging'],
  postgres: ['truncate-and-insert', 'insert-from-staging', 'staging-optimized'],
}

async function play(place, maker, loader) {
  const problems = []
  for (const [at, strategy] of strategies[place.engine].entries()) {
    const fresh = await place.elsewhere()
    fresh.settings = { [`destination.${place.engine}.replace_strategy`]: strategy }
    const tables = at === 0 ? Object.keys(dispositions) : ['replaced']
    await fresh[maker](dispositionStep(1, tables))
    await fresh[maker]({ stage: 'extract', ...dispositionStep(2, tables) })
    await fresh[maker]({ stage: 'normalize' })
    const undisturbed = await fresh.copy()
    await undisturbed[maker]({ stage: 'load' })
    await fresh[loader]({ stage: 'load' })
    const found = differencesOf(await undisturbed.inspect(), await fresh.inspect())
    problems.push(...found.map((text) => `${strategy}: ${text}`))
    await place.dropDataset()
  }
  return problems
}

/**
 * A run with rows for each table.
 *
 * @param at  the first run, which fills the tables, or the second
 */
export function dispositionStep(at, tables = Object.keys(dispositions)) {
  const [rows, lastRows] = at === 1 ? [first, first] : [second, repeated]
  const resources = tables.map((name) => {
    const hints = dispositions[name]
    const own = hints === last ? lastRows : rows.map(withoutDeletion)
    return { name, items: own.map((row) => JSON.stringify(row)), ...hints }
  })
  return { run: { resources } }
}

function withoutDeletion(row) {
  const { gone: _, ...rest } = row
  return rest
}
