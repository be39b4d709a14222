import { describeSystemError, exitCodeOf, GantryError, type StageName } from '@gantry/common'

/**
 * A stage failed. `cause` is why; what was committed before stays and is finished by the next run.
 *
 * Follows dlt `PipelineStepFailed`.
 */
export class PipelineStepFailed extends GantryError {
  override readonly code = 'pipeline_step_failed'
  override readonly terminal: boolean
  readonly step: StageName | 'sync'
  /** What the step had done until it failed; undefined where it had not begun. */
  readonly stepInfo: unknown

  constructor(step: PipelineStepFailed['step'], cause: unknown, stepInfo?: unknown) {
    const reason = cause instanceof Error ? (describeSystemError(cause) ?? cause.message) : String(cause)
    super(`Step ${step} failed: ${reason}`, { step }, { cause })
    this.step = step
    this.stepInfo = stepInfo
    this.terminal = exitCodeOf(cause) !== 75
  }

  override get exitCode(): number {
    return exitCodeOf(this.cause)
  }
}
