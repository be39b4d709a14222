import {
  DateValue,
  double,
  kindOf,
  microsPerDay,
  Timestamp,
  tryTemporal,
  type Environment,
  type Value,
} from '@gantry/common'
import { inZoneOf, isSameCursorValue } from './cursor-value.ts'
import { ExternalSchedulerNotAvailable, JoinSchedulerError } from './errors.ts'
import type { LastValueRule } from './last-value-rule.ts'

/** Both ends of what a run loads. */
export interface CursorBounds {
  /** Null: none. */
  readonly initial: Value
  readonly end: Value
}

/**
 * The interval that a scheduler has set for this run, in the type of the cursor, and within the bounds that are given.
 *
 * @throws {ExternalSchedulerNotAvailable} @throws {JoinSchedulerError}
 * Follows dlt `dlt/extract/incremental/__init__.py`, `_join_external_scheduler`.
 */
export function externalInterval(
  resource: string,
  given: CursorBounds,
  rule: LastValueRule,
  env: Environment = process.env,
): CursorBounds {
  const { DLT_INTERVAL_START: start = '', DLT_INTERVAL_END: end = '' } = env
  if (start === '' || end === '') throw new ExternalSchedulerNotAvailable(resource)
  const initial = inTypeOf(given.initial, instantOf('DLT_INTERVAL_START', start, resource), resource)
  const last = inTypeOf(given.initial, instantOf('DLT_INTERVAL_END', end, resource), resource)
  return {
    initial: isSameCursorValue(rule.pick(given.initial, initial), given.initial) ? given.initial : initial,
    end: given.end !== null && isSameCursorValue(rule.pick(given.end, last), last) ? given.end : last,
  }
}

function instantOf(variable: string, text: string, resource: string): Timestamp {
  const value = tryTemporal(text)
  const timestamp = value instanceof DateValue ? new Timestamp(value.days, 0, 0) : value
  const utc = timestamp instanceof Timestamp ? timestamp.tryUtc() : undefined
  if (utc === undefined) throw new JoinSchedulerError(resource, `${variable} is "${text}", which is no time.`)
  return utc
}

/** The cursor's type is that of its initial value, as nothing else is known of it before there are rows. */
function inTypeOf(initial: Value, instant: Timestamp, resource: string): Value {
  if (initial === null) {
    throw new JoinSchedulerError(
      resource,
      'its type is not known. Give it an initialValue: a Date, or seconds since 1970.',
    )
  }
  if (initial instanceof Timestamp) return inZoneOf(instant, initial)
  const seconds = (instant.days * microsPerDay + instant.microsOfDay) / 1_000_000
  switch (kindOf(initial)) {
    case 'date':
      return instant.toDate()
    case 'bigint':
      return Math.floor(seconds)
    case 'double':
      return double(seconds)
    case 'text':
      throw new JoinSchedulerError(
        resource,
        'it is text, which is not compared with times. Yield the field as a Date, and give a Date as initialValue.',
      )
    default:
      throw new JoinSchedulerError(resource, `it is ${kindOf(initial)}, which no time can become.`)
  }
}
