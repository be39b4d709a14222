import type { MarkedRows } from './marks.ts'

/*
 * What the functions of a user may hand over while rows are extracted, and the rows that are in it.
 */

/**
 * A row, or a page of rows, or something that has them later: a promise, a function that is called when there is room for
 * it, an iterator whose rows come by turns with others. Null and undefined are no rows.
 */
export type Yielded<Row = unknown> =
  | Row
  | readonly Row[]
  | MarkedRows<Row>
  | Promise<Yielded<Row>>
  | (() => Yielded<Row>)
  | Generator<Yielded<Row>>
  | AsyncGenerator<Yielded<Row>>
  | null
  | undefined

/** The rows in what is yielded. */
export type RowOf<Item> = Item extends null | undefined
  ? never
  : Item extends MarkedRows<infer Row>
    ? Row
    : Item extends readonly (infer Row)[]
      ? Row
      : Item extends (...args: never[]) => infer Made
        ? RowOf<Made>
        : Item extends PromiseLike<infer Made>
          ? RowOf<Made>
          : Item extends Iterator<infer Made> | AsyncIterator<infer Made>
            ? RowOf<Made>
            : Item

/** What can be iterated: a list, a generator, a stream. */
export type AnyIterable<Item> = Iterable<Item> | AsyncIterable<Item>

/**
 * Rows, or how to get them: something that yields them, a promise of that, or a function that gives one of these, such as
 * a generator function. A function is called when its rows are extracted, anew for each run.
 */
export type DataOf<Item, Context> =
  | AnyIterable<Item>
  | Promise<AnyIterable<Item>>
  | ((context: Context) => AnyIterable<Item> | Promise<AnyIterable<Item>>)

/** True for what has to be waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** True for what rows are taken from one by one, and not a row itself: generators and other iterators, streams. */
export function isRowIterator(value: object): value is AnyIterable<unknown> {
  if (Symbol.asyncIterator in value) return true
  return typeof (value as { next?: unknown }).next === 'function' && Symbol.iterator in value
}

/** True for what can be asked for an iterator, save scalars and maps. */
export function isIterable(value: unknown): value is AnyIterable<unknown> {
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof Uint8Array || value instanceof Map) return false
  return Symbol.iterator in value || Symbol.asyncIterator in value
}
