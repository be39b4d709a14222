import type { AnyIterable } from '../yielded.ts'

/*
 * What the scheduler knows of pipes.
 */

/** Whom items belong to. */
export interface Owner {
  readonly isParallelized: boolean
  /** Wants no more items. */
  readonly isClosed: boolean
  /** The error to end with where its code failed: while items were pulled, in a step, or in what was deferred. */
  failure(kind: FailureKind, cause: unknown): unknown
}

export type FailureKind = 'generator' | 'transform' | 'future'

/** Brings an item on its way. A promise: nothing more is taken from its source until then. */
export type Take = (item: unknown, origin: Origin) => Promise<void> | undefined

/** Whose an item is, and what becomes of it. */
export interface Way {
  readonly owner: Owner
  readonly take: Take
}

/** Data to read, opened at its first turn. */
export interface Feed extends Way {
  readonly open: () => AnyIterable<unknown> | Promise<AnyIterable<unknown>>
}

/** What an item came out of. */
export interface Origin {
  /** Things under way that began with its items. */
  openItems: number
}
