import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import * as zlib from 'node:zlib'
import { Configuration, Double, type Value } from '@gantry/common'
import { describe, expect, it } from 'vitest'
import { outputOptions } from '../../src/output-options.ts'
import { NoColumns } from '../../src/writers/parquet/parquet-writer.ts'
import {
  duckdbColumns,
  filePath,
  firstDifference,
  python,
  queryDuckdb,
  readByAll,
  readByDuckdb,
  readByHyparquet,
  readByPyarrow,
  temporaryFolders,
  TestTable,
} from './support.ts'

const folder = temporaryFolders()
const hasZstd = 'zstdCompressSync' in zlib

describe('the columns of a file', () => {
  it('stand in the order in which rows bring them, and are null where a row has none', async () => {
    const table = new TestTable({ unused: 'text', b: 'bigint', a: 'text', late: 'bool' })
    const path = filePath(folder())
    const writer = table.open(path)
    expect(table.write(writer, { a: 'x' })).toBe(true)
    expect(table.write(writer, { b: 1, a: 'y' })).toBe(true)
    expect(table.write(writer, {})).toBe(true)
    expect(table.write(writer, { late: true, a: 'z' })).toBe(true)
    writer.close()
    expect(await duckdbColumns(path)).toEqual(['a VARCHAR', 'b BIGINT', 'late BOOLEAN'])
    expect(await readByAll(path)).toEqual([
      { a: 'x', b: null, late: null },
      { a: 'y', b: '1', late: null },
      { a: null, b: null, late: null },
      { a: 'z', b: null, late: true },
    ])
  })

  it('take the later value where a row has one twice', async () => {
    const table = new TestTable({ a: 'bigint', b: 'text' })
    const path = filePath(folder())
    const writer = table.open(path)
    const [a, b] = [...table.columns.values()] as [never, never]
    writer.write([a, b, a], [1, 'x', 2], 3)
    writer.write([a, b], [3, 'y'], 2)
    writer.close()
    expect(await readByAll(path)).toEqual([
      { a: '2', b: 'x' },
      { a: '3', b: 'y' },
    ])
  })

  it('are no more once a row group is on disk: such a row is refused, with nothing taken of it', async () => {
    const table = new TestTable({ a: 'bigint', b: 'bigint' })
    const path = filePath(folder())
    const writer = table.open(path)
    table.write(writer, { a: 1 })
    writer.flush()
    const { bytes } = writer
    expect(table.write(writer, { a: 2, b: 3 })).toBe(false)
    expect([writer.rows, writer.bytes, writer.buffered]).toEqual([1, bytes, 0])
    expect(table.write(writer, { a: 4 })).toBe(true)
    expect(writer.close()).toMatchObject({ rows: 2 })
    expect(await readByAll(path)).toEqual([{ a: '1' }, { a: '4' }])
  })

  it('may be a thousand, dense or sparse', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `c${index}`)
    const table = new TestTable(Object.fromEntries(names.map((name) => [name, 'bigint'])))
    const path = filePath(folder())
    const writer = table.open(path)
    const rows = Array.from({ length: 120 }, (_, row) =>
      Object.fromEntries(
        names.map((name, index) => [name, row % 2 === 0 || index % 100 === row % 100 ? row * 1000 + index : null]),
      ),
    )
    for (const [index, row] of rows.entries()) {
      expect(table.write(writer, row)).toBe(true)
      if (index === 70) writer.flush()
    }
    writer.close()
    const texts = rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)])),
    )
    expect(await readByHyparquet(path)).toEqual(texts)
    expect(await queryDuckdb(`SELECT count(*), count(c0), count(c1), sum(c999) FROM '${path}'`)).toEqual([
      [
        '120',
        String(rows.filter(({ c0 }) => c0 !== null).length),
        String(rows.filter(({ c1 }) => c1 !== null).length),
        String(rows.reduce((sum, { c999 }) => sum + (c999 ?? 0), 0)),
      ],
    ])
  })
})

