/*
 * Instants, days and times of day, exact to the microsecond, in the years 1 to 9999. They are held as whole days since
 * 1970-01-01 and microseconds of a day: two plain numbers, because a count of microseconds needs 58 bits.
 */

export const microsPerDay = 86_400_000_000
const microsPerSecond = 1_000_000
const microsPerMinute = 60_000_000

/** Days since 1970-01-01 of 0001-01-01 and 9999-12-31. */
export const minDays = -719_162
export const maxDays = 2_932_896

/** `00` to `99`. */
const two: readonly string[] = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'))

/** A day of the proleptic Gregorian calendar. Text `YYYY-MM-DD`. */
export class DateValue {
  /** Days since 1970-01-01, `minDays` to `maxDays`. */
  readonly days: number

  constructor(days: number) {
    this.days = days
  }

  toString(): string {
    return dateText(this.days)
  }
}

/** A time of day without zone. Text `HH:MM:SS[.ffffff]`. */
export class TimeValue {
  /** Microseconds since midnight, below {@link microsPerDay}. */
  readonly microsOfDay: number

  constructor(microsOfDay: number) {
    this.microsOfDay = microsOfDay
  }

  toString(): string {
    return timeText(this.microsOfDay)
  }
}

/**
 * A wall-clock reading: naive, or with the offset in which it was given. Text `YYYY-MM-DDTHH:MM:SS[.ffffff][±HH:MM]`;
 * the fraction appears only if it is not zero and then has 6 digits, UTC prints `+00:00`.
 */
export class Timestamp {
  /** Wall-clock day, as days since 1970-01-01. */
  readonly days: number
  /** Wall-clock time, as microseconds since midnight. */
  readonly microsOfDay: number
  /** Minutes that the wall clock is ahead of UTC, within ±1439; undefined for a naive timestamp. */
  readonly offsetMinutes: number | undefined

  constructor(days: number, microsOfDay: number, offsetMinutes?: number) {
    this.days = days
    this.microsOfDay = microsOfDay
    this.offsetMinutes = offsetMinutes
  }

  /**
   * The same instant on the UTC clock, with offset 0; a naive timestamp is taken to be in UTC already. Undefined where
   * that instant is outside the years 1 to 9999.
   */
  tryUtc(): Timestamp | undefined {
    const offset = this.offsetMinutes
    if (offset === 0) return this
    if (offset === undefined) return new Timestamp(this.days, this.microsOfDay, 0)
    let days = this.days
    let micros = this.microsOfDay - offset * microsPerMinute
    if (micros < 0) {
      micros += microsPerDay
      days--
    } else if (micros >= microsPerDay) {
      micros -= microsPerDay
      days++
    }
    return days < minDays || days > maxDays ? undefined : new Timestamp(days, micros, 0)
  }

  /** The same wall-clock reading without an offset. */
  toNaive(): Timestamp {
    return this.offsetMinutes === undefined ? this : new Timestamp(this.days, this.microsOfDay)
  }

  /** The wall-clock day. */
  toDate(): DateValue {
    return new DateValue(this.days)
  }

  toString(): string {
    const text = `${dateText(this.days)}T${timeText(this.microsOfDay)}`
    const offset = this.offsetMinutes
    if (offset === undefined) return text
    if (offset === 0) return `${text}+00:00`
    const size = Math.abs(offset)
    return `${text}${offset < 0 ? '-' : '+'}${two[Math.floor(size / 60)]}:${two[size % 60]}`
  }
}

/**
 * The UTC timestamp of a count of seconds since 1970, rounded half to even to the microsecond as Python does. Undefined
 * for NaN and for instants outside the years 1 to 9999 (epoch milliseconds of today are among them).
 */
export function tryTimestampOfUnixSeconds(seconds: number): Timestamp | undefined {
  // Cheap bound first; it also keeps NaN and what is no exact whole second out of the arithmetic below.
  if (!(Math.abs(seconds) < 1e12)) return undefined
  let whole = Math.trunc(seconds)
  // Like CPython, the fraction is rounded alone, which is exact where the sum in microseconds would not be.
  let micros = roundHalfEven((seconds - whole) * microsPerSecond)
  if (micros < 0) {
    micros += microsPerSecond
    whole--
  } else if (micros >= microsPerSecond) {
    micros -= microsPerSecond
    whole++
  }
  const days = Math.floor(whole / 86_400)
  if (days < minDays || days > maxDays) return undefined
  return new Timestamp(days, (whole - days * 86_400) * microsPerSecond + micros, 0)
}

/** The UTC timestamp of a JavaScript date; undefined for an invalid one and outside the years 1 to 9999. */
export function tryTimestampOfJsDate(date: Date): Timestamp | undefined {
  const millis = date.getTime()
  const days = Math.floor(millis / 86_400_000)
  // An invalid date has NaN here, for which both comparisons are false.
  return days >= minDays && days <= maxDays ? new Timestamp(days, (millis - days * 86_400_000) * 1000, 0) : undefined
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest === 0.5) return floor % 2 === 0 ? floor : floor + 1
  return rest < 0.5 ? floor : floor + 1
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

const monthDays: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Number of days of a month, 0 for a month that does not exist. */
export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (monthDays[month - 1] ?? 0)
}

/** Days since 1970-01-01 of a calendar day; the caller has made sure that it exists. */
export function daysOfCivil(year: number, month: number, day: number): number {
  // Counted in years that begin in March, so that the leap day comes last (H. Hinnant, chrono-compatible algorithms).
  const marchYear = month <= 2 ? year - 1 : year
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1
  return (
    marchYear * 365 +
    Math.floor(marchYear / 4) -
    Math.floor(marchYear / 100) +
    Math.floor(marchYear / 400) +
    dayOfYear -
    719_468
  )
}

/**
 * The days whose text was asked for last, by their lower bits: rows of one table mostly lie within a few years, and
 * working out a day takes longer than writing the rest of a timestamp.
 */
const rememberedDays = 2048
const recentDays = new Int32Array(rememberedDays).fill(minDays - 1)
const recentTexts: string[] = Array.from({ length: rememberedDays }, () => '')

/** Text `YYYY-MM-DD` of a day since 1970-01-01. */
function dateText(days: number): string {
  const slot = days & (rememberedDays - 1)
  if (recentDays[slot] === days) return recentTexts[slot] as string
  const text = civilText(days)
  recentDays[slot] = days
  recentTexts[slot] = text
  return text
}

function civilText(days: number): string {
  const shifted = days + 719_468
  const era = (shifted / 146_097) | 0
  const dayOfEra = shifted - era * 146_097
  const yearOfEra =
    ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) / 365) | 0
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0))
  const marchMonth = ((5 * dayOfYear + 2) / 153) | 0
  const day = dayOfYear - (((153 * marchMonth + 2) / 5) | 0) + 1
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${two[(year / 100) | 0]}${two[year % 100]}-${two[month]}-${two[day]}`
}

function timeText(microsOfDay: number): string {
  const seconds = Math.floor(microsOfDay / microsPerSecond)
  const micros = microsOfDay - seconds * microsPerSecond
  const minutes = (seconds / 60) | 0
  const text = `${two[(minutes / 60) | 0]}:${two[minutes % 60]}:${two[seconds - minutes * 60]}`
  if (micros === 0) return text
  return `${text}.${two[(micros / 10_000) | 0]}${two[((micros / 100) | 0) % 100]}${two[micros % 100]}`
}
