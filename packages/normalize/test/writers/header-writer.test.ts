import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import {
  DateValue,
  Decimal,
  Double,
  HexBytes,
  JsonObject,
  parseDecimal,
  TimeValue,
  Timestamp,
  Wei,
  type DataType,
  type Value,
} from '@gantry/common'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ColumnState } from '../../src/table-state.ts'
import { openWriter } from '../../src/writers/open-writer.ts'
import type { RowWriter } from '../../src/writers/row-writer.ts'

const capabilities = { decimalPrecision: [38, 9], weiPrecision: [38, 0] } as const
type TextFormat = 'csv' | 'insert_values'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gantry-writers-'))))
afterEach(() => rmSync(folder, { recursive: true }))

/** Columns of a table, each made when it is met first. */
function tableColumns(types: Record<string, DataType> = {}): (name: string) => ColumnState {
  const columns = new Map<string, ColumnState>()
  return (name) => {
    let column = columns.get(name)
    if (column === undefined) {
      column = new ColumnState(name, columns.size, { name, data_type: types[name] ?? 'bigint' }, true, false)
      columns.set(name, column)
    }
    return column
  }
}

class File {
  readonly writer: RowWriter
  readonly #path: string
  readonly #columnOf: (name: string) => ColumnState

  constructor(
    format: TextFormat,
    options: { known?: string[]; types?: Record<string, DataType>; suffix?: string; literals?: 'postgres' } = {},
  ) {
    this.#path = join(folder, `t.0000000001.0.${format}${options.suffix ?? ''}`)
    const literals = options.literals ?? 'duckdb'
    this.writer = openWriter(
      format,
      this.#path,
      { ...capabilities, sqlLiterals: literals },
      {
        table: {
          name: 't',
          columns: new Map(),
          completeColumns: () => options.known ?? [],
          noteChange: () => undefined,
        },
        compression: 'none',
      },
    )
    this.#columnOf = tableColumns(options.types)
  }

