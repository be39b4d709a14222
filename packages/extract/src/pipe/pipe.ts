import { GantryError, type Logger } from '@gantry/common'
import type { RowCheck } from '../hints/row-check.ts'
import type { ResourceCursor } from '../incremental/resource-cursor.ts'
import { isMarked, markOf, type RowsMark } from '../marks.ts'
import type { ResourceContext } from '../resource-context.ts'
import type { ResourceDefinition } from '../resource.ts'
import { typedRowText } from '../typed-row.ts'
import { isThenable } from '../yielded.ts'
import { ResourceExtractionError } from './extraction-error.ts'
import type { FailureKind, Feed, Origin, Owner, Way } from './feed.ts'
import { LimitCount } from './limit.ts'
import { madeOf, openRows } from './rows-of.ts'
import type { Scheduler } from './schedule.ts'
import { Slots } from './slots.ts'
import { filterRows, flatMapRows, mapRows, type Step } from './steps.ts'

/** Writes rows to where they belong. */
export interface RowSink {
  /** Before the rows of a page. */
  mark(mark: RowsMark): void
  /** @returns the text that is written; undefined where the row is dropped */
  take(row: unknown, mark: RowsMark | undefined): string | undefined
}

export interface PipeParts {
  readonly definition: ResourceDefinition
  readonly check: RowCheck | undefined
  readonly cursor: ResourceCursor | undefined
  /** Undefined: the rows are for transformers alone. */
  readonly sink: RowSink | undefined
  readonly context: ResourceContext
  readonly scheduler: Scheduler
  readonly log: Logger
}

/**
 * A resource at work. What its head yields is a page; rows of pages go through its steps, the check by the schema of its
 * columns, and the cursor; pages that are left go through its limit, to its transformers, and are written.
 */
export class Pipe implements Owner {
  readonly isParallelized: boolean
  /** Get the pages; in the order in which they were declared. */
  readonly children: Pipe[] = []
  isClosed = false
  readonly #parts: PipeParts
  readonly #steps: readonly Step[]
  readonly #ways: readonly Way[]
  readonly #limit: LimitCount | undefined
  /** For calls of the function of a transformer. */
  readonly #calls: Slots

  constructor(parts: PipeParts) {
    const { definition, check, scheduler, log } = parts
    const { name, head, steps, limit, isParallelized } = definition
    this.#parts = parts
    this.isParallelized = isParallelized
    const checks: Step[] = check === undefined ? [] : [{ kind: 'map', fn: (row) => check.check(row) }]
    this.#steps = [...steps.map((step) => this.#guarded(step)), ...checks]
    this.#ways = [...this.#steps, undefined].map((_, at) => this.#wayTo(at, undefined))
    this.#calls = this.isParallelized ? scheduler.parallel : new Slots(1)
    if (head.kind === 'pages' && limit !== undefined) {
      log.warn(
        { resource: name },
        'The limit has no effect: a transformer ends with the resource that its pages come from',
      )
    } else if (limit !== undefined) this.#limit = new LimitCount(limit)
  }