describe('pages and row groups', () => {
  it('hold a megabyte and what was flushed, and every value comes back', async () => {
    const table = new TestTable({ id: 'bigint', name: 'text', flag: 'bool', half: 'double' })
    const path = filePath(folder())
    const writer = table.open(path)
    const rows = 300_000
    for (let row = 0; row < rows; row++) {
      table.write(writer, {
        id: row,
        name: `name ${row}`,
        flag: row % 3 === 0,
        half: row % 7 === 0 ? row + 0.5 : null,
      })
      if (row === 99_999) writer.flush()
    }
    writer.close()
    const groups = await queryDuckdb(
      `SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('${path}') ORDER BY 1`,
    )
    expect(groups).toEqual([
      ['0', '100000'],
      ['1', '122880'],
      ['2', '77120'],
    ])
    expect(
      await queryDuckdb(
        `SELECT count(*), sum(id), count(*) FILTER (name = 'name ' || id), count(*) FILTER (flag = (id % 3 = 0)),
           count(half), count(*) FILTER (half = id + 0.5) FROM '${path}'`,
      ),
    ).toEqual([
      [String(rows), String((rows * (rows - 1)) / 2), String(rows), String(rows), ...Array(2).fill(String(42_858))],
    ])
    const found = await readByHyparquet(path)
    expect(found.length).toBe(rows)
    expect(found.every(({ id, name }, row) => id === String(row) && name === `name ${row}`)).toBe(true)
    if (python !== undefined) expect(readByPyarrow(path).rows.at(-1)).toEqual(found.at(-1))
  })

  it.each([
    ['none', 48_000_000],
    ['gzip', 1000],
  ] as const)('are written by themselves when their values have 48 MB, compressed by %s', (compression, fileBytes) => {
    const table = new TestTable({ text: 'text' })
    const path = filePath(folder())
    const writer = table.open(path, { compression })
    for (let row = 0; row < 48; row++) {
      expect(writer.buffered > 0).toBe(row > 0)
      // Each begins unlike the one before, and so shares nothing with it.
      table.write(writer, { text: String(row % 10).padEnd(999_996, 'x') })
    }
    expect(writer.buffered).toBe(0)
    expect(writer.bytes).toBeGreaterThan(48_000_000)
    expect(statSync(path).size).toBeGreaterThan(fileBytes)
  })

  it('are written by themselves also where a wide table has hardly a value', () => {
    const names = Array.from({ length: 4000 }, (_, index) => `c${index}`)
    const table = new TestTable(Object.fromEntries(names.map((name) => [name, 'bool'])))
    const writer = table.open(filePath(folder()))
    const columns = [...table.columns.values()]
    writer.write(
      columns,
      columns.map(() => true),
      columns.length,
    )
    for (let row = 1; row < 120_000 && writer.buffered > 0; row++) writer.write(columns, [true], 1)
    expect(writer.buffered).toBe(0)
  })

  it('count what is in memory and what was written', () => {
    const table = new TestTable({ id: 'bigint', text: 'text' })
    const path = filePath(folder())
    const writer = table.open(path)
    expect([writer.bytes, writer.buffered, writer.rows]).toEqual([0, 0, 0])
    for (let row = 0; row < 1000; row++) table.write(writer, { id: row, text: '12345678' })
    // 8 bytes, 4 + 8 bytes, and a bit for each of the two columns.
    const perThousand = 1000 * 20 + 2 * 125
    expect([writer.bytes, writer.buffered, writer.rows]).toEqual([perThousand, perThousand, 1000])
    writer.flush()
    expect([writer.bytes, writer.buffered]).toEqual([perThousand, 0])
    for (let row = 0; row < 1000; row++) table.write(writer, { id: row, text: '12345678' })
    expect([writer.bytes, writer.buffered]).toEqual([2 * perThousand, perThousand])
    const entry = writer.close()
    const bytes = readFileSync(path)
    expect(entry).toEqual({
      job_id: 't.0000000001.parquet',
      table: 't',
      format: 'parquet',
      compression: null,
      rows: 2000,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })
  })

  it('keep values that are longer than a page', async () => {
    const table = new TestTable({ text: 'text', bytes: 'binary', after: 'bigint' })
    const path = filePath(folder())
    const writer = table.open(path)
    const texts = [300, 1_500_000, 3, 4_000_000].map((length, index) => 'é'.repeat(length) + String(index))
    for (const [index, text] of texts.entries()) {
      table.write(writer, { text, bytes: Buffer.alloc(index * 700_000, 7), after: index })
    }
    writer.close()
    const rows = await readByHyparquet(path)
    expect(rows.map(({ text }) => text === texts[rows.findIndex((row) => row['text'] === text)])).toEqual(
      Array(4).fill(true),
    )
    expect(await queryDuckdb(`SELECT length(text), octet_length(bytes), after FROM '${path}'`)).toEqual(
      texts.map((text, index) => [String(text.length), String(index * 700_000), String(index)]),
    )
  })
})

describe('a file without rows', () => {
  it('has the columns that the table has so far', async () => {
    const table = new TestTable({ _dlt_load_id: 'text', n: 'bigint' })
    const path = filePath(folder())
    expect(table.open(path).close()).toMatchObject({ rows: 0, bytes: statSync(path).size })
    expect(await duckdbColumns(path)).toEqual(['_dlt_load_id VARCHAR', 'n BIGINT'])
    expect(await readByAll(path)).toEqual([])
  })

  it('cannot be where there is no column at all, and rows without a value neither', () => {
    const empty = new TestTable()
    expect(() => empty.open(filePath(folder())).close()).toThrow(NoColumns)
    const writer = empty.open(filePath(folder()))
    empty.write(writer, {})
    expect(() => writer.close()).toThrow(/^Table "t" has no column, and a Parquet file needs one\./)
  })

  it('is not what rows without a value make, if the table has columns', async () => {
    const table = new TestTable({ a: 'text' })
    const path = filePath(folder())
    const writer = table.open(path)
    table.write(writer, {})
    table.write(writer, {})
    writer.close()
    expect(await readByAll(path)).toEqual([{ a: null }, { a: null }])
  })
})

