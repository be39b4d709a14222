import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { namesIn, pipelinesDir, UsageError, workingFolder, type WorkingFolder } from '@gantry/common'

/** No pipeline of that name has a working folder. */
export class UnknownPipeline extends UsageError {
  override readonly code = 'unknown_pipeline'

  constructor(pipelineName: string, folder: string, known: readonly string[]) {
    const there = known.length === 0 ? 'There are none yet.' : `There are: ${known.join(', ')}.`
    super(`There is no pipeline "${pipelineName}" in ${folder}. ${there}`, { pipelineName, known })
  }
}

/** A pipeline that has a working folder. */
export interface FoundPipeline {
  readonly pipelineName: string
  /** When something was last extracted, normalized or loaded. */
  readonly lastUsedAt: Date
}

/** The pipelines with a working folder, by name. */
export async function findPipelines(dir: string | undefined): Promise<FoundPipeline[]> {
  const parent = pipelinesDir(dir)
  const found: FoundPipeline[] = []
  for (const name of (await namesIn(parent)).toSorted()) {
    const lastUsedAt = await lastUsed(join(parent, name))
    if (lastUsedAt !== undefined) found.push({ pipelineName: name, lastUsedAt })
  }
  return found
}

/** @throws {UnknownPipeline} lists those that there are */
export async function openPipelineFolder(pipelineName: string, dir: string | undefined): Promise<WorkingFolder> {
  const parent = pipelinesDir(dir)
  const folder = workingFolder(parent, pipelineName)
  if ((await lastUsed(folder.root)) !== undefined) return folder
  const known = (await findPipelines(dir)).map((found) => found.pipelineName)
  throw new UnknownPipeline(pipelineName, parent, known)
}

/** What a working folder holds from the first step of its pipeline on; undefined where the folder is none. */
async function lastUsed(root: string): Promise<Date | undefined> {
  let last = 0
  for (const name of ['state.json', 'trace.json', 'normalize', 'load']) {
    try {
      last = Math.max(last, (await stat(join(root, name))).mtimeMs)
    } catch {
      continue
    }
  }
  return last === 0 ? undefined : new Date(last)
}
