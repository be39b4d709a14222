import { setImmediate as eventLoopTurn, setTimeout as delay } from 'node:timers/promises'
import { isRowIterator, isThenable } from '../yielded.ts'
import { isResource } from '../resource.ts'
import type { FailureKind, Feed, Origin, Owner, Way } from './feed.ts'
import { resourceAsRows } from './rows-of.ts'
import { Slots } from './slots.ts'
import { Source, Turns, type NextItemMode } from './turns.ts'

/*
 * Many sources of items are read by one program: each turn takes one item of one source and brings it through the steps of
 * its pipe. What is synchronous costs no promise; what is not is waited for while others have their turns.
 */

export interface ScheduleOptions {
  /** `round_robin`: one item of each source by turns. `fifo`: each source to its end. */
  readonly nextItemMode: NextItemMode
  /** Functions and promises that may be under way; and iterators out of iterators, before no others are begun. */
  readonly maxParallelItems: number
  /** Requests of parallelized sources that may be under way. */
  readonly workers: number
  readonly signal: AbortSignal
  /** Asked after each turn; all wait for the promise. */
  readonly afterTurn?: () => Promise<void> | undefined
}

/** How long signals, timers and requests may have to wait for a turn of the event loop. */
const turnMs = 5
/** How long code that was told to stop may take for it. */
const closingMs = 60_000

export class Scheduler {
  /** Room for requests of what is parallelized. */
  readonly parallel: Slots
  /** Aborted by a stop from outside, and by the first failure. */
  readonly signal: AbortSignal
  readonly #options: ScheduleOptions
  readonly #stop = new AbortController()
  readonly #exclusive = new Slots(1)
  readonly #tasks: Slots
  readonly #turns: Turns
  #underWay = 0
  #items = 0
  #breakAtMs = performance.now() + turnMs
  #isClosing = false
  #failure: { readonly error: unknown } | undefined
  #wake: () => void = () => undefined

