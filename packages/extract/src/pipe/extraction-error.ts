import { exitCodeOf, GantryError } from '@gantry/common'
import type { FailureKind } from './feed.ts'

/** What the user's code, or what it reads from, threw while rows were taken from it; `cause` is that. */
export class ResourceExtractionError extends GantryError {
  override readonly code = 'resource_extraction_error'
  override readonly terminal: boolean

  /** @param place  what in the resource failed, e.g. `map "addTax"`; undefined: its function or data */
  constructor(resource: string, kind: FailureKind, cause: unknown, place?: string) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(
      `Resource "${resource}" failed${place === undefined ? '' : ` in ${place}`}: ${reason}`,
      { resource, kind },
      { cause },
    )
    this.terminal = exitCodeOf(cause) !== 75
  }

  override get exitCode(): number {
    return exitCodeOf(this.cause)
  }
}
