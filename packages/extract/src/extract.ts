import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  bumpVersion,
  capabilitiesOf,
  commitPackage,
  describePackage,
  freshSchema,
  InvalidUsage,
  isOwned,
  linkToMissingImport,
  LoadPackage,
  localDir,
  lockStage,
  namesIn,
  namingConvention,
  normalizerSettings,
  openSchema,
  openStorage,
  ownerText,
  packagesIn,
  PipelineState,
  pipelinesDir,
  pipelineStateTable,
  processLoadIds,
  readNewestState,
  replaceStoredSchema,
  restoresFromDestination,
  schemaFiles,
  settleReplacedSchemas,
  step,
  storeSchema,
  storageVersions,
  stringifySchema,
  tryReadNewestSchema,
  workingFolder,
  writeManifest,
  writeMissingImport,
  writePackageState,
  writePipelineState,
  writePreviousState,
  type Capabilities,
  type ExtractInfoData,
  type SchemaFiles,
  type StageContext,
  type WorkingFolder,
} from '@gantry/common'
import { Extraction } from './extraction.ts'
import { parseSchemaContract } from './hints/schema-contract.ts'
import type { ExtractRequest } from './request.ts'
import type { Resource } from './resource.ts'
import { checkNothingExtracted, refreshMode, refreshSource, type Refresh } from './refresh.ts'
import { writeStateRow } from './state-row.ts'
import { checkReadable } from './sources/files/input.ts'

/*
 * The extract stage: rows of resources to files of one new load package. The package is written in a folder of its own
 * and appears by one rename, so that whatever happens before leaves nothing behind but rubbish that the next run sweeps.
 */

/** Extracts the resources into one package. Nothing is visible to other stages before all of it is on disk. */
export async function extract(
  resources: readonly Resource[],
  request: ExtractRequest,
  context: StageContext,
): Promise<ExtractInfoData> {
  const startedAtMs = context.clock.nowMs()
  const folder = workingFolder(pipelinesDir(request.pipelinesDir), request.pipelineName)
  const given = request.schemaContract
  const contract = given === undefined ? undefined : (parseSchemaContract(given, 'the run') ?? null)
  for (const resource of resources) if (resource.kind === 'file') await checkReadable(resource.input.path)
  await openStorage(folder.normalize, storageVersions.normalize)
  const { drop } = request
  const asked = drop === undefined ? refreshMode(request.refresh, request.pipelineName) : 'drop_resources'
  const refresh = drop?.isStateOnly === true ? 'state_only' : asked
  await using _lock = await lockStage(folder.private, 'extract')
  await sweepOrphans(folder)
  await settleReplacedSchemas(folder)
  if (refresh !== undefined) await checkNothingExtracted(folder)

  const base = await openState(folder, request)
  const schemaName = base.state.defaultSchemaName ?? defaultSchemaName(request.pipelineName)
  const files = schemaFiles(request, request.pipelineName)
  const schemaOptions = {
    files,
    settings: normalizerSettings(schemaName, request.pipelineName),
    maxIdentifierLength: base.capabilities?.maxIdentifierLength,
    log: context.log,
  }
  const opened = await openSchema(folder, schemaName, schemaOptions)
  const before = base.state.clone()
  const names = drop?.resources ?? resources.flatMap(({ name }) => name ?? [])
  const refreshed =
    refresh === undefined
      ? undefined
      : await refreshSource(refresh, opened, names, base.state, () => freshSchema(schemaName, schemaOptions))
  if (refresh !== undefined && refreshed === undefined) context.log.info('The source is new: nothing to refresh')
  const stored = refreshed?.schema ?? opened

  const writing = await createWritingFolder(folder)
  try {
    // Also where the clock has gone back since: packages are taken in the order of their ids.
    for (const place of [folder.extracted, folder.normalized, folder.loaded]) {
      const newest = (await packagesIn(place)).at(-1)
      if (newest !== undefined) processLoadIds.startAfter(newest.loadId)
    }
    const package_ = await LoadPackage.create(join(writing, processLoadIds.next()))
    const rules = {
      naming: namingConvention(stored.normalizers.names, base.capabilities?.maxIdentifierLength),
      mergeStrategies: base.capabilities?.mergeStrategies ?? [],
    }
    const work = new Extraction(package_, stored, { rules, contract }, context)
    for (const resource of resources) await work.add(resource)
    const sendsState = restoresFromDestination(request.restoreFromDestination, request.pipelineName)
    if (work.isEmpty && (refreshed === undefined || !sendsState)) {
      context.log.warn('No rows were found: nothing was extracted')
      return {
        pipelineName: request.pipelineName,
        startedAtMs,
        finishedAtMs: context.clock.nowMs(),
        loadPackages: [],
        rowCounts: {},
      }
    }
    const change: StateChange = { before, state: base.state, isSent: sendsState }
    return await commit(work, change, refreshed, folder, files, request.pipelineName, startedAtMs, context)
  } finally {
    await rm(writing, { recursive: true, force: true })
  }
}

