import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ParquetFileError } from '../../src/writers/parquet/footer.ts'
import { rewriteAsDouble } from '../../src/writers/parquet/rewrite-as-double.ts'
import {
  duckdbColumns,
  filePath,
  firstDifference,
  python,
  queryDuckdb,
  readByDuckdb,
  readByHyparquet,
  readByPyarrow,
  temporaryFolders,
  TestTable,
} from './support.ts'

const folder = temporaryFolders()

describe('a closed file whose column has widened', () => {
  it.each(['none', 'gzip'] as const)('is the same with doubles there (%s)', async (compression) => {
    const table = new TestTable({
      keep: 'bigint',
      text: 'text',
      wide: 'bigint',
      short: { data_type: 'bigint', precision: 16 },
      amount: { data_type: 'decimal', precision: 20, scale: 2 },
    })
    const path = filePath(folder())
    const writer = table.open(path, { compression })
    const rows = 140_000
    for (let row = 0; row < rows; row++) {
      table.write(writer, {
        keep: row,
        text: `t${row % 100}`,
        wide: row % 4 === 3 ? null : (row - 70_000) * 2 ** 33,
        short: (row % 1000) - 500,
        amount: row === 5 ? 12 : null,
      })
      if (row === 999) writer.flush()
    }
    writer.close()
    const before = await readByHyparquet(path)
    const digest = rewriteAsDouble(path, new Set(['wide', 'short']))
    const bytes = readFileSync(path)
    expect(digest).toEqual({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
    expect(await duckdbColumns(path)).toEqual([
      'keep BIGINT',
      'text VARCHAR',
      'wide DOUBLE',
      'short DOUBLE',
      'amount DECIMAL(20,2)',
    ])
    expect(
      await queryDuckdb(
        `SELECT DISTINCT row_group_id, row_group_num_rows, encodings FROM parquet_metadata('${path}')
           WHERE path_in_schema IN ('keep', 'wide') ORDER BY ALL`,
      ),
    ).toEqual([
      ['0', '1000', 'DELTA_BINARY_PACKED, RLE'],
      ['0', '1000', 'PLAIN, RLE'],
      ['1', '122880', 'DELTA_BINARY_PACKED, RLE'],
      ['1', '122880', 'PLAIN, RLE'],
      ['2', String(rows - 1000 - 122_880), 'DELTA_BINARY_PACKED, RLE'],
      ['2', String(rows - 1000 - 122_880), 'PLAIN, RLE'],
    ])
    const expected = before.map((row) => ({
      ...row,
      wide: row['wide'] === null ? null : Number(row['wide']),
      short: Number(row['short']),
    }))
    expect(firstDifference(await readByHyparquet(path), expected)).toBeUndefined()
    const inText = expected.map((row, index) => ({ ...row, amount: index === 5 ? '12.00' : null }))
    expect(firstDifference(await readByDuckdb(path), inText)).toBeUndefined()
    if (python !== undefined) expect(firstDifference(readByPyarrow(path).rows, inText)).toBeUndefined()
    expect(readdirSync(dirname(path))).toEqual(['t.0000000001.0.parquet'])
  })

  it('may have no rows', async () => {
    const table = new TestTable({ n: 'bigint' })
    const path = filePath(folder())
    table.open(path).close()
    rewriteAsDouble(path, new Set(['n']))
    expect(await duckdbColumns(path)).toEqual(['n DOUBLE'])
  })

  it('is left as it is where it cannot be read, and the error names it', () => {
    const table = new TestTable({ n: 'bigint', text: 'text' })
    const path = filePath(folder())
    const writer = table.open(path)
    table.write(writer, { n: 1, text: 'x' })
    writer.close()
    const whole = readFileSync(path)
    const names = (): string[] => readdirSync(dirname(path))

    expect(() => rewriteAsDouble(path, new Set(['text']))).toThrow(
      `${path} cannot be read: a column holds no integers. Run normalize again.`,
    )
    expect(readFileSync(path)).toEqual(whole)

    truncateSync(path, whole.length - 1)
    expect(() => rewriteAsDouble(path, new Set(['n']))).toThrow(ParquetFileError)
    expect(() => rewriteAsDouble(path, new Set(['n']))).toThrow(`${path} is no complete Parquet file.`)

    // Its metadata says that the pages are longer than they are.
    writeFileSync(path, Buffer.concat([whole.subarray(0, 4), whole.subarray(40)]))
    expect(() => rewriteAsDouble(path, new Set(['n']))).toThrow(ParquetFileError)
    expect(names()).toEqual(['t.0000000001.0.parquet'])
  })
})
