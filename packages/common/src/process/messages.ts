import type { LogLine } from '../log-output.ts'
import type { Counter } from '../progress.ts'
import type { StageName } from '../stage.ts'
import type { ErrorMessage } from './errors-across.ts'

/*
 * Everything that passes between the process that runs a pipeline and its stage processes, over Node's IPC channel.
 * Only options, counters, lines of the log and results cross; rows and schemas travel in the working folder.
 */

/** Raised with any change of meaning; both sides refuse another version, since an image may be older than the command. */
export const protocolVersion = 4

export type ToStage =
  | { readonly version: number; readonly kind: 'start'; readonly request: unknown }
  /** Answer to `paused`: go on, with what is said by `request`. */
  | { readonly version: number; readonly kind: 'continue'; readonly request?: unknown }
  | { readonly version: number; readonly kind: 'stop' }

export type FromStage =
  /** The stage waits for `continue`; what it did so far is in `info`. */
  | { readonly version: number; readonly kind: 'paused'; readonly info: unknown }
  | { readonly version: number; readonly kind: 'progress'; readonly stage: StageName; readonly counter: Counter }
  /** Written by the command: one process loads what writes them, and they never run into each other. */
  | { readonly version: number; readonly kind: 'log'; readonly line: LogLine }
  | { readonly version: number; readonly kind: 'done'; readonly info: unknown }
  | { readonly version: number; readonly kind: 'failed'; readonly error: ErrorMessage }
