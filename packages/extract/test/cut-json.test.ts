import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LoadPackage } from '@gantry/common'
import { JobWriter } from '../src/job-writer.ts'
import { cutJson, JsonCutter } from '../src/sources/files/cut-json.ts'
import { describeInput, tableOfPath } from '../src/sources/files/input.ts'

async function cut(text: string): Promise<unknown[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-cut-'))
  const path = join(folder, 'in.json')
  writeFileSync(path, text)
  const package_ = LoadPackage.create(join(folder, '1.5'))
  const writer = new JobWriter(package_, 't', '0000000001', 'ndjson')
  const { rows } = await cutJson(describeInput(path), writer, new AbortController().signal, () => undefined)
  await writer.close(rows)
  if (rows === 0) return []
  const lines = readFileSync(package_.newJobPath(writer.fileName), 'utf8').trimEnd().split('\n')
  expect(lines).toHaveLength(rows)
  return lines.map((line) => JSON.parse(line) as unknown)
}

/** Cuts with a break between chunks at every byte. */
function cutAt(text: string, at: number): string {
  const bytes = Buffer.from(text)
  const cutter = new JsonCutter('in.json')
  const parts = [Buffer.from(bytes.subarray(0, at)), Buffer.from(bytes.subarray(at))].flatMap((chunk) => [
    ...cutter.cut(chunk),
  ])
  return Buffer.concat([...parts, ...cutter.end()]).toString()
}

const tricky =
  '\ufeff [ {"a": "x]},\\"\\\\", "b": [1, {"c": "é\u{1F600}"}]}\r\n , 12,"s" , null,\n[1,\n2], {"k":{"n":{}}} ]\n'
const expected = [{ a: 'x]},"\\', b: [1, { c: 'é\u{1F600}' }] }, 12, 's', null, [1, 2], { k: { n: {} } }]

describe('a JSON file', () => {
  it('gives a line per element of its array', async () => {
    expect(await cut(tricky)).toEqual(expected)
    expect(await cut('[]')).toEqual([])
  })

  it('gives the same wherever chunks break', () => {
    const length = Buffer.byteLength(tricky)
    for (let at = 0; at <= length; at++) {
      const lines = cutAt(tricky, at).trimEnd().split('\n')
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(expected)
    }
  })

  it('may be one object, or several one after the other', async () => {
    expect(await cut('{"a":\n1}')).toEqual([{ a: 1 }])
    expect(await cut('{"a":1}\n{"a":2}{"a":3}')).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }])
  })

  it.each([
    ['', 'is empty'],
    ['[1,]', 'line 1, column 4: expected a value'],
    ['[1 2]', 'expected "," or "]"'],
    ['[1]\n x', 'line 2, column 2: unexpected text after the array'],
    ['[{"a":1},\n{"b":', 'line 2, column 5: the file is cut off'],
    ['["a\nb"]', 'line 1, column 4: a line break inside a text'],
  ])('%j is refused: %s', async (text, message) => {
    await expect(cut(text)).rejects.toThrow(message)
  })
})

describe('an input file', () => {
  it.each([
    ['a/b/events.jsonl', 'events'],
    ['orders.2024.json.gz', 'orders'],
  ])('%s goes to table %s', (path, table) => {
    expect(tableOfPath(path)).toBe(table)
  })

  it('is refused where its format is not known', () => {
    expect(() => describeInput('x.xlsx')).toThrow('Cannot tell how to read x.xlsx')
  })
})
