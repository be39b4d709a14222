import {
  namesIn,
  readNewestState,
  silentLog,
  tryReadTrace,
  type PipelineTrace,
  type WorkingFolder,
} from '@gantry/common'
import { findPackages } from './read-packages.ts'

/** What the working folder says of a pipeline. */
export interface PipelineInfo {
  readonly pipelineName: string
  readonly workingDir: string
  /** dlt's full reference; null where nothing was extracted with a destination yet. */
  readonly destinationType: string | null
  readonly datasetName: string | null
  readonly defaultSchemaName: string | null
  readonly schemaNames: readonly string[]
  readonly stateVersion: number | null
  /** Load ids by where the packages are. */
  readonly packages: {
    readonly extracted: readonly string[]
    readonly normalized: readonly string[]
    readonly loaded: readonly string[]
    readonly aborted: readonly string[]
  }
  /** Load ids of packages with failed jobs. */
  readonly withFailedJobs: readonly string[]
  readonly lastTrace: PipelineTrace | undefined
}

export async function readPipelineInfo(pipelineName: string, folder: WorkingFolder): Promise<PipelineInfo> {
  const state = await readNewestState(folder)
  const packages = {
    extracted: [] as string[],
    normalized: [] as string[],
    loaded: [] as string[],
    aborted: [] as string[],
  }
  const withFailedJobs: string[] = []
  for (const { package_, state: place } of await findPackages(folder)) {
    const isAborted = place === 'loaded' && (await package_.completion()) === 'aborted'
    packages[isAborted ? 'aborted' : place].push(package_.loadId)
    if ((await package_.jobs('failed_jobs')).length > 0) withFailedJobs.push(package_.loadId)
  }
  const destinationType = state?.document.get('destination_type')
  const stored = (await namesIn(folder.schemas)).flatMap((name) => /^(.*)\.schema\.json$/.exec(name)?.[1] ?? [])
  return {
    pipelineName,
    workingDir: folder.root,
    destinationType: typeof destinationType === 'string' ? destinationType : null,
    datasetName: state?.datasetName ?? null,
    defaultSchemaName: state?.defaultSchemaName ?? null,
    schemaNames: [...new Set([...(state?.schemaNames ?? []), ...stored])].toSorted(),
    stateVersion: state?.version ?? null,
    packages,
    withFailedJobs,
    lastTrace: tryReadTrace(folder, silentLog()),
  }
}

/** Lines for a person. */
export function pipelineInfoText(info: PipelineInfo): string {
  const { extracted, normalized, loaded, aborted } = info.packages
  const lines = [
    `Pipeline ${info.pipelineName}`,
    `Working folder:        ${info.workingDir}`,
    `Destination:           ${info.destinationType ?? 'not known yet'}`,
    `Dataset:               ${info.datasetName ?? 'not known yet'}`,
    `Schemas:               ${info.schemaNames.join(', ') || 'none'}`,
    `State version:         ${info.stateVersion ?? 'none'}`,
    `Waiting for normalize: ${extracted.join(', ') || 'none'}`,
    `Waiting for load:      ${normalized.join(', ') || 'none'}`,
    `Loaded packages:       ${loaded.length}${loaded.length === 0 ? '' : `, the last one ${loaded.at(-1)}`}`,
  ]
  if (aborted.length > 0) lines.push(`Aborted packages:      ${aborted.join(', ')}`)
  if (info.withFailedJobs.length > 0) {
    lines.push(
      `Failed jobs:           in ${info.withFailedJobs.join(', ')}; see: gantry pipeline ${info.pipelineName} failed-jobs`,
    )
  }
  const last = info.lastTrace?.steps.at(-1)
  if (last !== undefined) {
    const end = last.stepException === null ? 'completed' : 'FAILED'
    lines.push(`Last step:             ${last.step}, ${end} at ${last.finishedAt.toISOString()}`)
  }
  return lines.join('\n')
}

/** The info with the names that dlt uses. */
export function pipelineInfoDict(info: PipelineInfo): Record<string, unknown> {
  const last = info.lastTrace?.steps.at(-1)
  return {
    pipeline_name: info.pipelineName,
    working_dir: info.workingDir,
    destination_type: info.destinationType,
    dataset_name: info.datasetName,
    default_schema_name: info.defaultSchemaName,
    schema_names: info.schemaNames,
    state_version: info.stateVersion,
    packages: info.packages,
    with_failed_jobs: info.withFailedJobs,
    last_step:
      last === undefined ? null : { step: last.step, finished_at: last.finishedAt, step_exception: last.stepException },
  }
}