/** The state as it was, and as it is to become. */
interface StateChange {
  readonly before: PipelineState
  readonly state: PipelineState
  /** The destination gets it with the package. */
  readonly isSent: boolean
}

async function commit(
  work: Extraction,
  { before, state, isSent }: StateChange,
  refreshed: Refresh | undefined,
  folder: WorkingFolder,
  files: SchemaFiles,
  pipelineName: string,
  startedAtMs: number,
  context: StageContext,
): Promise<ExtractInfoData> {
  state.addSchema(work.schema.name)
  state.bump()
  const stateTable = pipelineStateTable(namingConvention(work.schema.normalizers.names))
  const stateRow = isSent
    ? await writeStateRow(state, stateTable.name, work.package_, work.fileIds, context.clock)
    : undefined
  if (state.versionHash !== before.versionHash) {
    await writePreviousState(work.package_, before)
    state.noteExtracted(work.package_.loadId)
  }
  if (stateRow !== undefined) work.addSystemFile(stateTable, stateRow.file)
  // Normalize may have gone on with the schema while rows were extracted.
  const newest = refreshed?.replacesSchema ? undefined : await tryReadNewestSchema(folder, work.schema.name)
  const combined = bumpVersion(newest === undefined ? work.schema : work.schemaOver(newest))
  const schema = await linkToMissingImport(combined, files)
  await work.package_.writeText('schema.json', stringifySchema(schema))
  await writePackageState(work.package_, [
    ...(stateRow === undefined ? [] : [['pipeline_state', stateRow.row] as const]),
    ...(refreshed?.packageState ?? []),
  ])
  context.signal.throwIfAborted()
  step('extract:manifest')
  await writeManifest(work.package_.dir, {
    stage: 'extract',
    load_id: work.package_.loadId,
    parent_load_id: null,
    schema: { name: schema.name, version_hash: schema.version_hash ?? '' },
    capabilities: { destination: null },
    state_version: state.version,
    files: work.files,
  })
  step('extract:commit')
  const committed = await commitPackage(work.package_, folder.extracted)
  step('extract:state')
  // From here on the package is there: what is stored now is a cache, and is read out of the package where it is missing.
  await writePipelineState(folder.state, state)
  if (refreshed?.replacesSchema) await replaceStoredSchema(folder, schema, committed.loadId, files)
  else await storeSchema(folder, schema, 'given', files)
  await writeMissingImport(schema, files)
  step('extract:done')
  return {
    pipelineName,
    startedAtMs,
    finishedAtMs: context.clock.nowMs(),
    loadPackages: [await describePackage(committed, 'extracted', schema)],
    rowCounts: work.rowCounts,
  }
}

/** The state to go on from, with what this request says about destination and dataset. */
async function openState(
  folder: WorkingFolder,
  request: ExtractRequest,
): Promise<{ readonly state: PipelineState; readonly capabilities: Capabilities | undefined }> {
  const state = (await readNewestState(folder)) ?? PipelineState.create(request.pipelineName, localDir(), folder.root)
  if (request.devMode !== undefined) state.setLocal('_dev_mode', request.devMode)
  if (request.destination === undefined) return { state, capabilities: undefined }
  const capabilities = capabilitiesOf(request.destination)
  const dataset = request.datasetName ?? state.datasetName ?? `${request.pipelineName}_dataset`
  state.setDestination(capabilities.destinationType, null, dataset)
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

/** A folder of this process beside `extracted/`, as dlt has it: 16 hexadecimal digits. */
async function createWritingFolder(folder: WorkingFolder): Promise<string> {
  const name = randomBytes(8).toString('hex')
  const aside = join(folder.normalize, `.${name}`)
  await mkdir(aside, { recursive: true })
  // The owner's mark is in it before it has its name, so a folder without one was never Gantry's.
  await writeFile(join(aside, ownerFile), ownerText())
  const path = join(folder.normalize, name)
  await rename(aside, path)
  return path
}

const ownerFile = 'owner.json'

/** Removes what killed extracts of Gantry left; folders without an owner's mark are Python dlt's and stay. */
async function sweepOrphans(folder: WorkingFolder): Promise<void> {
  for (const name of await namesIn(folder.normalize)) {
    const path = join(folder.normalize, name)
    const isUnfinishedMark = /^\.[0-9a-f]{16}$/.test(name)
    const isDead = /^[0-9a-f]{16}$/.test(name) && (await isOwned(join(path, ownerFile))) === false
    if (isUnfinishedMark || isDead) await rm(path, { recursive: true, force: true })
  }
}
