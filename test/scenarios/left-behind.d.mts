import type { Difference } from './compare.mjs'

export function finishLeftBehind(name: string): Promise<{
  readonly before: readonly Difference[]
  readonly after: readonly Difference[]
  readonly error: (Error & { readonly cause?: { readonly code?: string } }) | null
}>
