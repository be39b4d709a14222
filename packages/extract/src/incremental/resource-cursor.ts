import { JsonObject, Timestamp, tryDecodeMarker, type Environment, type Logger, type Value } from '@gantry/common'
import { typedRowText } from '../typed-row.ts'
import { Boundary } from './boundary.ts'
import { cursorPath, type CursorPath } from './cursor-path.ts'
import { cursorValueOf, inZoneOf, isSameCursorValue, stateValueOf, userValueOf } from './cursor-value.ts'
import {
  IncrementalCursorInvalidCoercion,
  IncrementalCursorPathHasValueNone,
  IncrementalCursorPathMissing,
} from './errors.ts'
import { externalInterval } from './external-interval.ts'
import type { Cursor } from './cursor.ts'
import type { Incremental, IncrementalOptions } from './incremental.ts'
import { shifted } from './lag.ts'
import { lastValueRule, type LastValueRule } from './last-value-rule.ts'
import { InvalidHint } from '../hints/invalid-hint.ts'

/*
 * A cursor at work: which rows of a resource are new, and how far the resource has been read.
 *
 * The state is one record for a resource and cursor path, `{initial_value, last_value, unique_hashes, start_value}`, in
 * dlt's form (`dlt/extract/incremental/__init__.py`), so that either goes on where the other has ended.
 */

/**
 * What becomes of a row: it is left out, written, or written and remembered, as its cursor is the newest.
 */
export type Admission = 'left out' | 'written' | 'newest'

/** Beyond this number of rows with one cursor value, their hashes are much to keep. */
const manyHashes = 200

export interface CursorPlace {
  readonly resource: string
  /** Of the resource; the cursor's own wins over it. Empty: none. */
  readonly primaryKey: IncrementalOptions['primaryKey']
  readonly log: Logger
  readonly env?: Environment
}

export class ResourceCursor implements Cursor {
  startOutOfRange: boolean = false
  endOutOfRange: boolean = false
  /** No row can come any more that would be let in: the resource may end after its page. */
  isDone: boolean = false
  /** How often a row was newer than all before it. Rows of before a move need not be remembered any more. */
  moves: number = 0
  /** As declared: the record's key in the state. */
  readonly path: string
  readonly #place: CursorPlace
  readonly #field: CursorPath
  readonly #options: IncrementalOptions
  readonly #rule: LastValueRule
  /** Undefined where rows with one cursor are not told apart. */
  readonly #boundary: Boundary | undefined
  readonly #record: JsonObject | undefined
  readonly #initial: Value
  /** Of the last run, null where there was none; `lag` is not taken off. */
  #stored: Value
  #start: Value
  #last: Value
  #end: Value
  /** The lag in the direction in which it goes; 0 where there is none. */
  readonly #lag: number
  #row = 0
  #isZoneKnown = false
  #hasRows = false
  /** A value as the user gives it, for its class. */
  #sample: unknown