describe('compression of pages', () => {
  const rows = Array.from({ length: 70_000 }, (_, row): Record<string, Value> => ({
    id: row,
    text: row % 5 === 0 ? null : `text ${row % 10}`,
    flag: row % 2 === 0,
  }))

  it.each([
    { compression: 'gzip' as const, name: 'GZIP', isThere: true },
    { compression: 'zstd' as const, name: 'ZSTD', isThere: hasZstd },
  ])('by $compression makes a smaller file with the same rows', async ({ compression, name, isThere }) => {
    if (!isThere) {
      expect(() => new TestTable({ id: 'bigint' }).open(filePath(folder()), { compression })).toThrow(
        /needs Node 22\.15/,
      )
      return
    }
    const table = new TestTable({ id: 'bigint', text: 'text', flag: 'bool' })
    const plain = filePath(folder())
    const path = filePath(folder())
    const writers = [table.open(plain), table.open(path, { compression })] as const
    for (const writer of writers) for (const row of rows) table.write(writer, row)
    expect(writers[1].bytes).toBe(writers[0].bytes)
    for (const writer of writers) writer.close()
    expect(statSync(path).size).toBeLessThan(statSync(plain).size / 3)
    expect(await queryDuckdb(`SELECT DISTINCT compression FROM parquet_metadata('${path}')`)).toEqual([[name]])
    const found = await readByHyparquet(path)
    expect(firstDifference(found, await readByDuckdb(path))).toBeUndefined()
    if (python !== undefined) expect(firstDifference(found, readByPyarrow(path).rows)).toBeUndefined()
    expect(firstDifference(found, await readByHyparquet(plain))).toBeUndefined()
    expect(found[4]).toEqual({ id: '4', text: 'text 4', flag: true })
  })

  it('frees memory as soon as a page is full', () => {
    const table = new TestTable({ text: 'text' })
    const writer = table.open(filePath(folder()), { compression: 'gzip' })
    for (let row = 0; row < 30; row++) table.write(writer, { text: 'x'.repeat(100_000) })
    expect(writer.bytes).toBeGreaterThan(3_000_000)
    expect(writer.buffered).toBeLessThan(1_100_000)
  })

  it('is a setting', () => {
    const of = (value: string | undefined): string | undefined =>
      outputOptions(Configuration.ofEnvironment({ NORMALIZE__DATA_WRITER__COMPRESSION: value })).compression
    expect(of(undefined)).toBe('none')
    expect(of('GZIP')).toBe('gzip')
    expect(() => of('lzma')).toThrow(
      'NORMALIZE__DATA_WRITER__COMPRESSION (environment) takes one of none, gzip, zstd, not "lzma".',
    )
    if (hasZstd) expect(of('zstd')).toBe('zstd')
    else expect(() => of('zstd')).toThrow(/^Compression zstd needs Node 22\.15 or later, and this is v/)
  })
})

describe('a column of integers that becomes one of doubles', () => {
  it.each(['none', 'gzip'] as const)('keeps its values and nulls (%s)', async (compression) => {
    const table = new TestTable({ n: 'bigint', small: { data_type: 'bigint', precision: 8 }, other: 'bigint' })
    const path = filePath(folder())
    const writer = table.open(path, { compression })
    const integers: (number | bigint | null)[] = Array.from({ length: 120_000 }, (_, row) =>
      row % 3 === 2 ? null : (row - 75_000) * 2 ** 35,
    )
    integers.push(2n ** 60n, -(2n ** 63n))
    for (const [row, n] of integers.entries()) table.write(writer, { n, small: (row % 256) - 128, other: row })
    table.widen('n')
    table.widen('small')
    table.write(writer, { n: 0.5, small: new Double(1e3), other: -1 })
    table.write(writer, { n: 7 })
    const { bytes } = writer
    // The short integers have grown by 4 bytes each.
    expect(bytes).toBeGreaterThan(integers.length * 16 + 80_000 * 8)
    writer.close()
    expect(await duckdbColumns(path)).toEqual(['n DOUBLE', 'small DOUBLE', 'other BIGINT'])
    const expected = [
      ...integers.map((n, row) => ({
        n: n === null ? null : Number(n),
        small: (row % 256) - 128,
        other: String(row),
      })),
      { n: 0.5, small: 1000, other: '-1' },
      { n: 7, small: null, other: null },
    ]
    expect(firstDifference(await readByDuckdb(path), expected)).toBeUndefined()
    expect(firstDifference(await readByHyparquet(path), expected)).toBeUndefined()
  })

  it('goes on in the next file once a row group is on disk', () => {
    const table = new TestTable({ n: 'bigint', fixed: 'bigint' })
    table.add('known', { data_type: 'bigint' })
    Object.assign(table.columns.get('known')!, { isNew: false })
    const writer = table.open(filePath(folder()))
    table.write(writer, { n: 1, fixed: 2, known: 3 })
    writer.flush()
    table.widen('n')
    expect(table.write(writer, { n: 0.5 })).toBe(false)
    expect(table.write(writer, { fixed: 5 })).toBe(true)
    writer.close()
    // Only what the package has made can still widen.
    expect(writer.integerColumns).toEqual(['n', 'fixed'])
  })
})
