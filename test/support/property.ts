import type { Parameters } from 'fast-check'

/**
 * How a property is tried: with the same cases in every run, so that a green run stays green. `GANTRY_PROPERTY_RUNS`
 * multiplies the number of cases and `GANTRY_PROPERTY_SEED` changes them, to look for new ones.
 */
export function propertyRuns<Case>(runs: number): Parameters<Case> {
  const { GANTRY_PROPERTY_RUNS: factor = '1', GANTRY_PROPERTY_SEED: seed = '1' } = process.env
  return { numRuns: runs * Number(factor), seed: Number(seed) }
}
