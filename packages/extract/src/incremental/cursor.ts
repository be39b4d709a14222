/**
 * A cursor as the function of a resource sees it, while its rows are extracted. Values are in the class of
 * `initialValue`, or else: numbers, text, `Date` for timestamps.
 */
export interface Cursor<CursorValue = unknown, Start = CursorValue | undefined> {
  readonly initialValue: Start
  /** Where this run begins, `lag` taken off. Stays the same throughout the run. */
  readonly startValue: Start
  /** The newest value so far, `lag` taken off; with an `endValue`, the initial one. */
  readonly lastValue: Start
  readonly endValue: CursorValue | undefined
  /** The last row was before the start value, or seen by an earlier run. */
  readonly startOutOfRange: boolean
  /** The last row was beyond the end value. */
  readonly endOutOfRange: boolean
  /** True where `rowOrder` says that no row can come any more that would be let in. */
  canClose(): boolean
}
