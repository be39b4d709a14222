import { join } from 'node:path'
import { stringifyJson } from '../json/writer.ts'
import { JsonObject } from '../json/object.ts'
import type { WorkingFolder } from './folders.ts'
import { LoadPackage, packagesIn } from './load-package.ts'
import { readPackageState } from './package-state.ts'
import { parseStateColumn, PipelineState, tryReadPipelineState } from './pipeline-state.ts'

/** In a package that changes the state: the state as it was before. Gantry's own file. */
const previousStateFile = 'previous_state.json'

/**
 * The state that the next extract goes on from. `state.json` is a cache: where a crash came between committing a package
 * and writing it, the state inside the newest package is the newer one. What an aborted package has made of the state does
 * not count: its rows are nowhere, so they have to be read again.
 */
export async function readNewestState(folder: WorkingFolder): Promise<PipelineState | undefined> {
  const local = await tryReadPipelineState(folder.state)
  const sound = await beforeAborted(local, folder)
  let newest = sound
  let carriedBy: string | undefined
  for (const place of [folder.loaded, folder.normalized, folder.extracted]) {
    const found = await tryNewestIn(await packagesIn(place), sound)
    if (found === undefined || (newest !== undefined && found.state.version <= newest.version)) continue
    newest = found.state
    carriedBy = found.loadId
  }
  if (newest === undefined || carriedBy === undefined) return sound
  newest.document.set('_local', local?.document.get('_local') ?? new JsonObject())
  newest.setLocal('_last_extracted_hash', newest.versionHash ?? null)
  newest.noteExtracted(carriedBy)
  return newest
}

/** Keeps with a package what the state was before, for the case that the package is aborted. */
export async function writePreviousState(package_: LoadPackage, previous: PipelineState): Promise<void> {
  await package_.writeText(previousStateFile, stringifyJson(previous.document))
}

/** Takes it over into the package that is made of another one. */
export async function copyPreviousState(from: LoadPackage, to: LoadPackage): Promise<void> {
  const text = await from.readText(previousStateFile)
  if (text !== undefined) await to.writeText(previousStateFile, text)
}

async function beforeAborted(
  local: PipelineState | undefined,
  folder: WorkingFolder,
): Promise<PipelineState | undefined> {
  let state = local
  const seen = new Set<string>()
  for (;;) {
    const loadId = state?.extractedIn
    if (loadId === undefined || seen.has(loadId)) return state
    seen.add(loadId)
    const package_ = new LoadPackage(join(folder.loaded, loadId))
    if ((await package_.completion()) !== 'aborted') return state
    const text = await package_.readText(previousStateFile)
    state = text === undefined ? undefined : PipelineState.parse(text, join(package_.dir, previousStateFile))
  }
}

/**
 * The state that the newest packages carry. One extract makes a package for each schema, and the state is in one of them:
 * so it is looked for in earlier ones, as long as those were made of a newer state than the local one.
 */
async function tryNewestIn(
  packages: readonly LoadPackage[],
  local: PipelineState | undefined,
): Promise<{ readonly state: PipelineState; readonly loadId: string } | undefined> {
  for (const package_ of packages.toReversed()) {
    if ((await package_.completion()) === 'aborted') return undefined
    const carried = await tryStateOf(package_)
    if (carried !== undefined) return { state: carried, loadId: package_.loadId }
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
