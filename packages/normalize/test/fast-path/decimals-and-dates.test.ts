import { updateTable, type Column, type Schema } from '@gantry/common'
import { describe, expect, it } from 'vitest'
import { randomOf } from '../../../../bench/data.mjs'
import { comparePaths } from './compare-paths.ts'
import { firstSeed } from './documents.ts'
import { outputs, plainSchema } from './outcome.ts'

const decimalMark = '\uf026'
const dateMark = '\uf028'

const decimals = [
  '0',
  '1',
  '-1',
  '7.25',
  '1.50',
  '-0.01',
  '100',
  '999999999.999999999',
  '-999999999.999999999',
  '0.5',
  '1000000000',
  '123456789.1',
  '0.000001',
  '0.123456789',
  '42.0',
]
/** Of other forms, or beyond what most columns hold; some are no decimals. */
const oddDecimals = [
  '0.0000001',
  '0.0000000',
  '0.000000',
  '-0',
  '-0.00',
  '00.5',
  '1e5',
  '1E+3',
  '1.5e-3',
  '.5',
  '5.',
  '+1',
  ' 1 ',
  '1_000',
  'NaN',
  '-Infinity',
  '1234567890.5',
  '0.1234567891',
  '0.12345678901234567',
  '123456789012345678',
  '12345678901234567890',
  '1234567890123456789012345678.9',
  '9'.repeat(60),
  '1,5',
  'x',
  '',
  '1.2.3',
  '--1',
  '0x10',
  '١٢',
]
const dates = ['2024-05-01', '1969-12-31', '1970-01-01', '2024-02-29', '0001-01-01', '9999-12-31', '2000-02-29']
const oddDates = [
  '2023-02-29',
  '1900-02-29',
  '0000-01-01',
  '2024-13-01',
  '2024-00-10',
  '2024-01-00',
  '2024-04-31',
  '2024-5-1',
  '20240501',
  '2024-05-01T00:00:00Z',
  '2024-05-01 ',
  '2024-05-0',
  '2024-05-011',
  '-024-05-01',
  '2024-W18-3',
  '10:00:00',
  'x',
  '',
]

const quoted = (mark: string, text: string): string => JSON.stringify(mark + text)
const rowsOf = (values: readonly string[]): string[] => values.map((value, id) => `{"id":${id},"v":${value}}`)
/** Often enough that a column is known, and a row that goes the other way is seldom. */
const often = (values: readonly string[]): string[] => Array.from({ length: 20 }, () => values).flat()

function withColumn(column: Omit<Column, 'name'>): Schema {
  const table = plainSchema.tables.get('t')!
  return updateTable(plainSchema, { ...table, columns: new Map([['v', { name: 'v', ...column }]]) })
}

const typed = (rows: readonly string[]): { lines: string[]; input: 'typed-jsonl' } => ({
  lines: [`[${rows.join(',')}]`],
  input: 'typed-jsonl',
})

describe.each(outputs)('decimals and dates as %s', (output) => {
  it('are on the fast path behind their marker', async () => {
    for (const values of [
      decimals.map((text) => quoted(decimalMark, text)),
      dates.map((text) => quoted(dateMark, text)),
    ]) {
      expect(await comparePaths({ ...typed(rowsOf(often(values))), output })).toBeGreaterThan(0.9)
    }
  })

  it('are on it as text and as integers, where a column says what they are', async () => {
    const numbers = often([...decimals.map((text) => quoted('', text)), '5', '-12', '0'])
    const schema = withColumn({ data_type: 'decimal' })
    expect(await comparePaths({ lines: rowsOf(numbers), schema, output })).toBeGreaterThan(0.9)
    const days = often(dates.map((text) => quoted('', text)))
    const dated = withColumn({ data_type: 'date' })
    expect(await comparePaths({ lines: rowsOf(days), schema: dated, output })).toBeGreaterThan(0.9)
  })

  it.each([
    [1, 0],
    [9, 2],
    [10, 0],
    [18, 6],
    [18, 18],
    [19, 9],
    [20, 0],
    [28, 20],
    [38, 9],
    [38, 18],
    [38, 38],
    [76, 20],
    [200, 40],
  ])('of any precision are the same: %i digits, %i behind the point', async (precision, scale) => {
    const schema = withColumn({ data_type: 'decimal', precision, scale })
    const random = randomOf(firstSeed + precision)
    const many = Array.from({ length: 200 }, () => {
      const digits = String(Math.floor(random() * 10 ** Math.floor(random() * 16)))
      const fraction = String(Math.floor(random() * 10 ** Math.floor(random() * 12)))
      return `${random() < 0.5 ? '-' : ''}${digits}${random() < 0.7 ? `.${fraction}` : ''}`
    })
    const marked = [...decimals, ...many].map((text) => quoted(decimalMark, text))
    await comparePaths({ ...typed(rowsOf(marked)), schema, output })
    await comparePaths({ lines: rowsOf([...decimals, ...many].map((text) => quoted('', text))), schema, output })
  })

  it('of other forms are left to the reference path', async () => {
    const odd = oddDecimals.flatMap((text) => [quoted(decimalMark, '1.5'), quoted(decimalMark, text), quoted('', text)])
    await comparePaths({ ...typed(rowsOf(odd)), output })
    const schema = withColumn({ data_type: 'decimal' })
    const others = ['1.5', '-0', '1e2', 'true', '12345678901234567890', '[1]', '{"a":1}', 'null']
    const rows = rowsOf([...oddDecimals.map((text) => quoted('', text)), ...others])
    for (const row of rows) await comparePaths({ lines: [...rowsOf(['"1.5"', '"2.5"', '3']), row], schema, output })
    const oddDays = oddDates.flatMap((text) => [
      quoted(dateMark, '2024-05-01'),
      quoted(dateMark, text),
      quoted('', text),
    ])
    await comparePaths({ ...typed(rowsOf(oddDays)), output })
    const dated = withColumn({ data_type: 'date' })
    for (const text of oddDates) {
      await comparePaths({ lines: rowsOf(['"2024-05-01"', '"2024-05-02"', quoted('', text)]), schema: dated, output })
    }
    for (const mark of ['\uf027', dateMark, '\uf02c', '\uf02d']) {
      await comparePaths({
        ...typed(rowsOf([quoted(decimalMark, '1'), quoted(mark, '1'), quoted(mark, '2024-05-01')])),
        output,
      })
    }
  })
})
