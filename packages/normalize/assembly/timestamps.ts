import { COLON, MINUS, PLUS, POINT, QUOTE, digit } from './chars'
import { putPair } from './numbers'

const MICROS_PER_SECOND: i64 = 1_000_000
const MICROS_PER_MINUTE: i64 = 60_000_000
const MICROS_PER_DAY: i64 = 86_400_000_000
const DAYS_TO_YEAR_2: i32 = -718_797
const DAYS_TO_YEAR_9999: i32 = 2_932_532

/** Microseconds since 1970 in UTC of the timestamp that was read last, and the days of the date. */
export let micros: i64 = 0
export let days: i32 = 0

/**
 * The closing quote of the timestamp at `at`, in the one form `YYYY-MM-DDTHH:MM:SS[.f][Z|±HH:MM]` (or a space for the T);
 * without a zone it is in UTC. Digits beyond the sixth of a fraction are cut. 0 for any other text, which the host may
 * still know to read.
 */
export function timestampEnd(at: usize): usize {
  if (dateEnd(at) == 0) return 0
  const hour = pair(at + 11)
  const minute = pair(at + 14)
  const second = pair(at + 17)
  const separator = load<u8>(at, 10)
  // Each pair that is none is far above its bound.
  if (
    hour > 23 ||
    minute > 59 ||
    second > 59 ||
    (separator != 0x54 && separator != 0x20) ||
    load<u8>(at, 13) != COLON ||
    load<u8>(at, 16) != COLON
  ) {
    return 0
  }
  let value = <i64>days * MICROS_PER_DAY
  value += <i64>((hour * 60 + minute) * 60 + second) * MICROS_PER_SECOND
  at += 19
  if (load<u8>(at) == POINT) {
    const first = ++at
    let fraction: u32 = 0
    let next = digit(at)
    while (next <= 9) {
      if (at - first < 6) fraction = fraction * 10 + next
      next = digit(++at)
    }
    if (at == first) return 0
    for (let digits = at - first; digits < 6; digits++) fraction *= 10
    value += fraction
  }
  const zone = load<u8>(at)
  if (zone == 0x5a) at++
  else if (zone == PLUS || zone == MINUS) {
    const hours = pair(at + 1)
    const minutes = pair(at + 4)
    // Near the ends of the calendar the instant could fall off it.
    if (hours > 23 || minutes > 59 || load<u8>(at, 3) != COLON || isNearEnd(days)) return 0
    const offset = <i64>(hours * 60 + minutes) * MICROS_PER_MINUTE
    value += zone == PLUS ? -offset : offset
    at += 6
  }
  if (load<u8>(at) != QUOTE) return 0
  micros = value
  return at
}

/** Behind the date at `at`, in the one form `YYYY-MM-DD`; 0 for any other text. */
export function dateEnd(at: usize): usize {
  const year = pair(at) * 100 + pair(at + 2)
  const month = pair(at + 5)
  const day = pair(at + 8)
  if (
    year - 1 > 9998 ||
    month - 1 > 11 ||
    day - 1 > 30 ||
    load<u8>(at, 4) != MINUS ||
    load<u8>(at, 7) != MINUS ||
    (day > 28 && day > daysInMonth(year, month))
  ) {
    return 0
  }
  days = daysOfCivil(year, month, day)
  return at + 10
}

/** In the first or the last year. */
function isNearEnd(day: i32): bool {
  return day < DAYS_TO_YEAR_2 || day >= DAYS_TO_YEAR_9999
}

/** Two digits, or a number above all of them. */
function pair(at: usize): u32 {
  const tens = digit(at)
  const ones = digit(at + 1)
  return tens > 9 || ones > 9 ? 1_000_000 : tens * 10 + ones
}

function daysInMonth(year: u32, month: u32): u32 {
  if (month != 2) return 30 + ((month + (month >> 3)) & 1)
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
}

/** Days since 1970-01-01, counted in years that begin in March (H. Hinnant, chrono-compatible algorithms). */
function daysOfCivil(year: u32, month: u32, day: u32): i32 {
  const marchYear = month <= 2 ? year - 1 : year
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return <i32>(marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear) - 719_468
}

/** The day whose text was written last, and that text. */
let lastDay: i32 = i32.MIN_VALUE
const lastText = memory.data(16)

/** Writes `YYYY-MM-DD`, the separator, `HH:MM:SS` and, where it is not zero, the fraction. @returns behind it */
export function putTimestamp(value: i64, separator: u8, out: usize): usize {
  let day = <i32>(value / MICROS_PER_DAY)
  let rest = value % MICROS_PER_DAY
  if (rest < 0) {
    rest += MICROS_PER_DAY
    day--
  }
  if (day != lastDay) putDay(day)
  v128.store(out, v128.load(lastText))
  store<u8>(out, separator, 10)
  const seconds = <u32>(rest / MICROS_PER_SECOND)
  const fraction = <u32>(rest - <i64>seconds * MICROS_PER_SECOND)
  const minutes = seconds / 60
  putPair(minutes / 60, out + 11)
  store<u8>(out, COLON, 13)
  putPair(minutes % 60, out + 14)
  store<u8>(out, COLON, 16)
  putPair(seconds % 60, out + 17)
  if (fraction == 0) return out + 19
  store<u8>(out, POINT, 19)
  putPair(fraction / 10_000, out + 20)
  putPair((fraction / 100) % 100, out + 22)
  putPair(fraction % 100, out + 24)
  return out + 26
}

function putDay(day: i32): void {
  lastDay = day
  const shifted = <u32>(day + 719_468)
  const era = shifted / 146_097
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - yearOfEra / 100)
  const marchMonth = (5 * dayOfYear + 2) / 153
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  putPair(year / 100, lastText)
  putPair(year % 100, lastText + 2)
  store<u8>(lastText, MINUS, 4)
  putPair(month, lastText + 5)
  store<u8>(lastText, MINUS, 7)
  putPair(dayOfYear - (153 * marchMonth + 2) / 5 + 1, lastText + 8)
}
