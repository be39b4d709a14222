import type { ApiRow } from './page.ts'

/** One thing that happens to each row. Functions may be asynchronous. */
export type ProcessingStep =
  /** Rows for which the function is false are left out. */
  | { readonly filter: (row: ApiRow) => unknown }
  /** What the function returns takes the row's place. */
  | { readonly map: (row: ApiRow) => unknown }
  /** Several rows, or none, take the row's place. */
  | { readonly yieldMap: (row: ApiRow) => Iterable<unknown> | AsyncIterable<unknown> }

/** The rows after all steps, in their order. */
export async function processed(
  rows: readonly unknown[],
  steps: readonly ProcessingStep[],
): Promise<readonly unknown[]> {
  let current = rows
  for (const step of steps) current = await applied(current, step)
  return current
}

async function applied(rows: readonly unknown[], step: ProcessingStep): Promise<readonly unknown[]> {
  const result: unknown[] = []
  for (const row of rows as readonly ApiRow[]) {
    if ('filter' in step) {
      if (await step.filter(row)) result.push(row)
    } else if ('map' in step) result.push(await step.map(row))
    else for await (const one of step.yieldMap(row)) result.push(one)
  }
  return result
}