  constructor(options: ScheduleOptions) {
    this.#options = options
    this.parallel = new Slots(options.workers)
    this.signal = AbortSignal.any([options.signal, this.#stop.signal])
    this.#tasks = new Slots(options.maxParallelItems)
    this.#turns = new Turns(options.nextItemMode, options.maxParallelItems)
  }

  /**
   * Reads all of them to their end. On an error or a stop all iterators are closed, and what is under way is waited for.
   *
   * @throws what the owner of the code that failed first makes of it, or the signal's reason
   */
  async run(feeds: readonly Feed[]): Promise<void> {
    for (const feed of feeds.toReversed()) this.#turns.add(new Source(feed))
    const { signal } = this.#options
    const stop = (): void => this.#wake()
    signal.addEventListener('abort', stop)
    try {
      for (;;) {
        signal.throwIfAborted()
        if (this.#failure !== undefined) throw this.#failure.error
        const source = this.#turns.next()
        if (source !== undefined) this.#pull(source)
        else if (this.#underWay > 0) await this.#arrival()
        else if (this.#turns.sources.length === 0) return
        const pause = this.#pause()
        if (pause !== undefined) await pause
        // Lets what has arrived go on.
        if (this.#underWay > 0) await Promise.resolve()
      }
    } catch (error) {
      this.#stop.abort(error)
      throw error
    } finally {
      signal.removeEventListener('abort', stop)
      await this.#close()
    }
  }

  /** Brings what was yielded on its way: rows at once, iterators by turns, functions and promises when they are done. */
  pass(item: unknown, way: Way, origin: Origin): Promise<void> | undefined {
    if (item === undefined || item === null || way.owner.isClosed) return undefined
    if (typeof item === 'function') return this.call(item as () => unknown, 'future', this.#tasks, way, origin)
    if (typeof item === 'object' && !Array.isArray(item)) {
      if (isThenable(item)) {
        // It may fail while it stands in line, where nobody looks at it yet.
        item.then(undefined, () => undefined)
        return this.call(() => item, 'future', this.#tasks, way, origin)
      }
      if (isResource(item)) throw resourceAsRows(item.name)
      if (isRowIterator(item)) {
        const nested = new Source({ ...way, open: () => item }, origin)
        nested.iterate(item)
        this.#turns.add(nested)
        return undefined
      }
    }
    return way.take(item, origin)
  }

  /**
   * Calls a function once there is room, and passes on what it gives. Where that is a promise, the slot is taken until it
   * has come to its end, and the origin goes on meanwhile.
   */
  call(fn: () => unknown, kind: FailureKind, slots: Slots, way: Way, origin: Origin): Promise<void> | undefined {
    const begin = (): Promise<void> | undefined => {
      if (this.#isClosing || way.owner.isClosed) {
        slots.release()
        return undefined
      }
      let made: unknown
      try {
        made = fn()
      } catch (error) {
        slots.release()
        throw way.owner.failure(kind, error)
      }
      if (isThenable(made) || typeof made === 'function') {
        this.#track(this.#settle(made, kind, slots, way, origin))
        return undefined
      }
      slots.release()
      return this.pass(made, way, origin)
    }
    const room = slots.acquire()
    return room === undefined ? begin() : room.then(begin)
  }

  /** Takes no more items of the owner. */
  close(owner: Owner): void {
    for (const source of this.#turns.sources.filter(({ feed }) => feed.owner === owner)) {
      const closing = this.#end(source)
      if (closing !== undefined) this.#track(closing)
    }
  }

  /** Waits for what a function promised, also where it promises another function. */
  async #settle(made: unknown, kind: FailureKind, slots: Slots, way: Way, origin: Origin): Promise<void> {
    origin.openItems++
    try {
      let item = made
      try {
        while (isThenable(item) || typeof item === 'function') {
          item = await (typeof item === 'function' ? (item as () => unknown)() : item)
        }
      } catch (error) {
        throw way.owner.failure(kind, error)
      }
      if (!this.#isClosing) await this.pass(item, way, origin)
    } finally {
      origin.openItems--
      slots.release()
    }
  }

  #pull(source: Source): void {
    const { owner } = source.feed
    if (source.iterator === undefined || source.isAsync) return this.#occupy(source, this.#request(source))
    let item: unknown
    try {
      const result = (source.iterator as Iterator<unknown>).next()
      if (result.done) return this.#turns.remove(source)
      item = result.value
    } catch (error) {
      this.#turns.remove(source)
      throw owner.failure('generator', error)
    }
    if (item === undefined || item === null) this.#turns.passOn()
    const held = this.pass(item, source.feed, source)
    if (held !== undefined) this.#occupy(source, held)
  }

  /** Opens a source, or gets its next item, once there is room for it; and goes on while there is nothing else to do. */
  async #request(source: Source): Promise<void> {
    const { owner, open } = source.feed
    const slots = owner.isParallelized ? this.parallel : this.#exclusive
    do {
      const room = slots.acquire()
      if (room !== undefined) await room
      let result: IteratorResult<unknown> | undefined
      try {
        if (this.#isClosing || source.isClosed) return
        if (source.iterator === undefined) source.iterate(await open())
        else result = await source.iterator.next()
      } catch (error) {
        this.#turns.remove(source)
        throw owner.failure('generator', error)
      } finally {
        slots.release()
      }
      if (this.#isClosing) return
      if (result?.done) return this.#turns.remove(source)
      const held = this.pass(result?.value, source.feed, source)
      if (held !== undefined) await held
      const pause = this.#pause()
      if (pause !== undefined) await pause
    } while (source.isAsync && !source.isClosed && this.#underWay === 1 && this.#turns.idle === 0)
  }

  /** What has to be waited for after an item, if anything. */
  #pause(): Promise<void> | undefined {
    if (++this.#items % 16 === 0 && performance.now() >= this.#breakAtMs) {
      this.#breakAtMs = Number.POSITIVE_INFINITY
      return this.#breathe()
    }
    return this.#options.afterTurn?.()
  }

  async #breathe(): Promise<void> {
    await eventLoopTurn()
    this.#breakAtMs = performance.now() + turnMs
    await this.#options.afterTurn?.()
  }

  /** Leaves the source alone until then. */
  #occupy(source: Source, work: Promise<void>): void {
    this.#turns.leave(source)
    this.#track(work.finally(() => this.#turns.rejoin(source)))
  }

  #track(work: Promise<void>): void {
    this.#underWay++
    void work
      .catch((error: unknown) => (this.#failure ??= { error }))
      .finally(() => {
        this.#underWay--
        this.#wake()
      })
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #end(source: Source): Promise<void> | undefined {
    const { owner } = source.feed
    this.#turns.remove(source)
    try {
      const closed: unknown = source.iterator?.return?.()
      if (!isThenable(closed)) return undefined
      return Promise.resolve(closed).then(
        () => undefined,
        (error: unknown) => {
          throw owner.failure('generator', error)
        },
      )
    } catch (error) {
      throw owner.failure('generator', error)
    }
  }

  /** Closes what is open. What fails while it does so has failed before, or no longer matters. */
  async #close(): Promise<void> {
    this.#isClosing = true
    for (const source of this.#turns.sources.slice()) {
      try {
        const closing = this.#end(source)
        if (closing !== undefined) this.#track(closing)
      } catch (error) {
        this.#failure ??= { error }
      }
    }
    if (this.#underWay === 0) return
    const patience = new AbortController()
    const end = delay(closingMs, 'late', { signal: patience.signal }).catch(() => 'done')
    while (this.#underWay > 0 && (await Promise.race([this.#arrival(), end])) !== 'late');
    patience.abort()
  }
}
