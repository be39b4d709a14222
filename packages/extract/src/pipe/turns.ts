import type { AnyIterable } from '../yielded.ts'
import type { Feed, Origin } from './feed.ts'

export const nextItemModes = ['round_robin', 'fifo'] as const

/** `round_robin`: one item of each source by turns. `fifo`: each source to its end. */
export type NextItemMode = (typeof nextItemModes)[number]

/** Something that items are taken from. */
export class Source implements Origin {
  openItems = 0
  isBusy = false
  isClosed = false
  isAsync = false
  /** Undefined before its first turn. */
  iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined
  readonly feed: Feed
  /** Of a source that came out of another one. */
  readonly origin: Origin | undefined

  constructor(feed: Feed, origin?: Origin) {
    this.feed = feed
    this.origin = origin
  }

  iterate(rows: AnyIterable<unknown>): void {
    this.isAsync = Symbol.asyncIterator in rows
    this.iterator = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]()
  }
}

/** The sources that are read, and whose turn it is. The order is dlt's (`dlt/extract/pipe_iterator.py`). */
export class Turns {
  /** The first one stands last, and those that came out of others behind it. */
  readonly sources: Source[] = []
  /** Sources that can be asked for an item. */
  idle = 0
  readonly #mode: NextItemMode
  readonly #maxNested: number
  #nested = 0
  /** Where the last item was taken from. */
  #at = 0
  #isPassedOn = false

  /** @param maxNested  so many sources may have come out of others before no others are begun */
  constructor(mode: NextItemMode, maxNested: number) {
    this.#mode = mode
    this.#maxNested = maxNested
  }

  /** The source whose turn it is; undefined where all of them are waited for. */
  next(): Source | undefined {
    if (this.idle === 0) return undefined
    const count = this.sources.length
    // Where there are many, the newest ones come to their end before those that they came from go on.
    const isFull = this.#nested >= this.#maxNested
    const isAnyones = this.#isPassedOn
    this.#isPassedOn = false
    const isNewestFirst = !isAnyones && (isFull || this.#mode === 'fifo')
    let at = (isNewestFirst ? count : this.#at) - 1
    for (let tried = 0; tried < count; tried++) {
      if (at < 0) at = count - 1
      const source = this.sources[at] as Source
      if (!source.isBusy && (!isFull || isAnyones || source.openItems === 0)) {
        this.#at = at
        return source
      }
      at--
    }
    return undefined
  }

  /** The last source had nothing to give: it is another one's turn in any case. */
  passOn(): void {
    this.#isPassedOn = true
  }

  add(source: Source): void {
    this.sources.push(source)
    this.idle++
    if (source.origin === undefined) return
    source.origin.openItems++
    this.#nested++
  }

  remove(source: Source): void {
    if (source.isClosed) return
    source.isClosed = true
    const at = this.sources.indexOf(source)
    this.sources.splice(at, 1)
    if (at < this.#at) this.#at--
    if (!source.isBusy) this.idle--
    if (source.origin === undefined) return
    source.origin.openItems--
    this.#nested--
  }

  /** Has no turns until it rejoins. */
  leave(source: Source): void {
    source.isBusy = true
    if (!source.isClosed) this.idle--
  }

  rejoin(source: Source): void {
    source.isBusy = false
    if (!source.isClosed) this.idle++
  }
}
