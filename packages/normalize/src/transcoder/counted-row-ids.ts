import { randomBytes } from 'node:crypto'
import type { RowIds } from '@gantry/common'

/** Numbers that follow one prefix: what four characters of base64 and the free bits of a fifth hold. */
const numbersPerPrefix = 2 ** 26
/** The prefix is nine characters of base64: a prefix for each 67 million rows hardly meets its like. */
const prefixBytes = 9

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Ids that follow one another. */
export interface CountedIds {
  /** Nine characters of base64. */
  readonly prefix: string
  readonly first: number
}

/**
 * Unique ids for rows below others, of the form of random ones: a random prefix and a number that counts up. Cheaper to
 * make, and half as large in a column store as random ones.
 */
export class CountedRowIds implements RowIds {
  #prefix = ''
  #next = numbersPerPrefix

  next(): string {
    const { prefix, first } = this.take(1)
    const digit = (shift: number): string => alphabet[(first >> shift) & 63] as string
    return `${prefix}${digit(20)}${digit(14)}${digit(8)}${digit(2)}${alphabet[(first & 3) << 4] as string}`
  }

  /** @param count  up to a million */
  take(count: number): CountedIds {
    if (this.#next + count > numbersPerPrefix) {
      this.#prefix = randomBytes(prefixBytes).toString('base64').slice(0, prefixBytes)
      this.#next = 0
    }
    const first = this.#next
    this.#next += count
    return { prefix: this.#prefix, first }
  }
}
