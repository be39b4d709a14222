import type { DataType, Value } from '@gantry/common'
import { expect, it } from 'vitest'
import { randomOf } from '../../../../bench/data.mjs'
import { filePath, queryDuckdb, readByAll, temporaryFolders, TestTable } from './support.ts'

const folder = temporaryFolders()

/** Writes a column of these values. @returns its encoding, and its values as all readers have them */
async function written(
  type: DataType,
  values: readonly Value[],
): Promise<{ readonly encoding: string; readonly values: readonly unknown[] }> {
  const table = new TestTable({ c: type })
  const path = filePath(folder())
  const writer = table.open(path)
  for (const value of values) table.write(writer, { c: value })
  writer.close()
  const rows = await readByAll(path)
  const found = await queryDuckdb(`SELECT DISTINCT encodings FROM parquet_metadata('${path}')`)
  return { encoding: String(found).replace(', RLE', ''), values: rows.map(({ c }) => c) }
}

const random = randomOf(7)
const upTo = (most: number): number => Math.floor(random() * most)
const bigUpTo = (bits: number): bigint =>
  BigInt.asIntN(64, BigInt.asUintN(bits, (BigInt(upTo(2 ** 32)) << 32n) | BigInt(upTo(2 ** 32))))

it.each<[string, string, (row: number) => Value]>([
  ['a counter', 'DELTA_BINARY_PACKED', (row) => row],
  ['one number', 'DELTA_BINARY_PACKED', () => 42],
  ['small numbers', 'DELTA_BINARY_PACKED', () => upTo(10)],
  ['numbers of either sign', 'DELTA_BINARY_PACKED', () => upTo(1e6) - 5e5],
  ['numbers that fall', 'DELTA_BINARY_PACKED', (row) => -row * 2 ** 33],
  ['numbers with nulls among them', 'DELTA_BINARY_PACKED', (row) => (row % 3 === 0 ? null : upTo(1000))],
  ['numbers of 55 bits', 'DELTA_BINARY_PACKED', () => bigUpTo(55)],
  ['any numbers of 64 bits', 'PLAIN', () => bigUpTo(64)],
  ['the bounds by turns', 'PLAIN', (row) => (row % 2 === 0 ? 2n ** 63n - 1n : -(2n ** 63n))],
])('%s: %s', async (_, encoding, valueOf) => {
  // Full blocks of 128, and some rows more.
  for (const count of [1024, 1025, 1100, 1151, 1153, 30_000]) {
    const values = Array.from({ length: count }, (_item, row) => valueOf(row))
    const found = await written('bigint', values)
    expect(found.values).toEqual(values.map((value) => (value === null ? null : String(value))))
    if (count === 30_000) expect(found.encoding).toBe(encoding)
  }
})

it('takes numbers of any width of bits', async () => {
  for (let bits = 0; bits < 64; bits++) {
    const values = Array.from({ length: 700 }, () => bigUpTo(bits))
    expect((await written('bigint', values)).values).toEqual(values.map(String))
  }
})

it.each<[string, string, (row: number) => Value]>([
  ['short texts', 'DELTA_LENGTH_BYTE_ARRAY', () => `x${upTo(1e6)}`.slice(1)],
  ['empty texts', 'DELTA_LENGTH_BYTE_ARRAY', () => ''],
  ['texts that share their begin', 'DELTA_BYTE_ARRAY', (row) => `https://example.org/${row}`],
  ['the same text', 'DELTA_BYTE_ARRAY', () => 'the same'],
  ['texts that end where the next goes on', 'DELTA_BYTE_ARRAY', (row) => 'abcdefghij'.slice(0, 5 + (row % 5))],
  ['texts that differ within a character', 'DELTA_BYTE_ARRAY', (row) => `東京都${['ä', 'ö', 'ü', '北'][row % 4]}`],
  ['texts with nulls among them', 'DELTA_BYTE_ARRAY', (row) => (row % 5 < 3 ? null : `order ${row >> 2}`)],
])('%s: %s', async (_, encoding, valueOf) => {
  for (const count of [2000, 20_001]) {
    const values = Array.from({ length: count }, (_item, row) => valueOf(row))
    const found = await written('text', values)
    expect(found.values).toEqual(values)
    if (count > 2000) expect(found.encoding).toBe(encoding)
  }
})

it('bytes are encoded as texts are, and a page of long ones is left as it is', async () => {
  const short = Array.from({ length: 1000 }, (_, row) => Buffer.from([1, 2, 3, 4, 5, row & 0xff]))
  const ofShort = await written('binary', short)
  expect(ofShort).toEqual({ encoding: 'DELTA_BYTE_ARRAY', values: short.map((bytes) => bytes.toString('hex')) })
  const long = ['a'.repeat(3_000_000), 'a'.repeat(3_000_001)]
  expect(await written('text', long)).toEqual({ encoding: 'PLAIN', values: long })
})

it('few values are left as they are', async () => {
  expect(await written('bigint', [1, 2, 3])).toEqual({ encoding: 'PLAIN', values: ['1', '2', '3'] })
})
