import {
  describePackage,
  LoadPackageInfo,
  packagesIn,
  readPackageSchema,
  UsageError,
  type LoadPackage,
  type PackageStateName,
  type WorkingFolder,
} from '@gantry/common'

/** The working folder has no package of that id. */
export class UnknownPackage extends UsageError {
  override readonly code = 'load_package_not_found'

  constructor(loadId: string, known: readonly string[]) {
    const there = known.length === 0 ? 'There are none.' : `The newest ones: ${known.slice(-10).join(', ')}.`
    super(`There is no load package ${loadId}. ${there}`, { loadId })
  }
}

/** A package and the state that its folder says. */
export interface FoundPackage {
  readonly package_: LoadPackage
  readonly state: 'extracted' | 'normalized' | 'loaded'
}

/** All packages, those that are furthest on their way first, each kind by load id. */
export async function findPackages(folder: WorkingFolder): Promise<FoundPackage[]> {
  const found: FoundPackage[] = []
  for (const state of ['loaded', 'normalized', 'extracted'] as const) {
    for (const package_ of await packagesIn(folder[state])) found.push({ package_, state })
  }
  return found
}

/** What a package is like now. */
export async function readPackage({ package_, state }: FoundPackage): Promise<LoadPackageInfo> {
  const ended: PackageStateName = state === 'loaded' ? ((await package_.completion()) ?? 'loaded') : state
  return new LoadPackageInfo(await describePackage(package_, ended, await readPackageSchema(package_)))
}

/** The package of that id, or the newest one; undefined where there is none at all. @throws {UnknownPackage} */
export async function readOnePackage(
  folder: WorkingFolder,
  loadId: string | undefined,
): Promise<LoadPackageInfo | undefined> {
  const found = (await findPackages(folder)).toSorted((a, b) => (a.package_.loadId < b.package_.loadId ? -1 : 1))
  const one = loadId === undefined ? found.at(-1) : found.find(({ package_ }) => package_.loadId === loadId)
  if (one === undefined && loadId !== undefined) {
    throw new UnknownPackage(
      loadId,
      found.map(({ package_ }) => package_.loadId),
    )
  }
  return one === undefined ? undefined : readPackage(one)
}

/** Packages that have failed jobs. */
export async function readFailedPackages(folder: WorkingFolder): Promise<LoadPackageInfo[]> {
  const failed: LoadPackageInfo[] = []
  for (const found of await findPackages(folder)) {
    if ((await found.package_.jobs('failed_jobs')).length > 0) failed.push(await readPackage(found))
  }
  return failed
}