  write(row: Record<string, Value>): boolean {
    const columns = Object.keys(row).map(this.#columnOf)
    return this.writer.write(columns, Object.values(row), columns.length)
  }

  bytes(): Buffer {
    return readFileSync(this.#path)
  }

  close(): string {
    const { rows, bytes } = this.writer.close()
    expect(rows).toBe(this.writer.rows)
    expect(bytes).toBe(this.bytes().length)
    return this.bytes().toString('utf8')
  }
}

function written(format: TextFormat, rows: Record<string, Value>[], types?: Record<string, DataType>): string {
  const file = new File(format, types === undefined ? {} : { types })
  for (const row of rows) expect(file.write(row)).toBe(true)
  return file.close()
}

describe('insert_values', () => {
  it('has the form of dlt', () => {
    const rows = [
      { id: 1, t: "a'b", j: JsonObject.of([['a', 1]]) },
      { id: 3, b: new Uint8Array([1]) },
    ]
    expect(written('insert_values', rows, { t: 'text', j: 'json', b: 'binary' })).toBe(
      `INSERT INTO {}("id","t","j","b")\nVALUES\n(1,E'a''b',E'{"a":1}',NULL),\n(3,NULL,NULL,from_base64('AQ=='));`,
    )
  })

  it('has two lines where there are no rows', () => {
    const file = new File('insert_values', { known: ['id', 'say "x"\\'] })
    expect(file.close()).toBe('INSERT INTO {}("id","say ""x""\\\\")\nVALUES\n')
  })

  it('keeps a row in one line, whatever is in its text', () => {
    expect(written('insert_values', [{ t: "a\n\r\\'\t\0é😀" }], { t: 'text' })).toBe(
      `INSERT INTO {}("t")\nVALUES\n(E'a\\n\\r\\\\''\t'||chr(0)||E'é😀');`,
    )
  })

  it('has literals of PostgreSQL where it goes there', () => {
    const file = new File('insert_values', { types: { t: 'text', b: 'binary' }, literals: 'postgres' })
    file.write({ t: "it's \\\0", b: new Uint8Array([0, 255]) })
    expect(file.close()).toBe(`INSERT INTO {}("t","b")\nVALUES\n(E'it''s \\\\\\x00','\\x00ff');`)
  })

  it.each<[string, DataType, Value, string]>([
    ['a short double', 'double', 0.1, '0.1'],
    ['a long double, which would be read as a decimal first', 'double', 0.30000000000000004, '3.0000000000000004e-1'],
    ['a large double', 'double', 1e300, '1e+300'],
    ['a double without a fraction', 'double', new Double(1), '1.0'],
    ['a double that is no number', 'double', Number.NaN, 'NULL'],
    ['an infinite double', 'double', -Infinity, 'NULL'],
    ['an integer', 'bigint', -9007199254740991, '-9007199254740991'],
    ['a large integer', 'bigint', 9223372036854775807n, '9223372036854775807'],
    ['wei', 'wei', new Wei(10n ** 30n), '1000000000000000000000000000000'],
    ['a decimal', 'decimal', parseDecimal('1.10'), '1.10'],
    ['a decimal with an exponent', 'decimal', parseDecimal('1E+2'), "'1E+2'"],
    ['a decimal of very many digits', 'decimal', new Decimal(false, 10n ** 38n + 1n, -2), `'1${'0'.repeat(36)}.01'`],
    ['a boolean', 'bool', true, 'True'],
    ['an instant', 'timestamp', new Timestamp(0, 1, 0), "'1970-01-01T00:00:00.000001+00:00'"],
    ['a day', 'date', new DateValue(1), "'1970-01-02'"],
    ['a time', 'time', new TimeValue(1_000_000), "'00:00:01'"],
    ['bytes that are shown in hexadecimal', 'binary', new HexBytes(new Uint8Array([1])), "from_base64('AQ==')"],
    ['json that is a string', 'json', 'a', `E'"a"'`],
  ])('writes %s', (_, type, value, literal) => {
    expect(written('insert_values', [{ v: value }], { v: type })).toBe(`INSERT INTO {}("v")\nVALUES\n(${literal});`)
  })
})

describe('CSV', () => {
  it('has a header, quotes around all but numbers and booleans, and nothing for null', () => {
    const rows = [{ id: 3, t: 'q"x,\n', b: new Uint8Array([0, 255]), f: true }, { t: '' }]
    expect(written('csv', rows, { t: 'text', b: 'binary', f: 'bool' })).toBe(
      '"id","t","b","f"\n3,"q""x,\n","\\x00ff",True\n,"",,\n',
    )
  })

  it('has a header alone where there are no rows', () => {
    expect(new File('csv', { known: ['id', 'say "x"'] }).close()).toBe('"id","say ""x"""\n')
  })

  it('has an empty line for a row of null in a file of one column', () => {
    expect(written('csv', [{ id: 1 }, {}, { id: 2 }])).toBe('"id"\n1\n\n2\n')
  })

  it.each<[string, DataType, Value, string]>([
    ['a double', 'double', 0.30000000000000004, '0.30000000000000004'],
    ['a small double', 'double', 0.00001, '1e-05'],
    ['a double that is no number', 'double', Number.NaN, ''],
    ['a large integer', 'bigint', -9223372036854775808n, '-9223372036854775808'],
    ['wei', 'wei', new Wei(10n ** 30n), '1000000000000000000000000000000'],
    ['a decimal', 'decimal', parseDecimal('1E+2'), '1E+2'],
    ['an instant', 'timestamp', new Timestamp(0, 1, 0), '"1970-01-01 00:00:00.000001+00:00"'],
    ['a naive timestamp', 'timestamp', new Timestamp(0, 0), '"1970-01-01 00:00:00"'],
    ['a day', 'date', new DateValue(1), '"1970-01-02"'],
    ['a time', 'time', new TimeValue(1_000_000), '"00:00:01"'],
    ['bytes that are shown in hexadecimal', 'binary', new HexBytes(new Uint8Array([1])), '"\\x01"'],
    ['json', 'json', JsonObject.of([['a', ['"', 1]]]), String.raw`"{""a"":[""\"""",1]}"`],
    ['json that is a string', 'json', 'a', '"""a"""'],
  ])('writes %s', (_, type, value, cell) => {
    expect(written('csv', [{ v: value }], { v: type })).toBe(`"v"\n${cell}\n`)
  })
})

describe.each<TextFormat>(['csv', 'insert_values'])('a file of %s', (format) => {
  it('takes in columns that come before the first block is written; earlier rows have nulls there', () => {
    const file = new File(format, { known: ['z'] })
    expect([{ a: 1 }, { b: 2 }, { b: 3, a: 4, z: 5 }].map((row) => file.write(row))).toEqual([true, true, true])
    const lines = file.close().split('\n')
    const rows = format === 'csv' ? [',1,', ',,2', '5,4,3'] : ['(NULL,1,NULL),', '(NULL,NULL,2),', '(5,4,3);']
    expect(lines.slice(format === 'csv' ? 1 : 2, 5)).toEqual([...rows, ...(format === 'csv' ? [''] : [])])
  })

  it('refuses a further column once its header is written, and has taken nothing of the row', () => {
    const file = new File(format)
    file.write({ a: 1, b: 2 })
    file.writer.flush()
    const { bytes } = file.writer
    expect(file.write({ b: 1, c: 2 })).toBe(false)
    expect([file.writer.rows, file.writer.bytes, file.writer.buffered]).toEqual([1, bytes, 0])
    expect(file.write({ b: 7 })).toBe(true)
    expect(file.close()).toContain(format === 'csv' ? '1,2\n,7\n' : '(1,2),\n(NULL,7);')
  })

  it('writes its header by itself when some hundred kilobytes wait', () => {
    const file = new File(format, { types: { t: 'text' } })
    for (let row = 0; row < 20; row++) file.write({ t: 'x'.repeat(10_000) })
    expect(file.writer.buffered).toBe(20 * (10_000 + (format === 'csv' ? 2 : 3)))
    for (let row = 0; row < 20; row++) file.write({ t: 'x'.repeat(10_000) })
    expect(file.write({ late: 1 })).toBe(false)
    file.close()
  })

  it('knows its size before compression at each row, whether rows wait or not', () => {
    const types = { t: 'text', u: 'text' } as const
    const file = new File(format, { types, known: ['t'] })
    const sizes: number[] = []
    for (const row of [{}, { t: 'é' }, { a: 1 }, {}, { u: 'xyz', t: '"' }] as Record<string, Value>[]) {
      file.write(row)
      sizes.push(file.writer.bytes)
    }
    file.writer.flush()
    expect(file.writer.bytes).toBe(sizes.at(-1))
    expect(file.writer.bytes).toBe(file.bytes().length)
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b))
    file.write({ a: 2 })
    const end = format === 'csv' ? '\n' : ';'
    expect(file.writer.bytes + end.length).toBe(file.close().length + 1)
  })

  it('is gzip where its name ends so', () => {
    const file = new File(format, { suffix: '.gz' })
    file.write({ a: 1 })
    file.writer.flush()
    file.write({ a: 2 })
    const { bytes } = file.writer
    file.close()
    const text = gunzipSync(file.bytes()).toString('utf8')
    expect(text).toBe(format === 'csv' ? '"a"\n1\n2\n' : 'INSERT INTO {}("a")\nVALUES\n(1),\n(2);')
    expect(bytes).toBe(text.length - 1)
  })

  it('keeps the number of rows without any column', () => {
    expect(written(format, [{}, {}])).toBe(format === 'csv' ? '\n\n\n' : 'INSERT INTO {}()\nVALUES\n(),\n();')
  })
})
