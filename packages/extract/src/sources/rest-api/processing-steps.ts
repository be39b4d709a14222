import type { Resource } from '../../resource.ts'
import type { ApiRow } from './page.ts'

/** One thing that happens to each row. Functions may be asynchronous. */
export type ProcessingStep =
  /** Rows for which the function is false are left out. */
  | { readonly filter: (row: ApiRow) => unknown }
  /** What the function returns takes the row's place. */
  | { readonly map: (row: ApiRow) => unknown }
  /** Several rows, or none, take the row's place. */
  | { readonly yieldMap: (row: ApiRow) => Iterable<unknown> | AsyncIterable<unknown> }

/** The resource with these steps. */
export function processed(one: Resource, steps: readonly ProcessingStep[]): Resource {
  return steps.reduce<Resource>((resource, step) => {
    const rows = resource as Resource<ApiRow>
    if ('filter' in step) return rows.filter((row) => step.filter(row) as boolean)
    return 'map' in step ? rows.map(step.map) : rows.yieldMap(step.yieldMap)
  }, one)
}
