import { isIterable, isThenable } from '../yielded.ts'

/** What a user does to each row of a resource. */
export interface Step {
  readonly kind: 'map' | 'filter' | 'yieldMap'
  readonly fn: (row: unknown) => unknown
}

/** The rows that are left of a page. A promise only where the function gave one. */
export type Stepped = readonly unknown[] | Promise<readonly unknown[]>

/** What the function makes of each row; null and undefined are left out. Rows are waited for one after the other. */
export function mapRows(page: readonly unknown[], fn: (row: unknown) => unknown): Stepped {
  const made: unknown[] = []
  for (let at = 0; at < page.length; at++) {
    const row = page[at]
    if (row === undefined || row === null) continue
    const one = fn(row)
    if (isThenable(one)) return mapRest(page, fn, made, at, one)
    if (one !== undefined && one !== null) made.push(one)
  }
  return made
}

/** The rows for which the function gives true. */
export function filterRows(page: readonly unknown[], fn: (row: unknown) => unknown): Stepped {
  return mapRows(page, (row) => {
    const isKept = fn(row)
    if (isThenable(isKept)) return isKept.then((kept) => (kept ? row : undefined))
    return isKept ? row : undefined
  })
}

/** All that the function gives for each row; what is asynchronous is yielded as it is. */
export function* flatMapRows(page: readonly unknown[], fn: (row: unknown) => unknown): Generator {
  for (const row of page) {
    if (row === undefined || row === null) continue
    const made = fn(row)
    if (isThenable(made)) yield made.then((rows) => (isIterable(rows) ? flatten(rows) : rows))
    else if (typeof made === 'object' && made !== null && Symbol.iterator in made) yield* made as Iterable<unknown>
    else yield made
  }
}

/** Takes items out of what would pass as a page. */
async function* flatten(items: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator {
  yield* items
}

async function mapRest(
  page: readonly unknown[],
  fn: (row: unknown) => unknown,
  made: unknown[],
  first: number,
  pending: PromiseLike<unknown>,
): Promise<readonly unknown[]> {
  const keep = (one: unknown): void => {
    if (one !== undefined && one !== null) made.push(one)
  }
  keep(await pending)
  for (const row of page.slice(first + 1)) if (row !== undefined && row !== null) keep(await fn(row))
  return made
}
