import {
  finishCommits,
  packagesIn,
  TerminalError,
  tryReadPipelineState,
  writePipelineState,
  type Schema,
  type WorkingFolder,
} from '@gantry/common'
import type { DropRequest } from '@gantry/extract'
import type { StateDocument } from './local-view.ts'
import type { StageOptions } from './pipeline.ts'

export interface DropResourcesOptions extends StageOptions {
  /** Reset the state of the resources, and leave their tables. Default: false. */
  readonly stateOnly?: boolean
}

/** Packages wait to be normalized or loaded; what was asked for has to come after them. */
export class PipelineHasPendingData extends TerminalError {
  override readonly code = 'pipeline_has_pending_data'

  constructor(loadIds: readonly string[]) {
    super(
      `Packages are pending: ${loadIds.join(', ')}. Finish them first, by a run without data, or remove them with dropPendingPackages().`,
      { loadIds },
    )
  }
}

/** @throws {PipelineHasPendingData} */
export async function checkNothingPending(folder: WorkingFolder): Promise<void> {
  await finishCommits(folder.normalize, folder.extracted)
  const pending = [...(await packagesIn(folder.extracted)), ...(await packagesIn(folder.normalized))]
  if (pending.length > 0) throw new PipelineHasPendingData(pending.map(({ loadId }) => loadId))
}

/** The resources that are meant, out of those that have a table or a state; undefined where there are none. */
export function selectResources(
  wanted: readonly (string | RegExp)[],
  schema: Schema | undefined,
  state: StateDocument | undefined,
  { stateOnly = false }: DropResourcesOptions,
): DropRequest | undefined {
  if (schema === undefined) return undefined
  const known = new Set<string>()
  for (const { hints } of schema.tables.values()) {
    if (typeof hints.resource === 'string' && !hints.resource.startsWith('_dlt')) known.add(hints.resource)
  }
  const ofSource = state?.sources?.[schema.name] as { readonly resources?: object } | undefined
  for (const name of Object.keys(ofSource?.resources ?? {})) known.add(name)
  const resources = [...known].filter((name) =>
    wanted.some((one) => (typeof one === 'string' ? one === name : new RegExp(one.source, one.flags).test(name))),
  )
  return resources.length === 0 ? undefined : { resources, isStateOnly: stateOnly }
}

/** The state as it is now, to be put back. */
export function keepState(folder: WorkingFolder): { restore(): Promise<void> } {
  const kept = tryReadPipelineState(folder.state)
  return {
    async restore() {
      const state = await kept
      if (state !== undefined) await writePipelineState(folder.state, state)
    },
  }
}
