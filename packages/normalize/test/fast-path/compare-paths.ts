import { expect } from 'vitest'
import { outcomeOf, type Input } from './outcome.ts'

/** Compares both paths. @returns the share of rows that took the fast one */
export async function comparePaths(input: Input): Promise<number> {
  const reference = await outcomeOf(input, false)
  const fast = await outcomeOf(input, true)
  expect(fast.told).toEqual(reference.told)
  expect(reference.rowsByPath.fast).toBe(0)
  const { fast: taken, reference: left } = fast.rowsByPath
  expect(taken + left).toBe(reference.rowsByPath.reference)
  return taken + left === 0 ? 0 : taken / (taken + left)
}
