import { asciiDigits, digitValue } from './number-text.ts'
import {
  DateValue,
  daysInMonth,
  daysOfCivil,
  isLeapYear,
  maxDays,
  microsPerDay,
  minDays,
  Timestamp,
  TimeValue,
} from './temporal.ts'

/*
 * Date and time strings as dlt reads them (`pendulum`, strict first, then its lenient form). Two readers in turn:
 *
 * A, ISO 8601 in ASCII digits: `YYYY-MM-DD`, `YYYY-MM`, `YYYY-DDD`, `YYYY-Www[-D]`, basic `YYYYMMDD`, `YYYYDDD`,
 *   `YYYYWww[D]`, or `YYYY`; after `T` or one space a time in the style of the date (a basic date may also have
 *   `HH:MM`), with fraction only after seconds, and a zone. Times alone: `HH:MM[:SS[.f]]`, or after a `T` basic ones.
 * B, lenient, digits of any script, no zone: `YYYY[sMMsDD]` with s one of `/`, `:` or nothing; then, after an optional
 *   space, `H[H]:M[M][:S[S]]` with a fraction after `.`, `,` or `|`. Either part may be missing.
 *
 * Gantry departs in one point (quirk ledger Q1): an offset of 24 hours is no date, where dlt detects what it cannot use.
 * Readers pass positions, not substrings, because each string of a new column goes through here.
 */

const microsPerMinute = 60_000_000

/** Where the last part that was read ended; valid until the next read. Saves an object for each part. */
let end = 0

/**
 * What `text` is when read as a date or time: a datetime (naive or with its offset), a date alone, or a time alone (an
 * offset is applied, then dropped). Undefined for any other text; blanks around are not allowed.
 */
export function tryTemporal(text: string): Timestamp | DateValue | TimeValue | undefined {
  if (text.length < 3) return undefined
  const first = text.charCodeAt(0)
  // Nearly all words end here: only an ASCII digit, a `T` or a digit of another script can begin a date.
  if (first > 0x39) {
    if (first !== 0x54 && (first < 0x660 || digitValue(text.codePointAt(0) as number) < 0)) return undefined
  } else if (first < 0x30 || !beginsLikeDate(text)) return undefined
  return readCommon(text) ?? readIso(text) ?? readLenient(text)
}

/** False for most text that begins with a digit: a year has four, an hour one or two before its colon. */
function beginsLikeDate(text: string): boolean {
  for (let at = 1; at < 4; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x3a && at < 3) return true
    // Digits of other scripts are left to the readers; the end of the text is NaN, which is not a digit either.
    if (!(code >= 0x30 && (code <= 0x39 || code >= 0x660))) return false
  }
  return true
}

/** The timestamp that `text` is, see {@link tryTemporal}; undefined also for a date alone or a time alone. */
export function tryTimestamp(text: string): Timestamp | undefined {
  const seen = tryTemporal(text)
  return seen instanceof Timestamp ? seen : undefined
}

/** The date that `text` is, see {@link tryTemporal}; undefined also for a datetime. */
export function tryDate(text: string): DateValue | undefined {
  const seen = tryTemporal(text)
  return seen instanceof DateValue ? seen : undefined
}

/** The time of day that `text` is, see {@link tryTemporal}; undefined also for a datetime. */
export function tryTime(text: string): TimeValue | undefined {
  const seen = tryTemporal(text)
  return seen instanceof TimeValue ? seen : undefined
}

/** Returned by part readers for text which they reject; no part has a value like it. */
const rejected = -1e9
const noZone = 1e9

type TimeStyle = 'extended' | 'basic'

/**
 * The form that nearly all timestamps have, `YYYY-MM-DDTHH:MM:SS[.f][zone]`, without the search for the others. Undefined
 * says nothing: the text goes on to the full readers.
 */
