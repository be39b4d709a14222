import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { DataType, SinkRow } from '@gantry/common'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readRows, rowForm } from '../src/destinations/sink/sink-rows.ts'
import { seenTable } from './support.ts'

let path: string
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'gantry-sink-rows-')), 't.0123456789.0.typed-jsonl')
})
afterEach(() => rmSync(join(path, '..'), { recursive: true }))

async function rowsOf(
  text: string | Uint8Array,
  types: Readonly<Record<string, DataType>> = {},
  skipped = 0,
): Promise<SinkRow[]> {
  writeFileSync(path, text)
  const columns = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { data_type: type }]))
  const rows: SinkRow[] = []
  for await (const row of readRows(path, rowForm(seenTable('t', columns), '_dlt'), skipped)) rows.push(row)
  return rows
}

describe('values', () => {
  it.each<[DataType, string, unknown]>([
    ['text', '"\uf0261.5"', '\uf0261.5'],
    ['bigint', '9007199254740991', 9_007_199_254_740_991],
    ['bigint', '-9223372036854775808', -(2n ** 63n)],
    ['double', '1.0', 1],
    ['double', '1152921504606846976', 2 ** 60],
    ['bool', 'false', false],
    ['decimal', '"\uf0261.50"', '1.50'],
    ['wei', '"\uf02c5"', 5n],
    ['wei', '5', 5n],
    ['wei', '"\uf02c115792089237316195423570985008687907853269984665640564039457584007913129639935"', 2n ** 256n - 1n],
    ['wei', '"\uf02c1.5"', '1.5'],
    ['timestamp', '"\uf0272024-05-01T12:00:00.123456+00:00"', '2024-05-01T12:00:00.123456+00:00'],
    ['timestamp', '"\uf0272024-05-01T12:00:00"', '2024-05-01T12:00:00'],
    ['date', '"\uf0282024-05-01"', '2024-05-01'],
    ['time', '"\uf02d12:00:00.123456"', '12:00:00.123456'],
    ['binary', '"\uf02bAQI="', Uint8Array.of(1, 2)],
    ['binary', '"\uf02a0x0102"', Uint8Array.of(1, 2)],
    [
      'json',
      '{"a":[1152921504606846976,"\uf0261.0",{"__proto__":null}]}',
      { a: [2n ** 60n, '1.0', { ['__proto__']: null }] },
    ],
  ])('of type %s come without loss: %s', async (type, text, value) => {
    expect(await rowsOf(`[{"v":${text}}]\n`, { v: type })).toEqual([{ v: value }])
  })
})

describe('lines', () => {
  it('are rows or lists of them, gzip or not, and those that are done are left out', async () => {
    const text = '[{"id":1},{"id":2}]\n\n{"id":3}\n[]\n[{"id":4,"_dlt_id":"x"}]'
    const all = [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }]
    expect(await rowsOf(text)).toEqual(all)
    for (let skipped = 0; skipped <= 5; skipped++) {
      expect(await rowsOf(gzipSync(text), {}, skipped)).toEqual(all.slice(skipped))
    }
  })

  it('may be larger than what is read at once', async () => {
    const rows = [{ text: 'ä'.repeat(100_000) }, { text: 'b' }]
    expect(await rowsOf(`${JSON.stringify(rows)}\n[{"text":"c"}]\n`)).toEqual([...rows, { text: 'c' }])
  })

  it.each([
    ['[{"id":1}]\n[{"id":\n', 'line 2: unexpected end'],
    ['[1]\n', 'line 1: neither a row nor a list of rows'],
    [Buffer.from([0x5b, 0xff, 0x5d, 0x0a]), 'line 1: no UTF-8'],
  ])('that are damaged are named: %s', async (text, message) => {
    await expect(rowsOf(text)).rejects.toThrow(message)
  })
})
