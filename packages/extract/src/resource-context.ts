import type { ConfigSpec, Resolved } from '@gantry/common'
import type { Cursor } from './incremental/cursor.ts'
import type { Incremental } from './incremental/incremental.ts'

/** What the function of a resource gets when its rows are extracted. */
export interface ResourceContext<OfCursor = unknown, Config = unknown> {
  /** The resource's `incremental` at work; undefined where it has none. */
  readonly cursor: OfCursor
  /** The values that the resource declares as `config`; empty where it declares none. */
  readonly config: Config
  /** Aborted: the run is to stop. */
  readonly signal: AbortSignal
  /**
   * What the resource has noted in earlier runs, to be changed in place: it is stored with the rows, and is as it was
   * where the run fails. Values are those of JSON, `Date`s and bigints; cursors are not in it.
   */
  resourceState(): Record<string, unknown>
  /** The same for all resources of the source together. */
  sourceState(): Record<string, unknown>
}

/** The cursor that the function of a resource with such an `incremental` gets. */
export type CursorOf<Of> =
  Of extends Incremental<infer CursorValue, infer Start> ? Cursor<CursorValue, Start> : undefined

/** The context of a resource with such options. */
export type ContextOf<Of, Spec extends ConfigSpec> = ResourceContext<CursorOf<Of>, Resolved<Spec>>