function readCommon(text: string): Timestamp | undefined {
  if (text.length < 19 || text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return undefined
  if (text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a) return undefined
  const separator = text.charCodeAt(10)
  if (separator !== 0x54 && separator !== 0x20) return undefined
  const century = pair(text, 0)
  const month = pair(text, 5)
  const day = pair(text, 8)
  const hour = pair(text, 11)
  const minute = pair(text, 14)
  const second = pair(text, 17)
  const year = century * 100 + pair(text, 2)
  // Each pair that is none is far above its bound.
  if (year < 1 || year > 9999 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined
  if (day > 28 && day > daysInMonth(year, month)) return undefined
  if (month < 1) return undefined
  let micros = ((hour * 60 + minute) * 60 + second) * 1_000_000
  let at = 19
  if (text.charCodeAt(19) === 0x2e) {
    end = 19
    const fraction = readFraction(text)
    if (fraction === rejected) return undefined
    micros += fraction
    at = end
  }
  const days = daysOfCivil(year, month, day)
  if (at === text.length) return new Timestamp(days, micros)
  const offset = readZone(text, at)
  return offset === rejected ? undefined : new Timestamp(days, micros, offset)
}

/** Two ASCII digits, or a number above all of them. The caller knows that both characters are there. */
function pair(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30
  const ones = text.charCodeAt(at + 1) - 0x30
  // Unsigned, what is below `0` is large.
  return tens >>> 0 > 9 || ones >>> 0 > 9 ? 1_000_000 : tens * 10 + ones
}

function readIso(text: string): Timestamp | DateValue | TimeValue | undefined {
  if (text.charCodeAt(0) === 0x54) return readTimeAlone(text, 1, 'basic')
  if (text.charCodeAt(2) === 0x3a) return readTimeAlone(text, 0, 'extended')
  const style = text.charCodeAt(4) === 0x2d ? 'extended' : 'basic'
  const days = style === 'extended' ? readExtendedDate(text) : readBasicDate(text)
  if (days === rejected) return undefined
  if (end === text.length) return new DateValue(days)
  const separator = text.charCodeAt(end)
  // A year alone takes no time.
  if ((separator !== 0x54 && separator !== 0x20) || end === 4) return undefined
  const micros = readTime(text, end + 1, style)
  if (micros === rejected) return undefined
  const offset = readZone(text, end)
  if (offset === rejected) return undefined
  return offset === noZone ? new Timestamp(days, micros) : new Timestamp(days, micros, offset)
}

function readTimeAlone(text: string, at: number, style: TimeStyle): TimeValue | undefined {
  const micros = readTime(text, at, style)
  if (micros === rejected) return undefined
  const offset = readZone(text, end)
  if (offset === rejected) return undefined
  if (offset === noZone) return new TimeValue(micros)
  return new TimeValue((micros - offset * microsPerMinute + microsPerDay * 2) % microsPerDay)
}

/** Days of `YYYY-MM-DD`, `YYYY-MM`, `YYYY-DDD` or `YYYY-Www[-D]`. */
function readExtendedDate(text: string): number {
  const year = fourDigits(text, 0)
  if (text.charCodeAt(5) === 0x57) {
    const week = twoDigits(text, 6)
    end = 8
    if (text.charCodeAt(8) !== 0x2d) return daysOfWeek(year, week, 1)
    end = 10
    return daysOfWeek(year, week, digit(text, 9))
  }
  const month = twoDigits(text, 5)
  const third = digit(text, 7)
  if (third >= 0) {
    end = 8
    return daysOfOrdinal(year, month < 0 ? -1 : month * 10 + third)
  }
  if (text.charCodeAt(7) !== 0x2d) {
    end = 7
    return daysOfDate(year, month, 1)
  }
  end = 10
  return daysOfDate(year, month, twoDigits(text, 8))
}

/** Days of `YYYYMMDD`, `YYYYDDD`, `YYYYWww[D]` or `YYYY`. */
function readBasicDate(text: string): number {
  const year = fourDigits(text, 0)
  if (text.length === 4) {
    end = 4
    return daysOfDate(year, 1, 1)
  }
  if (text.charCodeAt(4) === 0x57) {
    const weekDay = digit(text, 7)
    end = weekDay < 0 ? 7 : 8
    return daysOfWeek(year, twoDigits(text, 5), weekDay < 0 ? 1 : weekDay)
  }
  const month = twoDigits(text, 4)
  const day = twoDigits(text, 6)
  if (day >= 0) {
    end = 8
    return daysOfDate(year, month, day)
  }
  const third = digit(text, 6)
  end = 7
  return daysOfOrdinal(year, month < 0 || third < 0 ? -1 : month * 10 + third)
}

function daysOfDate(year: number, month: number, day: number): number {
  return year < 1 || day < 1 || day > daysInMonth(year, month) ? rejected : daysOfCivil(year, month, day)
}

function daysOfOrdinal(year: number, dayOfYear: number): number {
  if (year < 1 || dayOfYear < 1 || dayOfYear > (isLeapYear(year) ? 366 : 365)) return rejected
  return daysOfCivil(year, 1, 1) + dayOfYear - 1
}

/** Weeks run from 00, the one before week 01, and week days from 0, the day before Monday; that is how pendulum reads. */
function daysOfWeek(year: number, week: number, weekDay: number): number {
  if (year < 1 || week < 0 || weekDay < 0 || weekDay > 7) return rejected
  const januaryFourth = daysOfCivil(year, 1, 4)
  // 1970-01-01 was a Thursday; Monday is 0 here.
  const firstMonday = januaryFourth - mod7(januaryFourth + 3)
  if (week > 52) {
    const nextFourth = daysOfCivil(year + 1, 1, 4)
    const weeks = (nextFourth - mod7(nextFourth + 3) - firstMonday) / 7
    if (week > weeks) return rejected
  }
  const days = firstMonday + (week - 1) * 7 + weekDay - 1
  return days < minDays || days > maxDays ? rejected : days
}

function mod7(days: number): number {
  return ((days % 7) + 7) % 7
}

/** Microseconds of the time at `at`: `HH[:MM[:SS[.f]]]`, or basic `HH[MM[SS[.f]]]` and `HH:MM`. */
function readTime(text: string, at: number, style: TimeStyle): number {
  const hour = twoDigits(text, at)
  end = at + 2
  if (hour < 0 || hour > 23) return rejected
  let minute = 0
  let second = 0
  let micros = 0
  const colon = text.charCodeAt(end) === 0x3a
  if (colon || (style === 'basic' && digit(text, end) >= 0)) {
    if (colon) end++
    minute = twoDigits(text, end)
    end += 2
    const colonAgain = text.charCodeAt(end) === 0x3a
    if (style === 'extended' ? colonAgain : !colon && digit(text, end) >= 0) {
      if (colonAgain) end++
      second = twoDigits(text, end)
      end += 2
      const mark = text.charCodeAt(end)
      if (mark === 0x2e || mark === 0x2c) micros = readFraction(text)
    }
  }
  if (minute < 0 || minute > 59 || second < 0 || second > 59 || micros < 0) return rejected
  return ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros
}

/** Microseconds of the digits after the mark at `end`; further digits than six are cut. */
function readFraction(text: string): number {
  const start = end + 1
  let at = start
  let micros = 0
  for (; at < text.length; at++) {
    const value = text.charCodeAt(at) - 0x30
    if (value < 0 || value > 9) break
    if (at - start < 6) micros = micros * 10 + value
  }
  end = at
  return at === start ? rejected : micros * (tenTo[6 - (at - start)] ?? 1)
}

const tenTo: readonly number[] = [1, 10, 100, 1000, 10_000, 100_000]

/**
 * Offset in minutes of the zone which is all that is left of the text: nothing, `Z`, `±HH`, `±HHMM`, `±HH:MM`;
 * also `±HH:`, which pendulum takes.
 */
function readZone(text: string, at: number): number {
  const left = text.length - at
  if (left === 0) return noZone
  const mark = text.charCodeAt(at)
  if (mark === 0x5a) return left === 1 ? 0 : rejected
  if (mark !== 0x2b && mark !== 0x2d) return rejected
  const hours = twoDigits(text, at + 1)
  let minutes = 0
  if (left === 6 && text.charCodeAt(at + 3) === 0x3a) minutes = twoDigits(text, at + 4)
  else if (left === 5) minutes = twoDigits(text, at + 3)
  else if (left !== 3 && !(left === 4 && text.charCodeAt(at + 3) === 0x3a)) return rejected
  if (hours < 0 || minutes < 0) return rejected
  // Minutes beyond 59 count on. 24 hours and more are rejected: dlt takes just 24 hours here and fails later (Q1).
  const offset = hours * 60 + minutes
  if (offset >= 1440) return rejected
  return mark === 0x2d ? 0 - offset : offset
}

/** Digit value of the ASCII digit at `at`, -1 for another character and behind the end. */
function digit(text: string, at: number): number {
  if (at >= text.length) return -1
  const value = text.charCodeAt(at) - 0x30
  return value >= 0 && value <= 9 ? value : -1
}

function twoDigits(text: string, at: number): number {
  const tens = digit(text, at)
  const ones = digit(text, at + 1)
  return tens < 0 || ones < 0 ? -1 : tens * 10 + ones
}

function fourDigits(text: string, at: number): number {
  const high = twoDigits(text, at)
  const low = twoDigits(text, at + 2)
  return high < 0 || low < 0 ? -1 : high * 100 + low
}

/** Longest lenient text: `YYYY/MM/DD HH:MM:SS.fffffffff`. */
const maxLenientLength = 29

function readLenient(text: string): Timestamp | DateValue | TimeValue | undefined {
  // A digit beyond the basic plane takes two code units.
  if (text.length > maxLenientLength * 2) return undefined
  const form = asciiDigits(text)
  if (form.length > maxLenientLength) return undefined
  const year = fourDigits(form, 0)
  if (year < 0) return lenientValue(noDate, readLenientTime(form, 0))
  const month = readPart(form, 4)
  const day = month < 0 ? -1 : readPart(form, end)
  if (day >= 0) {
    const micros = readLenientTime(form, end)
    // Where the form fits, it decides, even if there is no such day: `202213:30` is not half past one in the afternoon.
    if (micros !== rejected) return lenientValue(daysOfDate(year, month, day), micros)
  }
  return lenientValue(daysOfDate(year, 1, 1), readLenientTime(form, 4))
}

const noDate = 1e9
const noTime = 1e15

function lenientValue(days: number, micros: number): Timestamp | DateValue | TimeValue | undefined {
  if (days === rejected || micros === rejected) return undefined
  if (micros === noTime) return days === noDate ? undefined : new DateValue(days)
  return days === noDate ? new TimeValue(micros) : new Timestamp(days, micros)
}

/** Two digits after an optional `/` or `:`. */
function readPart(form: string, at: number): number {
  const mark = form.charCodeAt(at)
  const start = mark === 0x2f || mark === 0x3a ? at + 1 : at
  end = start + 2
  return twoDigits(form, start)
}

/** Microseconds of the time which is all that is left of the text, after an optional space; `noTime` where none is. */
function readLenientTime(form: string, at: number): number {
  if (at === form.length) return noTime
  end = form.charCodeAt(at) === 0x20 ? at + 1 : at
  const hour = readOneOrTwo(form)
  if (form.charCodeAt(end) !== 0x3a) return rejected
  end++
  const minute = readOneOrTwo(form)
  let second = 0
  if (form.charCodeAt(end) === 0x3a) {
    end++
    second = readOneOrTwo(form)
  }
  let micros = 0
  const mark = form.charCodeAt(end)
  if (mark === 0x2e || mark === 0x2c || mark === 0x7c) {
    const start = end
    micros = readFraction(form)
    if (end - start > 10) return rejected
  }
  if (end !== form.length || hour < 0 || hour > 23 || minute < 0 || minute > 59) return rejected
  if (second < 0 || second > 59 || micros < 0) return rejected
  return ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros
}

function readOneOrTwo(form: string): number {
  const first = digit(form, end)
  if (first < 0) return -1
  const second = digit(form, end + 1)
  end += second < 0 ? 1 : 2
  return second < 0 ? first : first * 10 + second
}
