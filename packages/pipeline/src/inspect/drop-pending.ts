import { lockStage, packagesIn, type WorkingFolder } from '@gantry/common'

/** Load ids of packages that were removed. */
export interface DroppedPackages {
  readonly extracted: readonly string[]
  readonly normalized: readonly string[]
}

/**
 * Removes all packages that wait to be normalized or loaded, while no stage works on them. The state is left as it is,
 * cursors included, as dlt does (`dlt/pipeline/pipeline.py`, `drop_pending_packages`).
 *
 * @throws {StageLocked} a stage is at work
 */
export async function dropPendingPackages(folder: WorkingFolder): Promise<DroppedPackages> {
  await using _extract = await lockStage(folder.private, 'extract')
  await using _normalize = await lockStage(folder.private, 'normalize')
  await using _load = await lockStage(folder.private, 'load')
  return { normalized: await drop(folder.normalized), extracted: await drop(folder.extracted) }
}

async function drop(place: string): Promise<string[]> {
  const packages = await packagesIn(place)
  for (const package_ of packages) await package_.remove()
  return packages.map(({ loadId }) => loadId)
}