  /**
   * @param record  what the state has; undefined where this is the first run
   * @throws {InvalidHint} a lag that the stored value cannot be moved by
   * @throws {ExternalSchedulerNotAvailable} @throws {JoinSchedulerError}
   */
  constructor({ cursorPath: path, options }: Incremental, record: JsonObject | undefined, place: CursorPlace) {
    this.#place = place
    this.path = path
    this.#field = cursorPath(path)
    this.#options = options
    this.#sample = options.initialValue ?? options.endValue
    this.#rule = lastValueRule(options.lastValueFunc ?? 'max', () => this.#sample)
    const given = { initial: cursorValueOf(options.initialValue) ?? null, end: cursorValueOf(options.endValue) ?? null }
    const { initial, end } =
      options.allowExternalSchedulers === true ? externalInterval(place.resource, given, this.#rule, place.env) : given
    this.#initial = initial
    this.#end = end
    this.#record = end === null ? record : undefined
    this.#stored = this.#record === undefined ? initial : valueIn(this.#record, 'last_value')
    this.#lag = this.#lagOf(options.lag ?? 0)
    this.#start = this.#lagged(this.#stored)
    this.#last = this.#start
    this.#boundary = this.#openBoundary()
  }

  get initialValue(): unknown {
    return this.#userValue(this.#initial)
  }

  get startValue(): unknown {
    return this.#userValue(this.#start)
  }

  get lastValue(): unknown {
    return this.#userValue(this.#end === null ? this.#lagged(this.#newest()) : this.#initial)
  }

  get endValue(): unknown {
    return this.#userValue(this.#end)
  }

  canClose(): boolean {
    const { rowOrder } = this.#options
    return (rowOrder === 'asc' && this.endOutOfRange) || (rowOrder === 'desc' && this.startOutOfRange)
  }

  /**
   * Decides about the next row, and moves on with it. Whoever has written a row that is the newest says so by
   * {@link remember}.
   *
   * @throws {IncrementalCursorPathMissing} @throws {IncrementalCursorPathHasValueNone}
   * @throws {IncrementalCursorInvalidCoercion} @throws {IncrementalPrimaryKeyMissing}
   */
  admit(row: unknown): Admission {
    this.#row++
    this.startOutOfRange = false
    this.endOutOfRange = false
    const value = this.#valueOf(row)
    const admission = value === undefined || value === null ? this.#withoutCursor(value) : this.#admit(row, value)
    if (admission !== 'left out') this.#hasRows = true
    else this.isDone ||= this.canClose()
    return admission
  }

  /** Takes in a row that was written. @param text  typed JSON of it */
  remember(row: unknown, text: string): void {
    this.#boundary?.add(row, text)
  }

  /** The record as it stands in the state after the run; undefined where the run leaves the state alone. */
  record(): JsonObject | undefined {
    if (this.#end !== null) return undefined
    const before = this.#record
    if (this.#row === 0 && before !== undefined) return before
    const hashes = this.#boundary?.hashes() ?? []
    const known = before?.get('unique_hashes')
    if (hashes.length > manyHashes && !(Array.isArray(known) && known.length > manyHashes))
      this.#warnOfMany(hashes.length)
    const last = before === undefined ? stateValueOf(this.#initial) : (before.get('last_value') ?? null)
    const start = before === undefined ? last : (before.get('start_value') ?? null)
    return JsonObject.of([
      ['initial_value', before === undefined ? last : (before.get('initial_value') ?? null)],
      ['last_value', stateValueOf(this.#newest())],
      ['unique_hashes', hashes],
      ['start_value', this.#hasRows ? last : start],
    ])
  }

  #valueOf(row: unknown): Value | undefined {
    try {
      const given = this.#field.read(row)
      this.#sample ??= given
      return cursorValueOf(given)
    } catch (error) {
      throw this.#invalid('startValue', error)
    }
  }

  #withoutCursor(value: null | undefined): Admission {
    const { onCursorValueMissing = 'raise' } = this.#options
    if (onCursorValueMissing !== 'raise') return onCursorValueMissing === 'include' ? 'written' : 'left out'
    const place = { resource: this.#place.resource, cursorPath: this.path, row: this.#row }
    throw value === null ? new IncrementalCursorPathHasValueNone(place) : new IncrementalCursorPathMissing(place)
  }

  #admit(row: unknown, value: Value): Admission {
    if (!this.#isZoneKnown && value instanceof Timestamp) this.#alignZones(value)
    if (this.#isBeyondEnd(value)) {
      this.endOutOfRange = true
      return 'left out'
    }
    const last = this.#last
    const picked = this.#pick(value, last)
    if (last === null || !isSameCursorValue(picked, last)) {
      this.#last = picked
      this.moves++
      this.#boundary?.clear()
      return this.#boundary === undefined ? 'written' : 'newest'
    }
    const alone = this.#pick(value, null)
    if (this.#isBeforeStart(row, value, alone)) {
      this.startOutOfRange = true
      return 'left out'
    }
    return this.#boundary !== undefined && isSameCursorValue(alone, last) ? 'newest' : 'written'
  }

  #isBeyondEnd(value: Value): boolean {
    const end = this.#end
    if (end === null) return false
    try {
      if (!isSameCursorValue(this.#rule.pick(value, end), end)) return true
      return this.#options.rangeEnd !== 'closed' && isSameCursorValue(this.#rule.pick(value, null), end)
    } catch (error) {
      throw this.#invalid('endValue', error)
    }
  }

  /** True also for a row at the start that is not wanted again. */
  #isBeforeStart(row: unknown, value: Value, alone: Value): boolean {
    const start = this.#start
    if (start === null) return false
    if (!isSameCursorValue(alone, start)) return isSameCursorValue(this.#pick(value, start), start)
    if (this.#options.rangeStart === 'open') return true
    return this.#boundary?.isSeen(row, () => typedRowText(row, { notFinite: 0 }) ?? 'null') === true
  }

  #pick(value: Value, last: Value): Value {
    try {
      return this.#rule.pick(value, last)
    } catch (error) {
      throw this.#invalid('startValue', error)
    }
  }

  #invalid(bound: string, cause: unknown): IncrementalCursorInvalidCoercion {
    const { resource } = this.#place
    return new IncrementalCursorInvalidCoercion({ resource, cursorPath: this.path, row: this.#row, bound }, cause)
  }

  /** Whether timestamps have a time zone is decided by the rows; bounds without one are UTC. */
  #alignZones(row: Timestamp): void {
    this.#isZoneKnown = true
    const align = (name: string, bound: Value): Value => {
      if (!(bound instanceof Timestamp)) return bound
      const aligned = inZoneOf(bound, row)
      if (aligned !== bound) {
        this.#place.log.warn(
          { resource: this.#place.resource, cursor: this.path },
          `The ${name} ${String(bound)} of the cursor has ${bound.offsetMinutes === undefined ? 'no' : 'a'} time zone, unlike the rows. It is taken as ${String(aligned)}`,
        )
      }
      return aligned
    }
    const isMoved = this.#last !== this.#start
    this.#start = align('start', this.#start)
    if (!isMoved) this.#last = this.#start
    if (this.#stored instanceof Timestamp) this.#stored = inZoneOf(this.#stored, row)
    this.#end = align('end', this.#end)
  }

  /** With a lag, a run may see nothing as new as what earlier ones have seen. */
  #newest(): Value {
    if (this.#lag === 0 || this.#stored === null || this.#last === null) return this.#last
    return this.#rule.pick(this.#last, this.#stored)
  }

  #lagged(value: Value): Value {
    if (this.#lag === 0 || value === null) return value
    try {
      const moved = shifted(value, this.#lag)
      const bound = this.#initial
      const initial = bound instanceof Timestamp && moved instanceof Timestamp ? inZoneOf(bound, moved) : bound
      return initial !== null && isSameCursorValue(this.#rule.pick(initial, moved), initial) ? initial : moved
    } catch (error) {
      const { resource } = this.#place
      throw new InvalidHint(
        `The lag of "${this.path}" of resource "${resource}" cannot be taken off its last value: ${(error as Error).message}.`,
        { resource },
        { cause: error },
      )
    }
  }

  #lagOf(lag: number): number {
    if (lag === 0) return 0
    const { resource, log } = this.#place
    const about = { resource, cursor: this.path }
    if (!this.#rule.isOrdered) {
      log.warn(about, 'The lag of the cursor has no effect: it is there for max and min only')
      return 0
    }
    if (this.#end !== null) {
      log.info(about, 'The lag of the cursor has no effect where there is an end value')
      return 0
    }
    return -lag * this.#rule.direction
  }

  #openBoundary(): Boundary | undefined {
    const key = this.#options.primaryKey ?? this.#place.primaryKey
    const isOff = this.#options.rangeStart === 'open' || this.#end !== null || this.#lag !== 0
    if (isOff || (typeof key !== 'function' && key?.length === 0)) return undefined
    const known = this.#record?.get('unique_hashes')
    return new Boundary(key, Array.isArray(known) ? known.map(String) : [], this.#place.resource)
  }

  #warnOfMany(rows: number): void {
    this.#place.log.warn(
      { resource: this.#place.resource, cursor: this.path, rows },
      'Many rows share the newest value of the cursor, and the state has a hash for each. A cursor of higher resolution needs fewer',
    )
  }

  #userValue(value: Value): unknown {
    return value === null ? undefined : userValueOf(value, this.#sample, this.#rule.direction === 1 ? 'down' : 'up')
  }
}

/** Temporal values and decimals are marked text in the state. */
function valueIn(record: JsonObject, key: string): Value {
  const value = record.get(key) ?? null
  return typeof value === 'string' ? tryDecodeMarker(value) : value
}
