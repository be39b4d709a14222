import { InvalidHint } from '../hints/invalid-hint.ts'

export interface LimitOptions {
  /** Seconds after which the resource ends with its next page. Default: any time. */
  readonly maxTime?: number
  /** True: `maxItems` counts rows. Pages stay whole, so that up to a page too much may come. Default: false. */
  readonly countRows?: boolean
}

/** When a resource ends before its data does. */
export interface Limit {
  /** Undefined: any number. */
  readonly maxItems: number | undefined
  readonly maxTimeMs: number | undefined
  readonly countsRows: boolean
}

/** @throws {InvalidHint} */
export function limitOf(maxItems: number | null, { maxTime, countRows = false }: LimitOptions, place: string): Limit {
  if (maxItems !== null && !(Number.isInteger(maxItems) && maxItems >= -1)) {
    throw new InvalidHint(`The limit of ${place} takes a number of pages, or null for any, not ${String(maxItems)}.`)
  }
  if (maxTime !== undefined && !(maxTime > 0)) {
    throw new InvalidHint(`"maxTime" of the limit of ${place} takes seconds, not ${String(maxTime)}.`)
  }
  return {
    maxItems: maxItems === null || maxItems === -1 ? undefined : maxItems,
    maxTimeMs: maxTime === undefined ? undefined : maxTime * 1000,
    countsRows: countRows,
  }
}

/**
 * A limit at work. With 0, one page is taken and thrown away, so that whatever goes with it has happened (dlt
 * `dlt/extract/items_transform.py`, `LimitItem`).
 */
export class LimitCount {
  readonly #limit: Limit
  readonly #startMs: number
  readonly #nowMs: () => number
  #count = 0

  /** @param nowMs  a clock that is never set back */
  constructor(limit: Limit, nowMs: () => number = () => performance.now()) {
    this.#limit = limit
    this.#nowMs = nowMs
    this.#startMs = nowMs()
  }

  /** Counts a page. @returns whether it is wanted, and whether it is the last one */
  take(rows: number): { readonly isWanted: boolean; readonly isLast: boolean } {
    const { maxItems, maxTimeMs, countsRows } = this.#limit
    this.#count += countsRows ? rows : 1
    const isLate = maxTimeMs !== undefined && this.#nowMs() - this.#startMs > maxTimeMs
    return { isWanted: maxItems !== 0, isLast: isLate || (maxItems !== undefined && this.#count >= maxItems) }
  }
}
