// The data of benchmarks, the same bytes for everyone: `orders` is invented from a seed, `events` are the real GitHub
// events repeated under new ids.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** A small generator of random numbers (mulberry32): the same seed gives the same numbers everywhere. */
export function randomOf(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/**
 * Nested object, nested object in it, 1 to 4 list items, 2 tags.
 *
 * @param clashEvery  of this many rows, one has a text where the others have a number; Infinity: none
 */
export function writeOrders(path, rows, { seed = 1, clashEvery = Infinity } = {}) {
  const random = randomOf(seed)
  const pick = (list) => list[Math.floor(random() * list.length)]
  const cities = ['Berlin', 'Zürich', 'São Paulo', 'Kraków', '東京', 'Cork', 'Lagos', 'Pune']
  const tags = ['new', 'gift', 'express', 'returned', 'b2b', 'promo']
  // The first row says which type the column has.
  const totalOf = (id) => {
    const total = random() * 1000
    return id > 0 && id % clashEvery === 0 ? 'unknown' : total
  }
  write(path, rows, (id) => {
    const items = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, line) => ({
      sku: `SKU-${Math.floor(random() * 99999)}`,
      quantity: 1 + Math.floor(random() * 9),
      price: Math.round(random() * 100000) / 100 + 0.005,
      line,
    }))
    return {
      id,
      placed_at: new Date(1.7e12 + Math.floor(random() * 3e10)).toISOString(),
      customer: {
        id: Math.floor(random() * 100000),
        name: `Customer ${Math.floor(random() * 100000)}`,
        address: { city: pick(cities), zip: String(10000 + Math.floor(random() * 89999)), lat: random() * 180 - 90 },
      },
      total: totalOf(id),
      paid: random() < 0.9,
      note: random() < 0.2 ? `said "${pick(tags)}"\nand left` : null,
      items,
      tags: [pick(tags), pick(tags)],
    }
  })
}

/** The real events, over and over. */
export function writeEvents(path, rows) {
  const events = JSON.parse(readFileSync(join(root, 'examples/github-events/github_events.json'), 'utf8'))
  write(path, rows, (id) => ({ ...events[id % events.length], id: 10_000_000_000 + id }))
}

/** Flat rows of so many columns: whole numbers, fractions and texts by turns. */
export function writeWide(path, rows, columns) {
  const random = randomOf(2)
  const kinds = [() => Math.floor(random() * 1e6), () => random() * 1e3, () => `text ${Math.floor(random() * 1e6)}`]
  write(path, rows, (id) => ({
    id,
    ...Object.fromEntries(Array.from({ length: columns - 1 }, (_, at) => [`column_${at}`, kinds[at % 3]()])),
  }))
}

/** Rows with a number, a text and a list of 3 such rows in them, and so on, so many lists deep. */
export function writeDeep(path, rows, depth) {
  const random = randomOf(3)
  const rowOf = (left) => ({
    amount: Math.floor(random() * 1e6),
    label: `label ${Math.floor(random() * 1e6)}`,
    ...(left === 0 ? {} : { items: [rowOf(left - 1), rowOf(left - 1), rowOf(left - 1)] }),
  })
  write(path, rows, (id) => ({ id, ...rowOf(depth) }))
}

function write(path, rows, rowOf) {
  const file = openSync(path, 'w')
  let text = ''
  for (let id = 0; id < rows; id++) {
    text += `${JSON.stringify(rowOf(id))}\n`
    if (text.length > 1 << 20) {
      writeSync(file, text)
      text = ''
    }
  }
  writeSync(file, text)
  closeSync(file)
}
