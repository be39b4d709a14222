import {
  finishCommits,
  changeStoredSchema,
  JsonObject,
  lockAllStages,
  packagesIn,
  parseTables,
  readPackageSchema,
  readPackageState,
  stringifyJson,
  wipeWorkingFolder,
  type LoadPackage,
  type Table,
  type WorkingFolder,
} from '@gantry/common'

export interface DropPendingOptions {
  /** Also remove packages of which some jobs are loaded already and others are not. Default: true. */
  readonly withPartialLoads?: boolean
}

/** Removes all that the folder holds. @throws {StageLocked} */
export async function dropWorkingFolder(folder: WorkingFolder): Promise<void> {
  await using _locks = await lockAllStages(folder)
  await wipeWorkingFolder(folder)
}

/**
 * Removes packages that wait for normalize or load. Tables that one of them was about to drop at the destination are
 * there as before, and so they come back into the schema.
 *
 * @returns their load ids
 * @throws {StageLocked}
 */
export async function dropPendingPackages(
  folder: WorkingFolder,
  { withPartialLoads = true }: DropPendingOptions,
): Promise<string[]> {
  await using _locks = await lockAllStages(folder)
  await finishCommits(folder.normalize, folder.extracted, true)
  const dropped: string[] = []
  // The newest first: what one leaves behind is built on what is left of those before it.
  for (const package_ of [
    ...(await packagesIn(folder.normalized)),
    ...(await packagesIn(folder.extracted)),
  ].toReversed()) {
    if (!withPartialLoads && (await isPartiallyLoaded(package_))) continue
    await restoreTables(folder, package_)
    await package_.remove()
    dropped.push(package_.loadId)
  }
  return dropped.toSorted()
}

async function isPartiallyLoaded(package_: LoadPackage): Promise<boolean> {
  const done = await package_.jobs('completed_jobs')
  return done.length > 0 && (await package_.jobs('new_jobs', 'started_jobs', 'failed_jobs')).length > 0
}

async function restoreTables(folder: WorkingFolder, package_: LoadPackage): Promise<void> {
  const documents = (await readPackageState(package_)).get('dropped_tables')
  if (!Array.isArray(documents)) return
  const entries = documents.flatMap((document) =>
    document instanceof JsonObject ? [[String(document.get('name')), document] as const] : [],
  )
  if (entries.length === 0) return
  const tables = parseTables(stringifyJson(JsonObject.of(entries)))
  const { name } = await readPackageSchema(package_)
  await changeStoredSchema(folder, name, (schema) => {
    if (schema === undefined) return Promise.resolve(undefined)
    // Parents before their children.
    const restored = new Map<string, Table>([...schema.tables, ...[...tables].toReversed()])
    return Promise.resolve({ ...schema, tables: restored })
  })
}
