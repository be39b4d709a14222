import type { Value } from '@gantry/common'
import { compareCursorValues, cursorValueOf, isSameCursorValue, userValueOf } from './cursor-value.ts'

/** Which of two cursor values is kept: the largest, the smallest, or what a function makes of them. */
export type LastValueFunc<CursorValue = unknown> =
  'max' | 'min' | ((values: readonly [value: CursorValue, lastValue?: CursorValue]) => CursorValue)

/** {@link LastValueFunc} over exact values. */
export interface LastValueRule {
  /** What is kept of a value and the last one; without a last one, of it alone. @throws {TypeError} */
  pick(value: Value, last: Value): Value
  /** True for max and min, which order values. */
  readonly isOrdered: boolean
  /** -1 where later values are smaller. */
  readonly direction: 1 | -1
}

/** @param sample  gives a value of the user's, whose class the function gets values in */
export function lastValueRule(of: LastValueFunc, sample: () => unknown): LastValueRule {
  if (typeof of === 'function')
    return { pick: (value, last) => callOf(of, value, last, sample()), isOrdered: false, direction: 1 }
  const direction = of === 'max' ? 1 : -1
  return {
    pick: (value, last) => (last === null || compareCursorValues(value, last) * direction >= 0 ? value : last),
    isOrdered: true,
    direction,
  }
}

function callOf(of: Exclude<LastValueFunc, string>, value: Value, last: Value, sample: unknown): Value {
  const given = userValueOf(value, sample)
  const picked = cursorValueOf(of(last === null ? [given] : [given, userValueOf(last, sample)]))
  if (picked === undefined || picked === null) throw new TypeError('lastValueFunc returned no value')
  // What was given comes back with all of its digits, also where the user's form has fewer.
  if (isSameCursorValue(picked, cursorValueOf(given) as Value)) return value
  return last !== null && isSameCursorValue(picked, cursorValueOf(userValueOf(last, sample)) as Value) ? last : picked
}
