import type { Value } from '@gantry/common'
import { checkKeys, InvalidHint } from '../hints/invalid-hint.ts'
import type { Cursor } from './cursor.ts'
import { cursorPath } from './cursor-path.ts'
import { cursorValueOf, describe, isSameCursorValue } from './cursor-value.ts'
import { lastValueRule, type LastValueFunc } from './last-value-rule.ts'

/** Fields of a row whose values, together, tell it from others with the same cursor. */
export type CursorKey = string | readonly string[]

/** The key, or a function from row to key. A method, so that a function of a narrower row can be given. */
type CursorKeyOption = CursorKey | { keyOf(row: Record<string, unknown>): CursorKey }['keyOf']

/** How a cursor moves, and which rows it lets in. */
export interface IncrementalOptions<CursorValue = unknown> {
  /** Lower bound of the first run. Noted in the state once; the state wins in later runs. Default: none. */
  readonly initialValue?: CursorValue | undefined
  /** Upper bound, for loading a range: state is then neither read nor written. Needs `initialValue`. Default: none. */
  readonly endValue?: CursorValue | undefined
  /** What is kept of two values; a function gets the row's and the last one, or the row's alone. Default: `max`. */
  readonly lastValueFunc?: LastValueFunc<CursorValue> | undefined
  /**
   * Tells rows with the newest cursor value apart, so that the next run leaves out those that it has seen. `[]`: it sees
   * them again. Default: the resource's `primaryKey`, else the whole row.
   */
  readonly primaryKey?: CursorKeyOption | undefined
  /**
   * A promise that rows come in the order of the cursor: with `asc` a row beyond `endValue`, with `desc` one before the
   * start, ends the resource after its page. Default: no promise.
   */
  readonly rowOrder?: 'asc' | 'desc' | undefined
  /** Bounds are the interval in `DLT_INTERVAL_START` and `DLT_INTERVAL_END`, within those given here. Default: false. */
  readonly allowExternalSchedulers?: boolean | undefined
  /** What becomes of rows without a cursor, or with null. Default: `raise`. */
  readonly onCursorValueMissing?: 'raise' | 'include' | 'exclude' | undefined
  /**
   * How far before the last value a run begins: seconds for timestamps, days for dates, else units. Rows in between come
   * again, so merge them by a key. Not before `initialValue`. Default: 0.
   */
  readonly lag?: number | undefined
  /** `open`: rows with the start value itself are left out, and none are told apart. Default: `closed`. */
  readonly rangeStart?: 'closed' | 'open' | undefined
  /** `closed`: rows with the end value itself are let in. Default: `open`. */
  readonly rangeEnd?: 'open' | 'closed' | undefined
}

/** A cursor for a resource; made by {@link incremental}. */
export interface Incremental<CursorValue = unknown, Start = CursorValue | undefined> {
  readonly kind: typeof incrementalKind
  /** As given: the cursor's state is kept under it. */
  readonly cursorPath: string
  readonly options: IncrementalOptions
  /** Stands for the type of the cursor that the resource's function gets. Never there. */
  readonly cursor?: Cursor<CursorValue, Start>
}

/** Tells a cursor from other values, also where two copies of the package meet in one program. */
export const incrementalKind: unique symbol = Symbol.for('gantry.incremental')

/** Options that take one of some words. */
export const choices = {
  rowOrder: ['asc', 'desc'],
  onCursorValueMissing: ['raise', 'include', 'exclude'],
  rangeStart: ['closed', 'open'],
  rangeEnd: ['open', 'closed'],
} as const
const optionTypes = { lag: 'number', allowExternalSchedulers: 'boolean' } as const
const known = [
  'initialValue',
  'endValue',
  'lastValueFunc',
  'primaryKey',
  ...Object.keys(choices),
  ...Object.keys(optionTypes),
]

/**
 * Declares a cursor: a value of the rows, such as the time of their last change, by which a resource loads what is new
 * since its last run. It goes into the resource's `incremental`. Rows before the cursor are left out, and the resource's
 * function gets it, to ask its source for newer rows only.
 *
 * @param path  field of the rows, or a JSONPath of which the first match counts (`meta.at`)
 * @throws {InvalidHint} an unknown option, or one that makes no sense
 * @throws {InvalidJsonPath}
 * Follows dlt `dlt/extract/incremental`.
 */
