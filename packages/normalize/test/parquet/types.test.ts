import {
  DateValue,
  Decimal,
  Double,
  HexBytes,
  JsonObject,
  parseDecimal,
  parseJson,
  Timestamp,
  TimeValue,
  Wei,
  type Value,
} from '@gantry/common'
import { describe, expect, it } from 'vitest'
import {
  duckdbColumns,
  filePath,
  python,
  queryDuckdb,
  readByDuckdb,
  readByHyparquet,
  readByPyarrow,
  temporaryFolders,
  TestTable,
  type NewColumn,
} from './support.ts'

const folder = temporaryFolders()

interface Case {
  readonly column: NewColumn
  readonly duckdb: string
  readonly pyarrow: string
  /** Each value with what all readers find; hyparquet's answer is a third where it differs. */
  readonly values: readonly (readonly [
    value: Value,
    found: string | number | boolean,
    hyparquet?: string | number | boolean,
  ])[]
}

const same = (...texts: string[]): [string, string][] => texts.map((text) => [text, text])
const decimals = (...texts: [written: string, found: string][]): [Value, string, number][] =>
  texts.map(([written, found]) => [parseDecimal(written), found, asHyparquet(found)])

/** Hyparquet makes a double of the digits, then divides. */
function asHyparquet(found: string): number {
  return Number(found.replace('.', '')) / 10 ** (found.split('.')[1]?.length ?? 0)
}

