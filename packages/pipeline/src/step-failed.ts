import {
  describeSystemError,
  exitCodeOf,
  GantryError,
  jobFolders,
  packagesIn,
  pipelinesDir,
  withoutSecrets,
  workingFolder,
  type StageName,
  type StepInfo,
  type WorkingFolder,
} from '@gantry/common'
import { PipelineStepFailed } from './errors.ts'
import { findPending, type Pending } from './pending.ts'

/** Where a step failed. */
export interface FailedWhere {
  readonly pipelineName: string
  readonly pipelinesDir: string | undefined
  readonly stepInfo?: StepInfo | undefined
}

/** The error of a step, with what the working folder says of its packages. One that is such an error stays as it is. */
export async function stepFailed(
  step: StageName | 'sync',
  cause: unknown,
  { pipelineName, pipelinesDir: dir, stepInfo }: FailedWhere,
): Promise<PipelineStepFailed> {
  if (cause instanceof PipelineStepFailed) return cause
  const pending = await findPending(pipelineName, dir).catch(() => nothing)
  const loadId = loadIdOf(step, cause, stepInfo, pending)
  const isPartial = loadId !== undefined && (await isPartiallyLoaded(pipelineName, dir, loadId).catch(() => false))
  const reason = cause instanceof Error ? (describeSystemError(cause) ?? cause.message) : String(cause)
  return new PipelineStepFailed({
    pipelineName,
    step,
    cause,
    reason: withoutSecrets(reason),
    stepInfo,
    loadId,
    hasPendingData: pending.extracted.length > 0 || pending.normalized.length > 0,
    isPackagePartiallyLoaded: isPartial,
    dropCommand:
      `gantry pipeline ${pipelineName} drop-pending-packages` + (dir === undefined ? '' : ` --pipelines-dir ${dir}`),
  })
}

const nothing: Pending = { extracted: [], normalized: [] }

/** Faults that come before any package is looked at. */
const beforePackages: ReadonlySet<string> = new Set(['stage_locked', 'protocol_mismatch'])

/** The package that the error names, or that was given up, or the first that waits: stages take them in their order. */
function loadIdOf(
  step: StageName | 'sync',
  cause: unknown,
  stepInfo: StepInfo | undefined,
  pending: Pending,
): string | undefined {
  const details = cause instanceof GantryError ? cause.details : {}
  const named = details['loadId'] ?? details['package']
  if (typeof named === 'string') return named
  const aborted = stepInfo?.loadPackages.findLast(({ state }) => state === 'aborted')
  if (aborted !== undefined) return aborted.loadId
  const isBefore = exitCodeOf(cause) === 2 || (cause instanceof GantryError && beforePackages.has(cause.code))
  if (isBefore) return undefined
  return step === 'normalize' ? pending.extracted[0] : step === 'load' ? pending.normalized[0] : undefined
}

async function isPartiallyLoaded(pipelineName: string, dir: string | undefined, loadId: string): Promise<boolean> {
  const folder: WorkingFolder = workingFolder(pipelinesDir(dir), pipelineName)
  for (const place of [folder.normalized, folder.loaded]) {
    const package_ = (await packagesIn(place)).find((one) => one.loadId === loadId)
    if (package_ === undefined) continue
    const jobs = await package_.jobs(...jobFolders)
    const completed = jobs.filter((job) => job.folder === 'completed_jobs').length
    return completed > 0 && completed < jobs.length
  }
  return false
}
