import { expect, it } from 'vitest'
import { comparePaths } from './compare-paths.ts'
import { documentLines, firstSeed } from './documents.ts'
import { outcomeOf, outputs } from './outcome.ts'

/* Files that are full after some rows or bytes: both paths have to begin the next one at the same row. */

const rows = Array.from(
  { length: 700 },
  (_, id) => `{"id":${id + 1000},"at":"2024-05-01T10:00:00Z","o":{"x":"y"},"l":[{"v":1},{"v":2},{"v":3}],"s":["a"]}`,
)

it.each(outputs)('of %s end after so many rows', async (output) => {
  for (const maxItems of [100, 699, 700, 701, 100_000]) {
    expect(await comparePaths({ lines: rows, output, limits: { maxItems } })).toBeGreaterThan(0.9)
  }
  for (const maxItems of [1, 2, 7]) await comparePaths({ lines: rows.slice(0, 30), output, limits: { maxItems } })
})

it.each(outputs)('of %s end after so many bytes', async (output) => {
  for (const maxBytes of [5000, 20_000, 1_000_000]) {
    expect(await comparePaths({ lines: rows, output, limits: { maxBytes } })).toBeGreaterThan(0.9)
    await comparePaths({ lines: rows, output, limits: { maxBytes, maxItems: 50 } })
  }
  for (const maxBytes of [1, 100, 1000]) await comparePaths({ lines: rows.slice(0, 30), output, limits: { maxBytes } })
})

it.each(outputs)('of %s have any documents', async (output) => {
  for (const seed of [1, 2, 3]) {
    const lines = documentLines(firstSeed + seed, 120, { values: 0.01, keys: 0.01 })
    await comparePaths({ lines, output, limits: { maxItems: 9 } })
    await comparePaths({ lines: [`[${lines.join(',')}]`], input: 'typed-jsonl', output, limits: { maxItems: 1 } })
  }
})

it('of texts that are much longer than those before end late, but they end', async () => {
  const texts = Array.from({ length: 400 }, (_, id) => `{"id":${id},"t":"${'x'.repeat(id < 200 ? 10 : 2000)}"}`)
  const limited = { lines: texts, output: 'jsonl', limits: { maxBytes: 30_000 } } as const
  const { told } = (await outcomeOf(limited, true)) as { told: { files: [string, number][]; counts: object } }
  expect(told.counts).toEqual({ t: 400 })
  expect(told.files.length).toBeGreaterThan(5)
})