const cases: Readonly<Record<string, Case>> = {
  text: {
    column: { data_type: 'text' },
    duckdb: 'VARCHAR',
    pyarrow: 'string',
    values: [
      ...same('', 'a', 'Zürich', '東京', '🦆', '\u0000', 'x'.repeat(24), 'x'.repeat(25), `${'y'.repeat(23)}é`),
      ...same('é'.repeat(600), 'z'.repeat(2000), `${'w'.repeat(100_000)}🦆`),
      ...same('naïve', '\u007f\u0080\u07ff\u0800\uffff', '\u{10000}\u{10ffff}', 'é'.repeat(24), 'ab🦆cd東ef'),
      ['lone \ud800', 'lone \ufffd'],
      ['\udc00\ud800x\ud800\ud800', '\ufffd\ufffdx\ufffd\ufffd'],
      [`${'long '.repeat(9)}\udc00`, `${'long '.repeat(9)}\ufffd`],
    ],
  },
  json: {
    column: { data_type: 'json' },
    duckdb: 'VARCHAR',
    pyarrow: 'string',
    values: [
      [JsonObject.of([['a', [1, new Double(2), 'é']]]), '{"a":[1,2.0,"é"]}'],
      [parseJson('[9007199254740993]'), '[9007199254740993]'],
      ['text', '"text"'],
      [true, 'true'],
    ],
  },
  bigint: {
    column: { data_type: 'bigint' },
    duckdb: 'BIGINT',
    pyarrow: 'int64',
    values: [
      ...[0, -0, -1, 1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, -(2 ** 31) - 1, 2 ** 32, -(2 ** 32), 2 ** 32 - 1].map(
        (value): [Value, string] => [value, BigInt(value).toString()],
      ),
      ...[2 ** 53 - 1, -(2 ** 53) + 1, -(2 ** 63), 2 ** 62].map((value): [Value, string] => [
        value,
        BigInt(value).toString(),
      ]),
      ...[2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n), 7n].map((value): [Value, string] => [
        value,
        value.toString(),
      ]),
    ],
  },
  tinyint: {
    column: { data_type: 'bigint', precision: 8 },
    duckdb: 'TINYINT',
    pyarrow: 'int8',
    values: [-128, -1, 0, 127].map((value): [Value, string] => [value, String(value)]),
  },
  smallint: {
    column: { data_type: 'bigint', precision: 16 },
    duckdb: 'SMALLINT',
    pyarrow: 'int16',
    values: [-32_768, 32_767, 5n].map((value): [Value, string] => [value, String(value)]),
  },
  int: {
    column: { data_type: 'bigint', precision: 32 },
    duckdb: 'INTEGER',
    pyarrow: 'int32',
    values: [-(2 ** 31), 2 ** 31 - 1].map((value): [Value, string] => [value, String(value)]),
  },
  double: {
    column: { data_type: 'double' },
    duckdb: 'DOUBLE',
    pyarrow: 'double',
    values: [
      ...[0.1, -1.5, Number.MAX_VALUE, Number.MIN_VALUE, Infinity, -Infinity, NaN, 3].map((value): [Value, number] => [
        value,
        value,
      ]),
      [new Double(1), 1],
      [new Double(-0), -0],
      [2n ** 60n, 2 ** 60],
    ],
  },
  bool: {
    column: { data_type: 'bool' },
    duckdb: 'BOOLEAN',
    pyarrow: 'bool',
    values: [true, false, false, true, true, true, false, true, true, false].map((value): [Value, boolean] => [
      value,
      value,
    ]),
  },
  instant: {
    column: { data_type: 'timestamp' },
    duckdb: 'TIMESTAMP WITH TIME ZONE',
    pyarrow: 'timestamp[us, tz=UTC]',
    values: [
      [new Timestamp(0, 0, 0), '0'],
      [new Timestamp(-1, 86_399_999_999, 0), '-1'],
      [new Timestamp(20_454, 3_723_000_001, 0), '1767229323000001'],
      [new Timestamp(20_454, 0, 120), '1767218400000000'],
      // The ends of the calendar are beyond 2^53 microseconds.
      [new Timestamp(2_932_896, 86_399_999_999, 0), '253402300799999999'],
      [new Timestamp(-719_162, 1, 0), '-62135596799999999'],
    ],
  },
  wallClock: {
    column: { data_type: 'timestamp', timezone: false },
    duckdb: 'TIMESTAMP',
    pyarrow: 'timestamp[us]',
    values: [[new Timestamp(20_454, 3_723_000_001), '1767229323000001']],
  },
  milliseconds: {
    column: { data_type: 'timestamp', precision: 3 },
    duckdb: 'TIMESTAMP WITH TIME ZONE',
    pyarrow: 'timestamp[us, tz=UTC]',
    values: [[new Timestamp(20_454, 3_723_000_001, 0), '1767229323000001']],
  },
  seconds: {
    column: { data_type: 'timestamp', precision: 0, timezone: false },
    duckdb: 'TIMESTAMP',
    pyarrow: 'timestamp[us]',
    values: [[new Timestamp(20_454, 3_723_000_000), '1767229323000000']],
  },
  nanoseconds: {
    column: { data_type: 'timestamp', precision: 9, timezone: false },
    duckdb: 'TIMESTAMP_NS',
    pyarrow: 'timestamp[ns]',
    values: [
      [new Timestamp(20_454, 3_723_000_001), '1767229323000001'],
      [new Timestamp(-1, 86_399_999_999), '-1'],
    ],
  },
  zonedNanoseconds: {
    column: { data_type: 'timestamp', precision: 7 },
    duckdb: 'TIMESTAMP WITH TIME ZONE',
    pyarrow: 'timestamp[ns, tz=UTC]',
    values: [[new Timestamp(20_454, 3_723_000_001, 0), '1767229323000001']],
  },
  date: {
    column: { data_type: 'date' },
    duckdb: 'DATE',
    pyarrow: 'date32[day]',
    values: [0, -1, 2_932_896, -719_162].map((days): [Value, string] => [new DateValue(days), String(days)]),
  },
  time: {
    column: { data_type: 'time' },
    duckdb: 'TIME',
    pyarrow: 'time64[us]',
    values: [0, 1, 86_399_999_999].map((micros): [Value, string] => [new TimeValue(micros), String(micros)]),
  },
  binary: {
    column: { data_type: 'binary' },
    duckdb: 'BLOB',
    pyarrow: 'binary',
    values: [
      [new Uint8Array(), ''],
      [Uint8Array.of(0, 255, 128), '00ff80'],
      [new HexBytes(Uint8Array.of(1, 2)), '0102'],
    ],
  },
  decimal: {
    column: { data_type: 'decimal' },
    duckdb: 'DECIMAL(38,9)',
    pyarrow: 'decimal128(38, 9)',
    values: decimals(
      ['0', '0.000000000'],
      ['-1.5', '-1.500000000'],
      // Half away from zero, exactly.
      ['0.0000000005', '0.000000001'],
      ['-0.0000000005', '-0.000000001'],
      ['0.00000000049999999999999999999999', '0.000000000'],
      ['99999999999999999999999999999.999999999', '99999999999999999999999999999.999999999'],
      ['-99999999999999999999999999999.999999999', '-99999999999999999999999999999.999999999'],
      ['18446744073.709551616', '18446744073.709551616'],
      ['-18446744073.709551617', '-18446744073.709551617'],
      ['1E+5', '100000.000000000'],
      ['1E-999999999', '0.000000000'],
    ),
  },
  smallDecimal: {
    column: { data_type: 'decimal', precision: 5, scale: 2 },
    duckdb: 'DECIMAL(5,2)',
    pyarrow: 'decimal128(5, 2)',
    values: decimals(['999.99', '999.99'], ['-999.994', '-999.99'], ['1.005', '1.01'], ['-1.005', '-1.01']),
  },
  middleDecimal: {
    column: { data_type: 'decimal', precision: 18, scale: 3 },
    duckdb: 'DECIMAL(18,3)',
    pyarrow: 'decimal128(18, 3)',
    values: decimals(['123456789012345.678', '123456789012345.678'], ['-0.0005', '-0.001']),
  },
  /** A precision without a scale has none. */
  wholeDecimal: {
    column: { data_type: 'decimal', precision: 20 },
    duckdb: 'DECIMAL(20,0)',
    pyarrow: 'decimal128(20, 0)',
    values: decimals(['12345678901234567890', '12345678901234567890'], ['-2.5', '-3']),
  },
  wei: {
    column: { data_type: 'wei' },
    duckdb: 'DECIMAL(38,0)',
    pyarrow: 'decimal128(38, 0)',
    values: [
      [new Wei(10n ** 38n - 1n), '99999999999999999999999999999999999999', 1e38],
      [new Wei(-(2n ** 64n)), '-18446744073709551616', -(2 ** 64)],
      [new Wei(parseDecimal('2.5')), '3', 3],
    ],
  },
}

