import { differencesOf } from '../differences.mjs'

/*
 * Both run the same pipeline by turns; what is there after each turn is what dlt alone makes of the same steps: rows,
 * columns, versions of schemas and their hashes, and the state.
 */

export const turnsCases = [
  {
    name: 'Gantry begins a dataset, and both continue it by turns',
    play: (place) => takeTurns(place, ['gantry', 'dlt', 'gantry', 'gantry', 'dlt']),
  },
  {
    name: 'dlt begins a dataset, and both continue it by turns',
    play: (place) => takeTurns(place, ['dlt', 'gantry', 'dlt', 'dlt', 'gantry']),
  },
]

/** Which working folder the turns are taken in: `c` is fresh when the dataset has been written to by both. */
const folders = { 'a folder for both': 'aaaaa', 'a folder each, and a fresh one': 'abacb' }

const customers = { name: 'customers', write_disposition: 'merge', primary_key: 'id' }
const stock = { name: 'stock', write_disposition: 'replace' }
const orders = { name: 'orders' }

const steps = [
  [
    [customers, { id: 1, name: 'Ann', phones: ['1', '2'] }, { id: 2, name: 'Bob', phones: [] }],
    [stock, { sku: 'tea', left: 3, places: [{ shelf: 'a' }] }],
    [orders, { id: 1, total: 9.5, lines: [{ sku: 'tea' }] }],
  ],
  // New columns and tables below, other types, rows merged and replaced.
  [
    [customers, { id: 2, name: 'Bob', city: 'Rome', phones: ['3'] }, { id: 3, name: 'Cid' }],
    [stock, { sku: 'cup', left: 'many' }],
    [orders, { id: 2, total: 'free', lines: [{ sku: 'cup', gift: { from: 'Ann' } }], tags: ['x'] }],
  ],
  // Nothing new.
  [
    [customers, { id: 1, name: 'Ann', phones: [] }],
    [orders, { id: 3, total: 1.25, lines: [{ sku: 'cup' }] }],
  ],
  [
    [customers, { id: 4, name: 'Dee', since: '2024-05-06T07:08:09Z' }],
    [stock, { sku: 'pot', left: 1 }],
  ],
  [[orders, { id: 4, total: 2, lines: [{ sku: 'pot', qty: 2 }] }]],
]

async function takeTurns(alone, turns) {
  const datasets = []
  for (const [name, sequence] of Object.entries(folders)) {
    datasets.push({ name, sequence, places: new Map([['a', await alone.copy()]]) })
  }
  for (const [at, who] of turns.entries()) {
    const step = stepOf(steps[at], who === 'dlt' ? at : undefined)
    await alone.dlt(step)
    const expected = await alone.inspect()
    const problems = []
    for (const { name, sequence, places } of datasets) {
      const place = places.get(sequence[at]) ?? (await places.get('a').elsewhere())
      places.set(sequence[at], place)
      await place[who](step)
      const found = differencesOf(expected, await place.inspect(), { ids: 'linked' })
      problems.push(...found.map((text) => `${name}, turn ${at + 1} (${who}): ${text}`))
    }
    // What is wrong after one turn is wrong after the next.
    if (problems.length > 0) return problems
  }
  return []
}

/** @param seen  what dlt's resources leave in their state */
function stepOf(tables, seen) {
  const state = seen === undefined ? {} : { state: { seen, times: [seen] } }
  const resources = tables.map(([hints, ...rows]) => {
    return { ...hints, items: rows.map((row) => JSON.stringify(row)), ...state }
  })
  return { run: { resources } }
}
