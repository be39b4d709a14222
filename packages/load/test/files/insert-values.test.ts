import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readInsertValues, type InsertValues } from '../../src/files/insert-values.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gantry-insert-values-'))))
afterEach(() => rmSync(folder, { recursive: true }))

async function read(content: string | Buffer, partBytes = 1): Promise<InsertValues[]> {
  const path = join(folder, 't.1.0.insert_values')
  writeFileSync(path, content)
  const parts: InsertValues[] = []
  for await (const part of readInsertValues(path, partBytes)) parts.push(part)
  return parts
}

describe('an insert_values file', () => {
  it('gives its columns, in the names that they have, and its rows', async () => {
    expect(await read('INSERT INTO {}("a","say ""x""\\\\",",)")\nVALUES\n(1,E\'x\',NULL),\n(2,NULL,3);')).toEqual([
      { columns: ['a', 'say "x"\\', ',)'], rows: "(1,E'x',NULL),\n(2,NULL,3)" },
    ])
  })

  it('gives nothing where there are no rows', async () => {
    expect(await read('INSERT INTO {}("a")\nVALUES\n')).toEqual([])
  })

  const ugly = [
    String.raw`(E'),\n(',1)`,
    String.raw`(E'it''s \'),(''',2)`,
    String.raw`(E'back\\',3)`,
    String.raw`('plain \',4)`,
    String.raw`(from_base64('AQ=='),5)`,
    "(E'two\nlines),\n(E''x',6)",
    "(E'',7)",
    "('',8)",
    "('a''b),(''',9)",
    "(E'a'||chr(0)||E'b)',10)",
    "(E'é😀)',11)",
  ]
  const many = Array.from({ length: 40_000 }, (_, index) => ugly[(index * 7) % ugly.length]!)
  const text = `INSERT INTO {}("a","b")\nVALUES\n${many.join(',\n')};`

  it.each([
    ['plain', Buffer.from(text)],
    ['gzipped, whatever its name', gzipSync(text)],
    ['gzipped in several members', Buffer.concat([gzipSync(text.slice(0, 99_999)), gzipSync(text.slice(99_999))])],
  ])('is cut between rows only, never within a string: %s', async (_, content) => {
    const parts = await read(content)
    expect(parts.length).toBeGreaterThan(5)
    expect(parts.map(({ rows }) => rows).join(',\n')).toBe(many.join(',\n'))
    for (const { rows } of parts) expect([rows.startsWith('('), rows.endsWith(')')]).toEqual([true, true])
    // Each part ends with a whole row, one of the ugly ones.
    for (const { rows } of parts) expect(ugly.some((row) => rows.endsWith(row))).toBe(true)
  })

  it('comes in parts of the wanted size', async () => {
    const sizes = (await read(text, 200_000)).map(({ rows }) => Buffer.byteLength(rows))
    expect(Math.max(...sizes)).toBeLessThan(200_000 + 70_000)
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(199_990)
  })

  it.each([
    ['that ends within a row', 'INSERT INTO {}("a")\nVALUES\n(1),\n(2', 'is cut off'],
    ['that ends between rows', 'INSERT INTO {}("a")\nVALUES\n(1),\n', 'is cut off'],
    ['that ends within a string', `INSERT INTO {}("a")\nVALUES\n(E'x;`, 'is cut off'],
    ['that ends within its header', 'INSERT INTO {}("a"', 'does not begin with INSERT INTO {}(…) VALUES'],
    ['of rows in another form', 'INSERT INTO {}("a")\nSELECT 1;', 'does not begin with INSERT INTO {}(…) VALUES'],
    ['of something else', '{"a":1}\n', 'does not begin with INSERT INTO {}('],
    ['that is not UTF-8', Buffer.from('INSERT INTO {}("a")\nVALUES\n(E\'\xe9\');', 'latin1'), 'cannot be read'],
    ['whose gzip is cut off', gzipSync(text).subarray(0, 2000), 'cannot be read'],
  ])('%s is refused by name', async (_, content, reason) => {
    await expect(read(content)).rejects.toMatchObject({ code: 'load_file_malformed' })
    await expect(read(content)).rejects.toThrow(reason)
    await expect(read(content)).rejects.toThrow('t.1.0.insert_values')
  })
})
