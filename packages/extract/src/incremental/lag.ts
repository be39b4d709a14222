import { DateValue, double, Double, Timestamp, tryTemporal, type Value } from '@gantry/common'
import { describe, shiftTimestamp } from './cursor-value.ts'

/**
 * A cursor value moved by a lag: timestamps by seconds, dates by days, numbers by units (an integer stays one), text as
 * the ISO date or time that it is, in its own form.
 *
 * @throws {TypeError} a value that cannot be moved
 * Follows dlt `dlt/extract/incremental/lag.py`.
 */
export function shifted(value: Value, by: number): Value {
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? Math.trunc(value + by) : double(value + by)
    case 'bigint':
      return value + BigInt(Math.trunc(by))
    case 'string':
      return shiftedText(value, by)
    default:
  }
  if (value instanceof Double) return double(value.value + by)
  if (value instanceof Timestamp) return shiftTimestamp(value, by * 1_000_000)
  if (value instanceof DateValue) return new DateValue(value.days + Math.trunc(by))
  throw notMoved(value)
}

/** Date, time as far as it is given, and zone. */
const form = /^(\d{4}-?\d{2}-?\d{2})(?:([T ])(\d{2}(?::\d{2}(?::\d{2}(?:\.(\d+))?)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/

function shiftedText(text: string, by: number): string {
  const parts = form.exec(text)
  const value = parts === null ? undefined : tryTemporal(text)
  if (parts === null || value === undefined) throw notMoved(text)
  const [, date = '', separator = '', time = '', fraction = '', zone = ''] = parts
  const [day = '', clock = ''] = String(shifted(value, by)).split('T')
  const dayText = date.includes('-') ? day : day.replaceAll('-', '')
  const timeText = clock.slice(0, Math.min(time.length, 8))
  const micros = /\.(\d+)/.exec(clock)?.[1] ?? ''
  const digits = micros.padEnd(fraction.length, '0').slice(0, fraction.length)
  return `${dayText}${separator}${timeText}${digits === '' ? '' : `.${digits}`}${zone}`
}

function notMoved(value: Value): TypeError {
  return new TypeError(
    `${describe(value)} cannot be moved by a lag: numbers, dates, timestamps, and their ISO text can`,
  )
}
