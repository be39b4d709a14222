import { join } from 'node:path'
import {
  bumpVersion,
  capabilitiesOf,
  closeWritingFolder,
  commitTogether,
  compareCodePoints,
  createWritingFolder,
  datasetOf,
  describePackage,
  finishCommits,
  freshSchema,
  InvalidUsage,
  inWorkingFolder,
  isFirstRun,
  linkToMissingImport,
  LoadPackage,
  localDir,
  lockStage,
  namingConvention,
  normalizerSettings,
  openSchema,
  openStorage,
  packagesIn,
  pipelineDestination,
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
  sweepWritingFolders,
  tryReadNewestSchema,
  workingFolder,
  writeManifest,
  writeMissingImport,
  writePackageState,
  writePipelineState,
  writePreviousState,
  type Capabilities,
  type ExtractInfoData,
  type ExtractMetrics,
  type JsonObject,
  type ManifestFile,
  type OpenSchemaOptions,
  type PackageInfo,
  type Schema,
  type SchemaFiles,
  type StageContext,
  type WorkingFolder,
} from '@gantry/common'
import { extractMetrics } from './extract-metrics.ts'
import { extractResources } from './extract-resources.ts'
import { Extraction, type DeclaredSettings } from './extraction.ts'
import { describeExtractable, type ExtractableSource } from './extractable.ts'
import { checkNesting } from './hints/declared-tables.ts'
import type { Hints } from './hints/hints.ts'
import { parseSchemaContract } from './hints/schema-contract.ts'
import { checkNothingExtracted, refreshMode, refreshSource, type Refresh, type RefreshMode } from './refresh.ts'
import type { ExtractRequest } from './request.ts'
import { SourceStates } from './source-states.ts'
import { isStateNew, writeStateRow } from './state-row.ts'
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
  const writing = await createWritingFolder(folder.normalize)
  step('extract:start')
  try {
    // Also where the clock has gone back since: packages are taken in the order of their ids.
    for (const place of [folder.extracted, folder.normalized, folder.loaded]) {
      const newest = (await packagesIn(place)).at(-1)
      if (newest !== undefined) processLoadIds.startAfter(newest.loadId)
    }
    const work = new Packages(
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

type Committed = Pick<ExtractInfoData, 'loadPackages' | 'metrics'>

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

/** The packages that are being written, by the schema that their tables are in. */
class Packages {
  readonly folder: WorkingFolder
  readonly files: SchemaFiles
  readonly writing: string
  /** The destination gets the state with the packages. */
  readonly sendsState: boolean
  readonly #capabilities: Capabilities
  readonly #context: StageContext
  readonly #bySchema = new Map<string, Extraction>()
  /** By schema; undefined where there was nothing to refresh. */
  readonly #refreshed = new Map<string, Refresh | undefined>()

  constructor(
    writing: string,
    folder: WorkingFolder,
    files: SchemaFiles,
    capabilities: Capabilities,
    request: ExtractRequest,
    context: StageContext,
  ) {
    this.writing = writing
    this.folder = folder
    this.files = files
    this.#capabilities = capabilities
    this.#context = context
    this.sendsState = restoresFromDestination(request.restoreFromDestination, context.configuration)
  }

  /** Refreshes the source with that schema; once, before its package is opened. */
  async refresh(
    schemaName: string,
    mode: RefreshMode | 'state_only',
    resources: readonly string[],
    state: PipelineState,
  ): Promise<void> {
    if (this.#refreshed.has(schemaName)) return
    const options = this.#schemaOptions(schemaName)
    const schema = await openSchema(this.folder, schemaName, options)
    const fresh = (): Promise<Schema> => freshSchema(schemaName, options)
    const refreshed = await refreshSource(mode, schema, resources, state, fresh)
    if (refreshed === undefined) this.#context.log.info({ schema: schemaName }, 'The source is new: nothing to refresh')
    this.#refreshed.set(schemaName, refreshed)
  }

  /** What the refresh asks of the package of that schema, if it was refreshed. */
  refreshOf(schemaName: string): Refresh | undefined {
    return this.#refreshed.get(schemaName)
  }

  /** The package of that schema; made where there is none yet. */
  async open(schemaName: string, settings: DeclaredSettings = unchanged): Promise<Extraction> {
    const known = this.#bySchema.get(schemaName)
    if (known !== undefined) {
      known.declareSettings(settings)
      return known
    }
    const maxIdentifierLength = this.#capabilities.maxIdentifierLength
    const stored =
      this.refreshOf(schemaName)?.schema ?? (await openSchema(this.folder, schemaName, this.#schemaOptions(schemaName)))
    const package_ = await LoadPackage.create(join(this.writing, processLoadIds.next()))
    const rules = {
      naming: namingConvention(stored.normalizers.names, maxIdentifierLength),
      mergeStrategies: this.#capabilities.mergeStrategies,
    }
    const opened = new Extraction(package_, stored, settings, rules, this.#context)
    this.#bySchema.set(schemaName, opened)
    return opened
  }

  /** Those with something in them, or that tables are dropped or emptied with, in the order of their load ids. */
  filled(): Extraction[] {
    return [...this.#bySchema.values()].filter((work) => !work.isEmpty || this.#hasTables(work))
  }

  #hasTables({ schema }: Extraction): boolean {
    return this.sendsState && (this.refreshOf(schema.name)?.packageState ?? []).length > 0
  }

  #schemaOptions(schemaName: string): OpenSchemaOptions {
    return {
      files: this.files,
      settings: normalizerSettings(schemaName, this.#context.configuration),
      maxIdentifierLength: this.#capabilities.maxIdentifierLength,
      log: this.#context.log,
    }
  }
}

const unchanged: DeclaredSettings = { contract: undefined, maxNesting: undefined, rootKeyPropagation: undefined }

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

/** The state as it was, and as it is to become. */
interface StateChange {
  readonly before: PipelineState
  readonly state: PipelineState
  readonly isSent: boolean
}

async function commit(
  work: Packages,
  { before, state, isSent }: StateChange,
  startedAtMs: number,
  context: StageContext,
): Promise<Committed> {
  const dataAtMs = context.clock.nowMs()
  state.bump()
  const stateRow = isSent ? await addStateRow(work, state, context) : undefined
  const filled = work.filled()
  if (filled.length === 0) {
    context.log.warn('No rows were found: nothing was extracted')
    return { loadPackages: [], metrics: {} }
  }
  if (filled.every(({ resources }) => resources.size === 0)) context.log.warn('No rows were found')
  if (state.versionHash !== before.versionHash) {
    const carrier = stateRow?.package_ ?? (filled[0] as Extraction).package_
    await writePreviousState(carrier, before)
    state.noteExtracted(carrier.loadId)
  }
  const finished: Finished[] = []
  for (const one of filled) {
    const carried = stateRow?.package_ === one.package_ ? [['pipeline_state', stateRow.row] as const] : []
    finished.push({ package_: one.package_, schema: await finish(one, work, carried, state.version) })
  }
  context.signal.throwIfAborted()
  step('extract:commit')
  const packages = finished.map(({ package_ }) => package_)
  const committed = await commitTogether(work.writing, packages, work.folder.extracted)
  step('extract:state')
  // From here on the packages are there: what is stored now is a cache, and is read out of them where it is missing.
  await writePipelineState(work.folder.state, state)
  for (const { schema, package_ } of finished) {
    const isReplaced = work.refreshOf(schema.name)?.replacesSchema === true
    if (isReplaced) await replaceStoredSchema(work.folder, schema, package_.loadId, work.files)
    else await storeSchema(work.folder, schema, 'given', work.files)
    await writeMissingImport(schema, work.files)
  }
  step('extract:done')
  const loadPackages: PackageInfo[] = []
  const metrics: Record<string, ExtractMetrics[]> = {}
  for (const [at, package_] of committed.entries()) {
    const { schema } = finished[at] as Finished
    loadPackages.push(await describePackage(package_, 'extracted', schema))
    metrics[package_.loadId] = await extractMetrics(package_, filled[at] as Extraction, stateRow?.file, {
      startedAtMs,
      dataAtMs,
      finishedAtMs: context.clock.nowMs(),
    })
  }
  return { loadPackages, metrics }
}

/** A package with all that belongs in it, at the place where it was written. */
interface Finished {
  readonly package_: LoadPackage
  readonly schema: Schema
}

/** Puts the state into the package of the default schema, if it changed. */
async function addStateRow(
  work: Packages,
  state: PipelineState,
  context: StageContext,
): Promise<{ readonly package_: LoadPackage; readonly row: JsonObject; readonly file: ManifestFile } | undefined> {
  const name = state.defaultSchemaName
  if (name === undefined || !isStateNew(state)) return undefined
  const extraction = await work.open(name)
  const { package_, fileIds, schema } = extraction
  const table = pipelineStateTable(namingConvention(schema.normalizers.names))
  const { row, file } = await writeStateRow(state, table.name, package_, fileIds, context.clock)
  extraction.addSystemFile(table, file)
  return { package_, row, file }
}

/** Writes what a package holds beside its files, the manifest last. @returns its schema */
async function finish(
  work: Extraction,
  packages: Packages,
  carried: readonly (readonly [string, JsonObject])[],
  stateVersion: number,
): Promise<Schema> {
  const { folder, files } = packages
  const refreshed = packages.refreshOf(work.schema.name)
  // Normalize may have gone on with the schema while rows were extracted.
  const newest = refreshed?.replacesSchema ? undefined : await tryReadNewestSchema(folder, work.schema.name)
  const combined = bumpVersion(newest === undefined ? work.schema : work.schemaOver(newest))
  const schema = await linkToMissingImport(combined, files)
  await work.package_.writeText('schema.json', stringifySchema(schema))
  await writePackageState(work.package_, [...carried, ...(refreshed?.packageState ?? [])])
  step('extract:manifest')
  await writeManifest(work.package_.dir, {
    stage: 'extract',
    load_id: work.package_.loadId,
    parent_load_id: null,
    schema: { name: schema.name, version_hash: schema.version_hash ?? '' },
    capabilities: { destination: null },
    state_version: stateVersion,
    files: work.files.toSorted((a, b) => compareCodePoints(fileIdOf(a), fileIdOf(b))),
  })
  return schema
}

/** Files are read in the order of their ids. */
function fileIdOf({ job_id: job }: ManifestFile): string {
  return job.slice(job.lastIndexOf('.') + 1)
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
  state.setDestination(destination, datasetOf(request.datasetName, configuration, state))
  return { state, capabilities: capabilitiesOf(destination.type) }
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