export function incremental<CursorValue = unknown>(
  path: string,
  options: IncrementalOptions<CursorValue> & { readonly initialValue: CursorValue },
): Incremental<CursorValue, CursorValue>
export function incremental<CursorValue = unknown>(
  path: string,
  options?: IncrementalOptions<CursorValue>,
): Incremental<CursorValue>
export function incremental(path: string, options: IncrementalOptions = {}): Incremental {
  if (typeof path !== 'string' || path.trim() === '')
    throw new InvalidHint('incremental() needs a "cursorPath".', { path })
  cursorPath(path)
  const place = `incremental("${path}")`
  checkKeys(options, known, place, () => false)
  checkOptions(options, place)
  checkBounds(options, place)
  return { kind: incrementalKind, cursorPath: path, options }
}

/** True for what {@link incremental} returned. */
export function isIncremental(value: unknown): value is Incremental {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === incrementalKind
}

function checkOptions(options: IncrementalOptions, place: string): void {
  const given = options as Readonly<Record<string, unknown>>
  for (const [option, words] of Object.entries(choices)) {
    const value = given[option]
    if (value == null || (words as readonly unknown[]).includes(value)) continue
    throw new InvalidHint(`"${option}" of ${place} takes ${words.join(' or ')}, not ${JSON.stringify(value)}.`, {
      option,
      value,
    })
  }
  for (const [option, type] of Object.entries(optionTypes)) {
    const value = given[option]
    if (value == null || (typeof value === type && !Number.isNaN(value))) continue
    throw new InvalidHint(`"${option}" of ${place} takes a ${type}, not ${JSON.stringify(value)}.`, { option, value })
  }
  const { lastValueFunc, primaryKey } = options
  if (!(
    lastValueFunc == null ||
    lastValueFunc === 'max' ||
    lastValueFunc === 'min' ||
    typeof lastValueFunc === 'function'
  )) {
    throw new InvalidHint(`"lastValueFunc" of ${place} takes max, min or a function.`, { lastValueFunc })
  }
  const isKey = Array.isArray(primaryKey)
    ? primaryKey.every((name) => typeof name === 'string')
    : typeof primaryKey !== 'object'
  if (!isKey)
    throw new InvalidHint(`"primaryKey" of ${place} takes a field, a list of fields, or a function of the row.`)
}

function checkBounds({ initialValue, endValue, lastValueFunc }: IncrementalOptions, place: string): void {
  const initial = boundOf('initialValue', initialValue, place)
  const end = boundOf('endValue', endValue, place)
  if (end === null) return
  if (initial === null) {
    throw new InvalidHint(`"endValue" of ${place} needs an "initialValue": together they are the range that is loaded.`)
  }
  const bounds = `initialValue (${describe(initial)}) and endValue (${describe(end)}) of ${place}`
  const { pick, isOrdered, direction } = lastValueRule(lastValueFunc ?? 'max', () => initialValue)
  let newest: Value
  try {
    newest = pick(end, initial)
  } catch (cause) {
    throw new InvalidHint(
      `${bounds} cannot be compared: ${(cause as Error).message}. Give both in one type, with or without time zone.`,
      {},
      { cause },
    )
  }
  if (isSameCursorValue(newest, end)) return
  throw new InvalidHint(
    isOrdered
      ? `${bounds}: the end must be ${direction === 1 ? 'higher' : 'lower'}.`
      : `${bounds}: the "lastValueFunc" of both has to give the end, and gave ${describe(newest)}.`,
  )
}

function boundOf(option: string, given: unknown, place: string): Value {
  try {
    const value = cursorValueOf(given)
    if (value === undefined && given !== undefined) throw new TypeError(`a ${typeof given} cannot be a cursor`)
    return value ?? null
  } catch (cause) {
    throw new InvalidHint(`"${option}" of ${place}: ${(cause as Error).message}.`, {}, { cause })
  }
}
