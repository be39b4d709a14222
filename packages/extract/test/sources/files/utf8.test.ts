import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LoadPackage } from '@gantry/common'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { files } from '../../../../../test/support/json-cases.ts'
import { JobWriter } from '../../../src/job-writer.ts'
import { copyJsonl } from '../../../src/sources/files/copy-jsonl.ts'
import { cutJson } from '../../../src/sources/files/cut-json.ts'
import { describeInput } from '../../../src/sources/files/input.ts'
import { Utf8Check } from '../../../src/sources/files/utf8-check.ts'

let folder: string
let package_: LoadPackage
let fileNumber = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-utf8-'))
  package_ = LoadPackage.create(join(folder, '1.5'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What extract makes of a file with these bytes. */
async function extracted(bytes: Uint8Array, ending: 'jsonl' | 'json'): Promise<{ rows: number; text: string }> {
  const path = join(folder, `${++fileNumber}.${ending}`)
  writeFileSync(path, bytes)
  const writer = new JobWriter(package_, 't', String(fileNumber).padStart(10, '0'), 'ndjson')
  const read = ending === 'json' ? cutJson : copyJsonl
  try {
    const { rows } = await read(describeInput(path), writer, new AbortController().signal, () => undefined)
    await writer.close(rows)
    return { rows, text: readFileSync(package_.newJobPath(writer.fileName), 'utf8') }
  } catch (error) {
    await writer.abandon()
    throw error
  }
}

const cases = Object.entries(files).map(([name, { bytes, row }]) => ({ name, bytes, row }))

describe.each(['jsonl', 'json'] as const)('the bytes of JSONTestSuite in a .%s file', (ending) => {
  it.each(cases.filter(({ row }) => row === undefined))('$name: refused as no UTF-8', async ({ bytes }) => {
    await expect(extracted(bytes, ending)).rejects.toThrow(/, line 1: not UTF-8/)
  })

  it.each(cases.filter(({ row }) => row !== undefined))('$name: read', async ({ bytes, row }) => {
    const { rows, text } = await extracted(bytes, ending)
    expect(rows).toBe(1)
    // In JSON lines the mark stays, as all bytes do; normalize reads over it.
    expect(text.replace('\ufeff', '').trimEnd()).toBe(row)
  })

  it('UTF-16 is named where a byte order mark says so', async () => {
    await expect(extracted(Buffer.from('\ufeff{"a":1}', 'utf16le'), ending)).rejects.toThrow('it looks like UTF-16')
  })
})

describe('a check of bytes that come in chunks', () => {
  const valid = Buffer.from('aé日😀\u{10ffff}\n')

  it('lets pass what is UTF-8, wherever it is cut', () => {
    for (let at = 0; at <= valid.length; at++) {
      const check = new Utf8Check('in.jsonl')
      check.add(valid.subarray(0, at), 0)
      check.add(valid.subarray(at), 0)
      check.end(0)
    }
  })

  it('refuses what is none, wherever it is cut', () => {
    for (const { bytes, row } of cases) {
      if (row !== undefined) continue
      for (let at = 0; at <= bytes.length; at++) {
        const check = new Utf8Check('in.jsonl')
        expect(() => {
          check.add(Buffer.from(bytes.subarray(0, at)), 0)
          check.add(Buffer.from(bytes.subarray(at)), 0)
          check.end(0)
        }).toThrow('line 1: not UTF-8')
      }
    }
  })
})
