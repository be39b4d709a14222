import {
  capabilitiesOf,
  closeWritingFolder,
  compareCodePoints,
  createWritingFolder,
  datasetOf,
  finishCommits,
  InvalidUsage,
  inWorkingFolder,
  isFirstRun,
  localDir,
  lockStage,
  namingConvention,
  openStorage,
  packagesIn,
  pipelineDestination,
  PipelineState,
  pipelinesDir,
  processLoadIds,
  readNewestState,
  schemaFiles,
  settleReplacedSchemas,
  step,
  storageVersions,
  sweepWritingFolders,
  workingFolder,
  type Capabilities,
  type ExtractInfoData,
  type StageContext,
  type WorkingFolder,
} from '@gantry/common'
import { commit } from './commit.ts'
import { extractResources } from './extract-resources.ts'
import type { DeclaredSettings } from './extraction.ts'
import { describeExtractable, type ExtractableSource } from './extractable.ts'
import { checkNesting } from './hints/declared-tables.ts'
import type { Hints } from './hints/hints.ts'
import { parseSchemaContract } from './hints/schema-contract.ts'
import { OpenPackages } from './open-packages.ts'
import { checkNothingExtracted, refreshMode } from './refresh.ts'
import type { ExtractRequest } from './request.ts'
import { SourceStates } from './source-states.ts'
import { checkReadable } from './sources/files/input.ts'

/*
 * The extract stage: rows of resources to files of new load packages, one for each schema. Packages are written in a folder
 * of their own and appear by one rename each, so that whatever happens before leaves nothing behind but rubbish that the
 * next run sweeps.
 */

/**
 * Extracts sources, each schema into a package of its own, in the order of the schemas' names. Nothing is visible to
 * other stages before all of it is on disk.
 */
export async function extract(
  sources: readonly ExtractableSource[],
  request: ExtractRequest,
  context: StageContext,
): Promise<ExtractInfoData> {
  const folder = workingFolder(pipelinesDir(request.pipelinesDir), request.pipelineName)
  return inWorkingFolder(folder.root, () => extractInto(folder, sources, request, context))
}

async function extractInto(
  folder: WorkingFolder,
  sources: readonly ExtractableSource[],
  request: ExtractRequest,
  context: StageContext,
): Promise<ExtractInfoData> {
  const startedAtMs = context.clock.nowMs()
  const declared = sources.map((source) => ({ ...source, settings: settingsOf(source, request) }))
  for (const { resources } of sources) {
    for (const resource of resources) if (resource.kind === 'file') await checkReadable(resource.input.path)
  }
  await openStorage(folder.normalize, storageVersions.normalize)
  const { drop } = request
  const asked = drop === undefined ? refreshMode(request.refresh, context.configuration) : 'drop_resources'
  const refresh = drop?.isStateOnly === true ? 'state_only' : asked
  await using _lock = await lockStage(folder.private, 'extract')
  await finishCommits(folder.normalize, folder.extracted, true)
  await sweepWritingFolders(folder.normalize)
  await settleReplacedSchemas(folder)
  if (refresh !== undefined) await checkNothingExtracted(folder)
  const firstRun = await isFirstRun(folder)

  const { state, capabilities } = await openState(folder, request, context)
  const before = state.clone()
  const writing = createWritingFolder(folder.normalize)
  step('extract:start')
  try {
    // Also where the clock has gone back since: packages are taken in the order of their ids.
    for (const place of [folder.extracted, folder.normalized, folder.loaded]) {
      const newest = (await packagesIn(place)).at(-1)
      if (newest !== undefined) processLoadIds.startAfter(newest.loadId)
    }
    const work = new OpenPackages(
      writing,
      folder,
      schemaFiles(request, context.configuration),
      capabilities,
      request,
      context,
    )
    const states = new SourceStates(state)
    const ordered = inOrder(declared, state, request.pipelineName)
    for (const source of ordered) {
      const { name, settings, resources } = source
      if (refresh !== undefined) {
        const ofSchema = ordered.filter((one) => one.name === name).flatMap((one) => one.resources)
        const names = drop?.resources ?? ofSchema.flatMap((one) => (one.isWritten ? (one.name ?? []) : []))
        await work.refresh(name, refresh, names, state)
      }
      const extraction = await work.open(name, settings)
      for (const { name: resource, hints } of resources) {
        if (isReplace(hints)) state.resetResource(name, resource)
      }
      await extractResources(source, extraction, states, context)
      state.addSchema(name)
    }
    states.save()
    const done = await commit(work, { before, state, isSent: work.sendsState }, startedAtMs, context)
    return {
      pipelineName: request.pipelineName,
      firstRun,
      startedAtMs,
      finishedAtMs: context.clock.nowMs(),
      ...done,
      extractDataInfo: sources.flatMap(({ resources }) =>
        resources.filter(({ isWritten }) => isWritten).map(describeExtractable),
      ),
    }
  } finally {
    await closeWritingFolder(writing)
  }
}

/** All rows of a replaced table come anew. */
function isReplace({ writeDisposition }: Hints): boolean {
  return (typeof writeDisposition === 'object' ? writeDisposition.disposition : writeDisposition) === 'replace'
}

/** The sources by name, as dlt takes them; bare resources go to the pipeline's default schema. @throws {InvalidUsage} */
function inOrder<Source extends { readonly name: string | undefined }>(
  sources: readonly Source[],
  state: PipelineState,
  pipelineName: string,
): (Source & { readonly name: string })[] {
  const named = sources.map((source) => {
    const name = source.name ?? state.defaultSchemaName ?? defaultSchemaName(pipelineName)
    return { ...source, name }
  })
  return named.toSorted((a, b) => compareCodePoints(a.name, b.name))
}

/** @throws {InvalidHint} */
function settingsOf(source: ExtractableSource, request: ExtractRequest): DeclaredSettings {
  const { schemaContract: ofSource, maxTableNesting, rootKey } = source.settings
  const given = request.schemaContract ?? ofSource
  const place = request.schemaContract === undefined ? `source "${source.name}"` : 'the run'
  if (maxTableNesting !== undefined) checkNesting(maxTableNesting, place)
  return {
    contract: given === undefined ? undefined : (parseSchemaContract(given, place) ?? null),
    maxNesting: maxTableNesting,
    rootKeyPropagation: rootKey,
  }
}

/** The state to go on from, with what this request says about destination and dataset. */
async function openState(
  folder: WorkingFolder,
  request: ExtractRequest,
  { configuration }: StageContext,
): Promise<{ readonly state: PipelineState; readonly capabilities: Capabilities }> {
  const state = (await readNewestState(folder)) ?? PipelineState.create(request.pipelineName, localDir(), folder.root)
  if (request.devMode !== undefined) state.setLocal('_dev_mode', request.devMode)
  const destination = pipelineDestination(request.destination, configuration, state)
  const capabilities = capabilitiesOf(destination)
  state.setDestination(destination, datasetOf(request.datasetName, capabilities, configuration, state))
  return { state, capabilities }
}

/** dlt names the schema of bare data after the pipeline, without a trailing `_pipeline`. */
function defaultSchemaName(pipelineName: string): string {
  const name = namingConvention('snake_case').normalizeIdentifier(
    pipelineName.replace(/_pipeline$/, '') || pipelineName,
  )
  if (!/^[\p{XIDS}_]\p{XIDC}*$/u.test(name) || name.length > 64) {
    throw new InvalidUsage(
      `The pipeline name "${pipelineName}" gives the schema name "${name}", which is no identifier of at most 64 characters. Choose another name.`,
    )
  }
  return name
}
