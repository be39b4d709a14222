import { exitCodeOf, GantryError, type StageName, type StepInfo } from '@gantry/common'

/** What is known of a step that failed. */
export interface StepFailure {
  readonly pipelineName: string
  readonly step: StageName | 'sync'
  readonly cause: unknown
  /** Why, in a person's words and without secrets. */
  readonly reason: string
  readonly stepInfo: StepInfo | undefined
  readonly loadId: string | undefined
  readonly hasPendingData: boolean
  readonly isPackagePartiallyLoaded: boolean
  /** The command that removes the pending packages. */
  readonly dropCommand: string
}

/**
 * A stage failed. `cause` is why; what was committed before stays and is finished by the next run.
 *
 * Follows dlt `dlt/pipeline/exceptions.py`, `PipelineStepFailed`.
 */
export class PipelineStepFailed extends GantryError {
  override readonly code = 'pipeline_step_failed'
  override readonly terminal: boolean
  readonly pipelineName: string
  readonly step: StageName | 'sync'
  /** The package that the step was at; undefined where it had not come to any. */
  readonly loadId: string | undefined
  /** What the step had done until it failed; undefined where it had done nothing. */
  readonly stepInfo: StepInfo | undefined
  /** Packages wait to be normalized or loaded. */
  readonly hasPendingData: boolean
  /** Some jobs of the package are at the destination, others are not. */
  readonly isPackagePartiallyLoaded: boolean

  constructor(failure: StepFailure) {
    const { pipelineName, step, loadId, cause, stepInfo, hasPendingData, isPackagePartiallyLoaded } = failure
    super(failureText(failure), { pipelineName, step, ...(loadId === undefined ? {} : { loadId }) }, { cause })
    this.pipelineName = pipelineName
    this.step = step
    this.loadId = loadId
    this.stepInfo = stepInfo
    this.hasPendingData = hasPendingData
    this.isPackagePartiallyLoaded = isPackagePartiallyLoaded
    this.terminal = exitCodeOf(cause) !== 75
  }

  override get exitCode(): number {
    return exitCodeOf(this.cause)
  }
}

function failureText({ pipelineName, step, loadId, reason, ...rest }: StepFailure): string {
  const at = loadId === undefined ? '' : `, package ${loadId}`
  const lines = [`Step ${step} of pipeline ${pipelineName} failed${at}: ${reason}`]
  if (rest.hasPendingData) {
    lines.push(
      'Packages are pending and are kept: new data is ignored until they are finished, which the next run does. ' +
        `To give them up: ${rest.dropCommand}`,
    )
  }
  if (rest.isPackagePartiallyLoaded) {
    lines.push(
      `A part of package ${loadId} is at the destination, another is not: its tables may contradict each other until it is loaded.`,
    )
  }
  return lines.join('\n')
}
