import { finishCommits, packagesIn, pipelinesDir, workingFolder } from '@gantry/common'

/** Load ids of packages that earlier runs left. */
export interface Pending {
  readonly extracted: readonly string[]
  readonly normalized: readonly string[]
}

/** Looks into the working folder; packages that a killed extract was committing are brought to their place first. */
export async function findPending(pipelineName: string, dir: string | undefined): Promise<Pending> {
  const folder = workingFolder(pipelinesDir(dir), pipelineName)
  await finishCommits(folder.normalize, folder.extracted)
  return {
    extracted: (await packagesIn(folder.extracted)).map((package_) => package_.loadId),
    normalized: (await packagesIn(folder.normalized)).map((package_) => package_.loadId),
  }
}

/** True if nothing is left to do. */
export function isNothingPending(pending: Pending): boolean {
  return pending.extracted.length === 0 && pending.normalized.length === 0
}

/** What is said when new data is left alone because of older work. */
export const skippedWarning: string =
  'Pending packages of an earlier run were finished; the new data was left untouched. Run the command again to load it.'
