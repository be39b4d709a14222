import { expect, it } from 'vitest'
import { readVectors } from '../support/vectors.mjs'
import { runNormalizeCase, type NormalizeCase } from './normalize-cases.mjs'

const cases = readVectors('normalize.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as NormalizeCase)

it.each(cases)('$name', async (test) => {
  expect((await runNormalizeCase(test)).join('\n')).toBe('')
})
