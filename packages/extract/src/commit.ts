import {
  bumpVersion,
  commitTogether,
  compareCodePoints,
  describePackage,
  linkToMissingImport,
  namingConvention,
  pipelineStateTable,
  replaceStoredSchema,
  step,
  storeSchema,
  stringifySchema,
  tryReadNewestSchema,
  writeManifest,
  writeMissingImport,
  writePackageState,
  writePipelineState,
  writePreviousState,
  type ExtractInfoData,
  type ExtractMetrics,
  type JsonObject,
  type LoadPackage,
  type ManifestFile,
  type PackageInfo,
  type PipelineState,
  type Schema,
  type StageContext,
} from '@gantry/common'
import { extractMetrics } from './extract-metrics.ts'
import type { Extraction } from './extraction.ts'
import type { OpenPackages } from './open-packages.ts'
import { isStateNew, writeStateRow } from './state-row.ts'

type Committed = Pick<ExtractInfoData, 'loadPackages' | 'metrics'>

/** The state as it was, and as it is to become. */
interface StateChange {
  readonly before: PipelineState
  readonly state: PipelineState
  readonly isSent: boolean
}

/**
 * Ends the packages and makes them visible, all or none: state, schemas and manifests with their rows. What is empty is
 * left out.
 */
export async function commit(
  work: OpenPackages,
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
  work: OpenPackages,
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
  packages: OpenPackages,
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