describe('a Parquet file', () => {
  const table = new TestTable(Object.fromEntries(Object.entries(cases).map(([name, { column }]) => [name, column])))
  const rowCount = Math.max(...Object.values(cases).map(({ values }) => values.length)) + 1
  /** Each column has its values in its first rows, then nulls; every second row of all is empty. */
  const rows = Array.from({ length: rowCount }, (_, index) =>
    Object.fromEntries(Object.entries(cases).map(([name, { values }]) => [name, values[index]])),
  )
  const expected = (reader: 1 | 2): Record<string, unknown>[] =>
    rows.flatMap((row) => [
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, value === undefined ? null : (value[reader] ?? value[1])]),
      ),
      Object.fromEntries(Object.keys(cases).map((name) => [name, null])),
    ])

  function writeAll(): string {
    const path = filePath(folder())
    const writer = table.open(path)
    // The first row has all columns, so that their order is known.
    for (const row of rows) {
      table.write(writer, Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value?.[0] ?? null])))
      table.write(writer, {})
    }
    writer.close()
    return path
  }

  it('gives DuckDB every type and value, nulls among them', async () => {
    const path = writeAll()
    expect(await duckdbColumns(path)).toEqual(Object.entries(cases).map(([name, { duckdb }]) => `${name} ${duckdb}`))
    expect(await readByDuckdb(path)).toEqual(expected(1))
  })

  it('gives hyparquet the same', async () => {
    expect(await readByHyparquet(writeAll())).toEqual(expected(2))
  })

  it.skipIf(python === undefined)('gives pyarrow the same', () => {
    const found = readByPyarrow(writeAll())
    expect(found.types).toEqual(Object.fromEntries(Object.entries(cases).map(([name, { pyarrow }]) => [name, pyarrow])))
    expect(found.rows).toEqual(expected(1))
  })

  it('says what its columns mean in the old form too, who made it, and in which version', async () => {
    const path = writeAll()
    const rows_ = await queryDuckdb(
      `SELECT name, type, converted_type FROM parquet_schema('${path}') WHERE type IS NOT NULL`,
    )
    const converted = Object.fromEntries(rows_.map(([name, type, meaning]) => [name, [type, meaning]]))
    expect(converted).toMatchObject({
      text: ['BYTE_ARRAY', 'UTF8'],
      json: ['BYTE_ARRAY', 'UTF8'],
      bigint: ['INT64', null],
      tinyint: ['INT32', 'INT_8'],
      smallint: ['INT32', 'INT_16'],
      int: ['INT32', 'INT_32'],
      instant: ['INT64', 'TIMESTAMP_MICROS'],
      wallClock: ['INT64', 'TIMESTAMP_MICROS'],
      nanoseconds: ['INT64', null],
      date: ['INT32', 'DATE'],
      time: ['INT64', 'TIME_MICROS'],
      binary: ['BYTE_ARRAY', null],
      smallDecimal: ['INT32', 'DECIMAL'],
      middleDecimal: ['INT64', 'DECIMAL'],
      decimal: ['FIXED_LEN_BYTE_ARRAY', 'DECIMAL'],
    })
    expect(await queryDuckdb(`SELECT created_by, format_version FROM parquet_file_metadata('${path}')`)).toEqual([
      ['gantry', '2'],
    ])
  })
})

