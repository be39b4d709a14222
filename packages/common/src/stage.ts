import type { Clock } from './clock.ts'
import type { Configuration } from './config/configuration.ts'
import type { Logger } from './log.ts'
import type { ProgressSink } from './progress.ts'

/** What every stage gets from whoever runs it: a process, a command or the library. */
export interface StageContext {
  readonly log: Logger
  readonly progress: ProgressSink
  readonly clock: Clock
  /** As the stage's pipeline sees it. */
  readonly configuration: Configuration
  /** Aborted when the stage shall stop at its next durable step. */
  readonly signal: AbortSignal
}

/** The three stages, in their order. */
export type StageName = 'extract' | 'normalize' | 'load'
