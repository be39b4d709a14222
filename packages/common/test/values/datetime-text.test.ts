import { describe, expect, it } from 'vitest'
import { tryDate, tryTemporal, tryTime, tryTimestamp } from '../../src/values/datetime-text.ts'
import { DateValue, Timestamp, TimeValue } from '../../src/values/temporal.ts'
import { readVectors } from '../../../../test/support/vectors.mjs'

interface DatetimeCase {
  readonly input: string
  readonly detected: string | null
  readonly departure?: string
  readonly gantry?: { readonly detected: string | null }
}

const cases = readVectors('datetime.jsonl')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as DatetimeCase)

function detected(text: string): string | null {
  const seen = tryTemporal(text)
  if (seen instanceof Timestamp) return 'timestamp'
  if (seen instanceof DateValue) return 'date'
  return seen instanceof TimeValue ? 'time' : null
}

describe('date and time text', () => {
  it.each(cases)('sees in $input what dlt sees', (example) => {
    expect(detected(example.input)).toBe((example.gantry ?? example).detected)
  })

  it('keeps the offset of a timestamp, also of half an hour', () => {
    expect(String(tryTimestamp('2022-05-10T10:00:00.123456789-03:30'))).toBe('2022-05-10T10:00:00.123456-03:30')
    expect(String(tryTimestamp('2022-05-10T10:00Z'))).toBe('2022-05-10T10:00:00+00:00')
  })

  it('keeps a timestamp without offset naive', () => {
    expect(tryTimestamp('2022-05-10 10:00:00')?.offsetMinutes).toBeUndefined()
  })

  it('applies the offset of a time across midnight', () => {
    expect(String(tryTime('00:30+01:00'))).toBe('23:30:00')
    expect(String(tryTime('23:30:00.5-01:00'))).toBe('00:30:00.500000')
  })

  it('answers only for the asked kind', () => {
    expect(tryDate('2022-05-10T10:00:00')).toBeUndefined()
    expect(tryTimestamp('2022-05-10')).toBeUndefined()
    expect(tryTime('2022-05-10T10:00:00')).toBeUndefined()
  })

  it('gives weeks their days at the ends of the calendar', () => {
    expect(String(tryDate('0001-W01-1'))).toBe('0001-01-01')
    expect(tryDate('0001-W01-0')).toBeUndefined()
    expect(String(tryDate('9999-W52-5'))).toBe('9999-12-31')
    expect(tryDate('9999-W52-6')).toBeUndefined()
  })

  it('reads lenient times with digits of other scripts', () => {
    expect(String(tryTime('٩:٣٠'))).toBe('09:30:00')
    expect(String(tryTimestamp('𝟐𝟎𝟐𝟐/𝟎𝟓/𝟏𝟎 𝟏𝟎:𝟑𝟎'))).toBe('2022-05-10T10:30:00')
  })

  it('lets the form that fits decide, even where its day does not exist', () => {
    expect(String(tryTemporal('202212:30'))).toBe('2022-12-30')
    expect(tryTemporal('202213:30')).toBeUndefined()
    expect(String(tryTemporal('202213:30:15'))).toBe('2022-01-01T13:30:15')
  })
})