describe('wide decimals', () => {
  it.skipIf(python === undefined)('of up to 76 digits are what pyarrow calls decimal256', () => {
    const table = new TestTable({
      wide: { data_type: 'decimal', precision: 76, scale: 30 },
      wider: { data_type: 'decimal', precision: 100, scale: 40 },
      wei: 'wei',
    })
    const path = filePath(folder())
    const writer = table.open(path, { capabilities: { weiPrecision: [78, 0] } })
    const digits = '1234567890'.repeat(7)
    table.write(writer, {
      wide: parseDecimal(`-${digits.slice(0, 46)}.${digits.slice(0, 30)}`),
      wider: parseDecimal(`${digits.slice(0, 60)}.5`),
      wei: new Wei(2n ** 250n),
    })
    writer.close()
    expect(readByPyarrow(path)).toEqual({
      // Above 76 digits those before the point are kept.
      types: { wei: 'decimal256(76, 0)', wider: 'decimal256(76, 16)', wide: 'decimal256(76, 30)' },
      rows: [
        {
          wei: (2n ** 250n).toString(),
          wider: `${digits.slice(0, 60)}.5000000000000000`,
          wide: `-${digits.slice(0, 46)}.${digits.slice(0, 30)}`,
        },
      ],
    })
  })
})

describe('a value that its column does not hold', () => {
  it.each<[string, NewColumn, fits: Value, exceeds: Value, texts: [string, string]]>([
    ['an integer beyond 8 bits', { data_type: 'bigint', precision: 8 }, 1, 128, ['1', '128']],
    ['an integer beyond 32 bits', { data_type: 'bigint', precision: 32 }, 1, -(2n ** 40n), ['1', String(-(2n ** 40n))]],
    ['an integer beyond 64 bits', { data_type: 'bigint' }, 1, 2n ** 63n, ['1', '9223372036854775808']],
    ['a double beyond 64 bits', { data_type: 'bigint' }, 1, 2 ** 63, ['1', '9223372036854776000']],
    [
      'a decimal with too many digits',
      { data_type: 'decimal', precision: 5, scale: 2 },
      parseDecimal('12.50'),
      parseDecimal('999.995'),
      ['12.50', '999.995'],
    ],
    [
      'a decimal of a million digits',
      { data_type: 'decimal' },
      parseDecimal('1'),
      parseDecimal('1E+1000000'),
      ['1', '1E+1000000'],
    ],
    ['no number', { data_type: 'decimal' }, parseDecimal('1'), new Decimal(false, 0n, 0, 'NaN'), ['1', 'NaN']],
    [
      'an instant beyond nanoseconds',
      { data_type: 'timestamp', precision: 9 },
      new Timestamp(0, 1, 0),
      new Timestamp(200_000, 0, 0),
      ['1970-01-01T00:00:00.000001+00:00', '2517-08-01T00:00:00+00:00'],
    ],
  ])('begins a file that has the column as text: %s', async (_, column, fits, exceeds, texts) => {
    const table = new TestTable({ c: column })
    const [first, second] = [filePath(folder()), filePath(folder())]
    const [before, after] = [table.open(first), table.open(second)]
    expect(table.write(before, { c: fits })).toBe(true)
    expect(table.write(before, { c: exceeds })).toBe(false)
    for (const value of [exceeds, fits]) expect(table.write(after, { c: value })).toBe(true)
    expect([before.close().rows, after.close().rows]).toEqual([1, 2])
    expect(await duckdbColumns(second)).toEqual(['c VARCHAR'])
    expect(await readByDuckdb(second)).toEqual([{ c: texts[1] }, { c: texts[0] }])
  })
})
