import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readCsvHeader } from '../../src/files/csv-header.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gantry-csv-'))))
afterEach(() => rmSync(folder, { recursive: true }))

function headerOf(content: string | Buffer): Promise<readonly string[]> {
  const path = join(folder, 't.1.0.csv')
  writeFileSync(path, content)
  return readCsvHeader(path)
}

const wide = Array.from({ length: 9000 }, (_, index) => `spalte_ä_${index}`)

it.each([
  ['quoted names', '"a","say ""x"", ","two\nlines"\n1,2,3\n', ['a', 'say "x", ', 'two\nlines']],
  ['bare names and CRLF', 'a,b\r\n1,2\r\n', ['a', 'b']],
  ['no name at all', '\n\n', []],
  ['gzip', gzipSync('"a"\n1\n'), ['a']],
  ['more than is read at once', `${wide.map((name) => `"${name}"`).join(',')}\n`, wide],
])('reads the names of columns: %s', async (_, content, names) => {
  expect(await headerOf(content)).toEqual(names)
})

it.each(['', '"a","b', '"a","b"'])('refuses a file that ends before its header does: %j', async (content) => {
  await expect(headerOf(content)).rejects.toMatchObject({ code: 'load_file_malformed' })
  await expect(headerOf(content)).rejects.toThrow('t.1.0.csv has no complete header line')
})