  /** What is read of it; undefined for a transformer, which is given its pages. */
  get feed(): Feed | undefined {
    const { definition, context } = this.#parts
    const { name, head } = definition
    if (head.kind === 'pages') return undefined
    return { owner: this, take: this.#firstWay.take, open: () => openRows(name, head.data, context) }
  }

  failure(kind: FailureKind, cause: unknown, place?: string): unknown {
    // Code that was told to stop says so in its own way, and Gantry's own errors say what is to be done.
    if (this.#parts.context.signal.aborted || cause instanceof GantryError) return cause
    return new ResourceExtractionError(this.#parts.definition.name, kind, cause, place)
  }

  /** Gives a page of its parent to a transformer. */
  transform(page: readonly unknown[], origin: Origin): Promise<void> | undefined {
    const { definition, context, scheduler } = this.#parts
    const { name, head } = definition
    if (head.kind === 'data') return undefined
    const call = (): unknown => madeOf(name, head.fn(page as readonly never[], context as never))
    return scheduler.call(call, 'transform', this.#calls, this.#firstWay, origin)
  }

  get #firstWay(): Way {
    return this.#ways[0] as Way
  }

  /** From a step on. */
  #wayTo(at: number, mark: RowsMark | undefined): Way {
    return {
      owner: this,
      take: (item, origin) => {
        if (Array.isArray(item)) return this.#run(at, item, mark, origin)
        if (typeof item === 'object' && item !== null && isMarked(item)) {
          return this.#run(at, item.rows, markOf(item), origin)
        }
        return this.#run(at, [item], mark, origin)
      },
    }
  }

  #run(from: number, given: readonly unknown[], mark: RowsMark | undefined, origin: Origin): Promise<void> | undefined {
    let page = given
    for (let at = from; at < this.#steps.length && page.length > 0; at++) {
      const { kind, fn } = this.#steps[at] as Step
      if (kind === 'yieldMap') {
        const way = mark === undefined ? (this.#ways[at + 1] as Way) : this.#wayTo(at + 1, mark)
        return this.#parts.scheduler.pass(flatMapRows(page, fn), way, origin)
      }
      const left = kind === 'map' ? mapRows(page, fn) : filterRows(page, fn)
      if (isThenable(left)) {
        return left.then((rows) => (rows.length === 0 ? undefined : this.#run(at + 1, rows, mark, origin)))
      }
      if (left.length === 0) return undefined
      page = left
    }
    return this.#finish(page, mark, origin)
  }

  /** Pages whose rows went through all steps. */
  #finish(page: readonly unknown[], mark: RowsMark | undefined, origin: Origin): Promise<void> | undefined {
    if (this.isClosed) return undefined
    const { definition, cursor, scheduler, sink } = this.#parts
    const { rows, newest } = cursor === undefined ? { rows: withoutNothing(page) } : admitted(page, cursor)
    const isEmptied = rows.length === 0 && page.length > 0
    const counted = isEmptied ? undefined : this.#limit?.take(rows.length)
    const isOver = counted?.isLast === true || (cursor?.isDone === true && definition.head.kind === 'data')
    if (isOver) {
      this.isClosed = true
      scheduler.close(this)
    }
    if (isEmptied || counted?.isWanted === false) return undefined
    const held = this.#toChildren(rows, origin)
    if (mark !== undefined) sink?.mark(mark)
    for (const row of rows) {
      const text = sink?.take(row, mark)
      if (newest?.has(row) !== true) continue
      const written = sink === undefined ? typedRowText(row, { notFinite: 0 }) : text
      if (written !== undefined) cursor?.remember(row, written)
    }
    return held.length === 0 ? undefined : Promise.all(held).then(() => undefined)
  }

  /** @returns what has to be waited for */
  #toChildren(rows: readonly unknown[], origin: Origin): Promise<void>[] {
    const waits: Promise<void>[] = []
    for (const child of rows.length === 0 ? [] : this.children) {
      const wait = child.transform(rows, origin)
      if (wait === undefined) continue
      // Nobody looks at it where the page fails before it is waited for.
      wait.catch(() => undefined)
      waits.push(wait)
    }
    return waits
  }

  /** The step, which says in its errors that it is one. */
  #guarded({ kind, fn }: Step): Step {
    const place = fn.name === '' ? `a ${kind}` : `${kind} "${fn.name}"`
    const failed = (cause: unknown): never => {
      throw this.failure('transform', cause, place)
    }
    const guarded = (row: unknown): unknown => {
      try {
        const made = fn(row)
        return isThenable(made) ? made.then(undefined, failed) : made
      } catch (error) {
        return failed(error)
      }
    }
    return { kind, fn: guarded }
  }
}

/** Most pages hold rows only, and stay what they are. */
function withoutNothing(page: readonly unknown[]): readonly unknown[] {
  return page.every(isSomething) ? page : page.filter(isSomething)
}

function isSomething(row: unknown): boolean {
  return row !== undefined && row !== null
}

/** The rows that a cursor lets in, and those of them that it has to remember once they are written. */
function admitted(
  page: readonly unknown[],
  cursor: ResourceCursor,
): { readonly rows: readonly unknown[]; readonly newest: ReadonlySet<unknown> } {
  const rows: unknown[] = []
  const newest = new Set<unknown>()
  let { moves } = cursor
  for (const row of page) {
    if (!isSomething(row)) continue
    const admission = cursor.admit(row)
    if (cursor.moves !== moves) {
      newest.clear()
      moves = cursor.moves
    }
    if (admission === 'newest') newest.add(row)
    if (admission !== 'left out') rows.push(row)
  }
  return { rows, newest }
}
