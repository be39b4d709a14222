import type { WorkingFolder } from '../storage/folders.ts'
import { packagesIn } from '../storage/load-package.ts'
import { tryReadPipelineState } from '../storage/pipeline-state.ts'

/** True as long as no package of this working folder has been loaded, by Gantry or by Python dlt. */
export async function isFirstRun(folder: WorkingFolder): Promise<boolean> {
  const state = await tryReadPipelineState(folder.state)
  if (state?.local('first_run') === false) return false
  for (const package_ of (await packagesIn(folder.loaded)).toReversed()) {
    if ((await package_.completion()) === 'loaded') return false
  }
  return true
}
