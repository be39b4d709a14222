import { differencesOf } from '../differences.mjs'

/*
 * Both run the same pipeline by turns, in one working folder or each in its own; what is there after each turn is what
 * dlt alone would have made: rows, columns, versions of schemas and their hashes, and the state.
 */

export const turnsCases = [
  {
    name: 'Gantry begins a dataset, and both continue it, each from its folder and from fresh ones',
    play: (place) => takeTurns(place, ['gantry: a', 'dlt: b', 'gantry: a', 'gantry: c', 'dlt: b', 'dlt: d']),
  },
  {
    name: 'dlt begins a dataset, and both continue it, each from its folder and from fresh ones',
    play: (place) => takeTurns(place, ['dlt: a', 'gantry: b', 'dlt: a', 'dlt: c', 'gantry: b', 'gantry: d']),
  },
  {
    name: 'both take turns in one working folder',
    play: (place) => takeTurns(place, ['gantry: a', 'dlt: a', 'gantry: a', 'dlt: a', 'dlt: a', 'gantry: a']),
  },
]

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
  [[customers, { id: 1, name: 'Anna', city: 'Oslo' }]],
]

async function takeTurns(place, turns) {
  const alone = await place.copy()
  const folders = new Map([['a', place]])
  for (const [at, turn] of turns.entries()) {
    const [who, name] = turn.split(': ')
    if (!folders.has(name)) folders.set(name, await place.elsewhere())
    const here = folders.get(name)
    const step = stepOf(steps[at], who === 'dlt' ? at : undefined)
    await alone.dlt(step)
    await here[who](step)
    const found = differencesOf(await alone.inspect(), await here.inspect(), { ids: 'linked' })
    // What is wrong after one turn is wrong after the next.
    if (found.length > 0) return found.map((text) => `turn ${at + 1} (${turn}): ${text}`)
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
