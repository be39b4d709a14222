/* Load ids and times, which scenarios have symbols for. Row ids are compared as links, in `forest.mjs`. */

/** The load ids of a scenario, numbered in the order in which they were made. */
export class Loads {
  #numbers = new Map()
  #named = new Set()

  /**
   * Takes in the ids that are new since the last step. Where as many symbols are new in what is expected, those are
   * theirs: a number may have gone to a package that nobody can see, such as one of an extract that failed.
   *
   * @param expected  what the step expects
   */
  add(ids, expected = {}) {
    const added = [...new Set(ids.filter((id) => !this.#numbers.has(id)))].toSorted((a, b) => (a < b ? -1 : 1))
    const numbers = [...JSON.stringify(expected).matchAll(/@load(\d+)/g)].map(([, number]) => Number(number))
    const named = [...new Set(numbers.filter((number) => !this.#named.has(number)))].toSorted((a, b) => a - b)
    const next = Math.max(0, ...this.#named, ...this.#numbers.values()) + 1
    for (const [at, id] of added.entries()) this.#numbers.set(id, added.length === named.length ? named[at] : next + at)
    for (const number of named) this.#named.add(number)
  }

  /** The symbol of a load id. */
  symbolOf(id) {
    const number = this.#numbers.get(id)
    return number === undefined ? undefined : `@load${number}`
  }

  /** `@load2.created_at` for a time that is that load id read as seconds, to the microsecond. */
  createdAtOf(time) {
    const micros = microsOf(time)
    if (micros === undefined) return undefined
    const id = [...this.#numbers.keys()].find((one) => Math.abs(Number(one) * 1e6 - micros) <= 1)
    return id === undefined ? undefined : `${this.symbolOf(id)}.created_at`
  }
}

/** The value with symbols in place of load ids and times, as far as what is expected in its place has them. */
export function withSymbols(value, expected, { loads, from, until }) {
  if (typeof value !== 'string' || typeof expected !== 'string' || !expected.startsWith('@')) return value
  if (expected === '@any' || expected === '@random') return expected
  if (/^@load\d+$/.test(expected)) return loads.symbolOf(value) ?? value
  if (expected.endsWith('.created_at')) return loads.createdAtOf(value) ?? value
  if (expected === '@now') {
    const micros = microsOf(value)
    return micros !== undefined && micros >= from * 1000 && micros <= until * 1000 ? '@now' : value
  }
  return value
}

function microsOf(time) {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})Z?$/.exec(time)
  return parts === null ? undefined : Date.parse(`${parts[1]}Z`) * 1000 + Number(parts[2])
}
