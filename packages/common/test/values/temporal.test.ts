import { describe, expect, it } from 'vitest'
import {
  DateValue,
  daysOfCivil,
  Timestamp,
  TimeValue,
  tryTimestampOfJsDate,
  tryTimestampOfUnixSeconds,
} from '../../src/values/temporal.ts'

describe('temporal values', () => {
  it('prints every day of the calendar as JavaScript does', () => {
    for (let days = -719_162; days <= 2_932_896; days += 61) {
      expect(String(new DateValue(days))).toBe(new Date(days * 86_400_000).toISOString().slice(0, 10))
    }
    expect(String(new DateValue(2_932_896))).toBe('9999-12-31')
  })

  it('counts days as JavaScript does', () => {
    expect(daysOfCivil(1, 1, 1)).toBe(-719_162)
    for (const [year, month, day] of [
      [1900, 3, 1],
      [2000, 2, 29],
      [2024, 12, 31],
      [1969, 7, 20],
    ] as const) {
      expect(daysOfCivil(year, month, day)).toBe(Date.UTC(year, month - 1, day) / 86_400_000)
    }
  })

  it('prints a fraction of six digits only where there is one', () => {
    expect(String(new TimeValue(0))).toBe('00:00:00')
    expect(String(new TimeValue(86_399_999_999))).toBe('23:59:59.999999')
    expect(String(new TimeValue(10))).toBe('00:00:00.000010')
  })

  it('prints the offset with its sign', () => {
    expect(String(new Timestamp(0, 0))).toBe('1970-01-01T00:00:00')
    expect(String(new Timestamp(0, 0, 0))).toBe('1970-01-01T00:00:00+00:00')
    expect(String(new Timestamp(0, 0, -210))).toBe('1970-01-01T00:00:00-03:30')
  })

  it('shifts to UTC across midnight, and not out of the calendar', () => {
    expect(String(new Timestamp(0, 0, 60).tryUtc())).toBe('1969-12-31T23:00:00+00:00')
    expect(String(new Timestamp(0, 86_399_000_000, -60).tryUtc())).toBe('1970-01-02T00:59:59+00:00')
    expect(new Timestamp(-719_162, 0, 60).tryUtc()).toBeUndefined()
    expect(new Timestamp(2_932_896, 86_399_000_000, -60).tryUtc()).toBeUndefined()
  })

  it('rounds Unix seconds half to even', () => {
    expect(String(tryTimestampOfUnixSeconds(0.0000005))).toBe('1970-01-01T00:00:00+00:00')
    expect(String(tryTimestampOfUnixSeconds(1.5))).toBe('1970-01-01T00:00:01.500000+00:00')
    expect(String(tryTimestampOfUnixSeconds(-0.25))).toBe('1969-12-31T23:59:59.750000+00:00')
    expect(String(tryTimestampOfUnixSeconds(0.9999999))).toBe('1970-01-01T00:00:01+00:00')
  })

  it('has no timestamp for seconds outside the years 1 to 9999', () => {
    for (const seconds of [253_402_300_800, -62_135_596_801, 1.6e12, 1e300, NaN, Infinity]) {
      expect(tryTimestampOfUnixSeconds(seconds)).toBeUndefined()
    }
  })

  it('takes the milliseconds of a JavaScript date', () => {
    expect(String(tryTimestampOfJsDate(new Date('1969-12-31T23:59:59.999Z')))).toBe('1969-12-31T23:59:59.999000+00:00')
    expect(tryTimestampOfJsDate(new Date(NaN))).toBeUndefined()
    expect(tryTimestampOfJsDate(new Date('+010000-01-01T00:00:00Z'))).toBeUndefined()
  })
})
