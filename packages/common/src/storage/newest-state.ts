import { JsonObject } from '../json/object.ts'
import type { WorkingFolder } from './folders.ts'
import { packagesIn, type LoadPackage } from './load-package.ts'
import { readPackageState } from './package-state.ts'
import { parseStateColumn, tryReadPipelineState, type PipelineState } from './pipeline-state.ts'

/**
 * The state that the next extract goes on from. `state.json` is a cache: where a crash came between committing a package
 * and writing it, the state inside the newest package is the newer one. That of an aborted package does not count.
 */
export async function readNewestState(folder: WorkingFolder): Promise<PipelineState | undefined> {
  const local = await tryReadPipelineState(folder.state)
  let newest = local
  for (const place of [folder.loaded, folder.normalized, folder.extracted]) {
    const carried = await tryNewestIn(await packagesIn(place), local)
    if (carried !== undefined && (newest === undefined || carried.version > newest.version)) newest = carried
  }
  if (newest === undefined || newest === local) return local
  const keptLocal = local?.document.get('_local')
  newest.document.set('_local', keptLocal ?? new JsonObject())
  newest.setLocal('_last_extracted_hash', newest.versionHash ?? null)
  return newest
}

/**
 * The state that the newest packages carry. One extract makes a package for each schema, and the state is in one of them:
 * so it is looked for in earlier ones, as long as those were made of a newer state than the local one.
 */
async function tryNewestIn(
  packages: readonly LoadPackage[],
  local: PipelineState | undefined,
): Promise<PipelineState | undefined> {
  for (const package_ of packages.toReversed()) {
    if ((await package_.completion()) === 'aborted') return undefined
    const carried = await tryStateOf(package_)
    if (carried !== undefined) return carried
    const manifest = await package_.manifest()
    if (manifest === undefined || (manifest.state_version ?? 0) <= (local?.version ?? 0)) return undefined
  }
  return undefined
}

async function tryStateOf(package_: LoadPackage): Promise<PipelineState | undefined> {
  const row = (await readPackageState(package_)).get('pipeline_state')
  const text = row instanceof JsonObject ? row.get('state') : undefined
  return typeof text === 'string' ? parseStateColumn(text, `package ${package_.loadId}`) : undefined
}
