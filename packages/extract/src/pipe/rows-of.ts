import { UsageError } from '@gantry/common'
import type { ResourceContext } from '../resource-context.ts'
import { isResource } from '../resource.ts'
import { isIterable, isRowIterator, isThenable, type AnyIterable, type DataOf } from '../yielded.ts'

/** Data that cannot be a set of rows. */
export class InvalidResourceData extends UsageError {
  override readonly code = 'invalid_resource_data'
}

/** True for what may be the data of a resource, as far as can be seen before it is read. */
export function isResourceData(value: unknown): value is DataOf<unknown, never> {
  return typeof value === 'function' || value instanceof Promise || isIterable(value)
}

/** The rows of a resource's data, ready to be iterated once. A promise only where the data is one. @throws {InvalidResourceData} */
export function openRows(
  resource: string,
  data: DataOf<unknown, never>,
  context: ResourceContext,
): AnyIterable<unknown> | Promise<AnyIterable<unknown>> {
  const check = (rows: unknown): AnyIterable<unknown> => {
    if (isResource(rows)) throw resourceAsRows(rows.name, resource)
    if (isIterable(rows)) return rows
    throw notRows(rows, resource)
  }
  const rows: unknown = typeof data === 'function' ? data(context as never) : data
  return isThenable(rows) ? Promise.resolve(rows).then(check) : check(rows)
}

/** What a transformer made of a page: a page, an iterator of pages, a promise of one of these, or nothing. */
export function madeOf(resource: string, made: unknown): unknown {
  if (made === undefined || made === null || Array.isArray(made)) return made
  if (isThenable(made)) return made.then((one) => madeOf(resource, one))
  if (!isIterable(made)) throw notRows(made, resource)
  return isRowIterator(made) ? made : (made as Iterable<unknown>)[Symbol.iterator]()
}

/**
 * A resource stands where rows of another one should: its cursor and notes would be nobody's.
 *
 * @param resource  undefined where it was yielded
 */
export function resourceAsRows(given: string, resource?: string): InvalidResourceData {
  return new InvalidResourceData(
    `Resource "${given}" ${resource === undefined ? 'was yielded as a row' : `stands for the rows of "${resource}"`}. Make a transformer of it, by dataFrom or pipe, or extract it beside the other.`,
    { given },
  )
}

/** @param resource  undefined where the rows have no resource around them */
export function notRows(data: unknown, resource?: string): InvalidResourceData {
  const what = data === null ? 'null' : typeof data === 'object' ? 'a single object' : `a ${typeof data}`
  const from = resource === undefined ? '' : ` from "${resource}"`
  return new InvalidResourceData(`Expected rows${from}, got ${what}. Put it in a list: [row], or pass an iterable.`)
}
