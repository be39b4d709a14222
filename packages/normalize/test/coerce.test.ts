import {
  base64Text,
  type DataType,
  decodeMarkers,
  Decimal,
  double,
  HexBytes,
  kindOf,
  parseDecimal,
  parseJson,
  pythonFloatText,
  stringifyJson,
  Timestamp,
  type Value,
  Wei,
} from '@gantry/common'
import { describe, expect, it } from 'vitest'
import { applyTimezone, cannot, coerce, type Coerced, WeiOutOfRange } from '../src/coerce.ts'
import { readVectors } from '../../../test/support/vectors.mjs'

type Result = 'cannot' | { readonly text: string; readonly variant?: string }

interface CoerceCase {
  readonly from_json: string
  readonly from_type: DataType
  readonly gantry_from_type?: DataType
  readonly to_type: DataType
  readonly result?: Result
  readonly gantry?: Result
}

interface DatetimeAnswers {
  readonly to_timestamp: string
  readonly to_date: string
  readonly to_time: string
}

interface DatetimeCase extends DatetimeAnswers {
  readonly input: string
  readonly gantry?: DatetimeAnswers
}

function readCases<T>(name: string): T[] {
  return readVectors(name)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
}

function textOf(value: Value, type: DataType): string {
  if (type === 'json') return stringifyJson(value)
  if (type === 'double') return pythonFloatText(typeof value === 'number' ? value : (value as { value: number }).value)
  if (value instanceof HexBytes) return base64Text(value.bytes)
  return value instanceof Uint8Array ? base64Text(value) : String(value)
}

function resultOf(coerced: Coerced, type: DataType): Result {
  if (coerced === cannot) return 'cannot'
  if (coerced instanceof WeiOutOfRange) return { text: coerced.text, variant: 'v_str' }
  return { text: textOf(coerced, type) }
}

function coerceText(text: string, type: DataType): string {
  const coerced = coerce(text, 'text', type)
  return coerced === cannot ? 'cannot' : String(coerced)
}

describe('coercion', () => {
  it.each(readCases<CoerceCase>('coerce.jsonl'))('of $from_type $from_json to $to_type is that of dlt', (example) => {
    const value = decodeMarkers(parseJson(example.from_json))
    if (value === null) throw new Error('null is not coerced')
    const kind = kindOf(value)
    expect(kind).toBe(example.gantry_from_type ?? example.from_type)
    expect(resultOf(coerce(value, kind, example.to_type), example.to_type)).toEqual(example.gantry ?? example.result)
  })

  it.each(readCases<DatetimeCase>('datetime.jsonl'))('of text $input to temporal types is that of dlt', (example) => {
    const { to_timestamp, to_date, to_time } = { ...example, ...example.gantry }
    expect(coerceText(example.input, 'timestamp')).toBe(to_timestamp)
    expect(coerceText(example.input, 'date')).toBe(to_date)
    expect(coerceText(example.input, 'time')).toBe(to_time)
  })

  it('keeps 2^63-1 exact from text and to every exact type', () => {
    const largest = 2n ** 63n - 1n
    expect(coerce('9223372036854775807', 'text', 'bigint')).toBe(largest)
    expect(String(coerce(largest, 'bigint', 'decimal'))).toBe('9223372036854775807')
    expect(coerce(largest, 'bigint', 'text')).toBe('9223372036854775807')
    expect(coerce(new Wei(largest), 'wei', 'bigint')).toBe(largest)
    expect(coerce(parseDecimal('9223372036854775807'), 'decimal', 'bigint')).toBe(largest)
  })

  it('takes 1e30 as the integer that the double is', () => {
    expect(coerce(double(1e30), 'double', 'bigint')).toBe(1000000000000000019884624838656n)
  })

  it('fails where a number is too large for a double', () => {
    expect(coerce(`0x${'f'.repeat(400)}`, 'text', 'double')).toBe(cannot)
    expect(coerce(10n ** 400n, 'wei', 'double')).toBe(cannot)
    expect(coerce(parseDecimal('1e400'), 'decimal', 'double')).toBe(cannot)
  })

  it('keeps NaN and infinities out of integers, booleans of NaN are true', () => {
    expect(coerce(NaN, 'double', 'bigint')).toBe(cannot)
    expect(coerce(parseDecimal('Infinity'), 'decimal', 'bigint')).toBe(cannot)
    expect(coerce(NaN, 'double', 'bool')).toBe(true)
  })

  it('sends wei beyond its range to text, and NaN nowhere', () => {
    expect(coerce(Decimal.ofInteger(2n ** 256n), 'decimal', 'wei')).toEqual(new WeiOutOfRange(String(2n ** 256n)))
    expect(coerce(2n ** 256n, 'wei', 'wei')).toEqual(new WeiOutOfRange(String(2n ** 256n)))
    expect(coerce('1e999999999', 'text', 'wei')).toEqual(new WeiOutOfRange('1E+999999999'))
    expect(coerce('NaN', 'text', 'wei')).toBe(cannot)
    expect(coerce(2n ** 64n, 'wei', 'wei')).toEqual(new Wei(2n ** 64n))
  })

  it('fails softly where the shift to UTC leaves the calendar', () => {
    expect(coerce('0001-01-01T00:00:00+02:00', 'text', 'timestamp')).toBe(cannot)
    expect(coerce('9999-12-31T23:00:00-02:00', 'text', 'date')).toBe(cannot)
  })

  it('holds json numbers and markers as text', () => {
    expect(coerce(['\uf026x', double(1), 2n ** 60n], 'json', 'text')).toBe('["x",1.0,1152921504606846976]')
    expect(coerce('{"a":18446744073709551615}', 'text', 'json')).not.toBe(cannot)
    expect(coerce('null', 'text', 'json')).toBeNull()
  })
})

describe('timezone rule', () => {
  const shifted = new Timestamp(0, 7_200_000_000, 120)
  const naive = new Timestamp(0, 7_200_000_000)

  it('shifts to UTC and gives naive timestamps UTC', () => {
    expect(String(applyTimezone(shifted))).toBe('1970-01-01T00:00:00+00:00')
    expect(String(applyTimezone(naive, { timezone: true }))).toBe('1970-01-01T02:00:00+00:00')
  })

  it('makes timestamps naive in UTC where the column has no timezone', () => {
    expect(String(applyTimezone(shifted, { timezone: false }))).toBe('1970-01-01T00:00:00')
    expect(String(applyTimezone(naive, { timezone: false }))).toBe('1970-01-01T02:00:00')
  })

  it('holds for native timestamps in complete columns, where dlt 1.26.0 skips it (Q4)', () => {
    expect(String(coerce(shifted, 'timestamp', 'timestamp', {}))).toBe('1970-01-01T00:00:00+00:00')
    expect(String(coerce(shifted, 'timestamp', 'timestamp', { timezone: false }))).toBe('1970-01-01T00:00:00')
  })
})
