import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseJson, silentLog, stringifyJson, type JsonObject, type Value } from '@gantry/common'
import { incremental, type IncrementalOptions } from '../../src/incremental/incremental.ts'
import { ResourceCursor } from '../../src/incremental/resource-cursor.ts'
import { typedRowText } from '../../src/typed-row.ts'

const runs = join(import.meta.dirname, '../../../../test/fixtures/incremental/runs.jsonl')
const cases = readFileSync(runs, 'utf8').trim().split('\n')

it('there are enough cases', () => {
  expect(cases.length).toBeGreaterThan(200)
})

/** Where Gantry notes something else, by line. */
const departures = new Map([
  [7, 'with a lag and 0 as last value, dlt moves the cursor back'],
  [12, 'of one instant in two zones, either may be noted where there is a lag'],
])
const lines = cases.map((text, at) => ({ line: at + 1, text }))

it.each(lines.filter(({ line }) => !departures.has(line)))(
  'lets in what dlt lets in, and notes it: line $line',
  ({ text }) => replay(text),
)

it.each(lines.filter(({ line }) => departures.has(line)))(
  'departs from dlt where the ledger says so: line $line',
  ({ text }) => {
    expect(() => replay(text)).toThrow(/_value/)
  },
)

function replay(text: string): void {
  const one = parseJson(text) as JsonObject
  const path = one.get('cursor_path') as string
  const declared = incremental(path, optionsOf(one.get('options') as JsonObject))
  let record: JsonObject | undefined
  for (const run of one.get('runs') as JsonObject[]) {
    const found = play(declared, record, run.get('pages') as Value[][])
    expect(found.error).toBe(run.get('error'))
    if (found.error === null) {
      expect(found.kept).toEqual(run.get('kept'))
      expect(found.pulled).toBe(run.get('pulled'))
      record = found.record ?? record
    }
    expect(stringifyJson(record ?? null)).toBe(stringifyJson(run.get('record') as Value))
  }
}

function play(
  declared: ReturnType<typeof incremental>,
  record: JsonObject | undefined,
  pages: Value[][],
): { error: string | null; kept: unknown[]; pulled: number; record?: JsonObject | undefined } {
  const kept: unknown[] = []
  let pulled = 0
  try {
    const cursor = new ResourceCursor(declared, record, { resource: 'r', primaryKey: undefined, log: silentLog() })
    for (const page of pages) {
      pulled++
      for (const row of page) {
        const admission = cursor.admit(row)
        if (admission === 'left out') continue
        kept.push((row as JsonObject).get('id'))
        if (admission === 'newest') cursor.remember(row, typedRowText(row, { notFinite: 0 }) ?? '')
      }
      if (cursor.isDone) break
    }
    return { error: null, kept, pulled, record: cursor.record() }
  } catch (error) {
    return { error: (error as Error).name, kept, pulled }
  }
}

function optionsOf(given: JsonObject): IncrementalOptions {
  const camelCase = (key: string): string => key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return Object.fromEntries([...given.entries()].map(([key, value]) => [camelCase(key), value]))
}
