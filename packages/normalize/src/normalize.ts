import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  addRows,
  bumpVersion,
  capabilitiesOf,
  checkLoadFormat,
  combineSchemas,
  commitPackage,
  configureNormalizers,
  copyPreviousState,
  describePackage,
  finishCommits,
  flagOf,
  inWorkingFolder,
  isFirstRun,
  loadNaming,
  LoadPackage,
  lockStage,
  normalizerSettings,
  noRows,
  openStorage,
  packageMetrics,
  PackageCorrupted,
  packagesIn,
  parseSchema,
  pipelineDestination,
  pipelinesDir,
  readPackageSchema,
  readNewestState,
  readPackageState,
  schemaFiles,
  settleReplacedSchemas,
  step,
  storeSchema,
  storageVersions,
  stringifySchema,
  stringifyTables,
  tryReadNewestSchema,
  tryReadSchema,
  violationText,
  workingFolder,
  writeManifest,
  writePackageState,
  type Capabilities,
  type ContractViolation,
  type NormalizeInfoData,
  type PackageInfo,
  type PackageMetrics,
  type RowsByPath,
  type Schema,
  type StageContext,
  type Table,
  type WorkingFolder,
} from '@gantry/common'
import { finishSchema } from './finish-schema.ts'
import type { PackageSchema } from './merge-deltas.ts'
import { normalizePackage } from './normalize-package.ts'
import { outputOptions } from './output-options.ts'
import type { NormalizeRequest } from './request.ts'

/*
 * The normalize stage: extracted packages to load packages, in the order of their load ids. A load package is written
 * under `load/new/`, where whatever a killed run left is swept, and appears in `load/normalized/` by one rename; only
 * then its extracted package goes.
 */

/** Normalizes all extracted packages. */
export async function normalize(request: NormalizeRequest, context: StageContext): Promise<NormalizeInfoData> {
  const folder = workingFolder(pipelinesDir(request.pipelinesDir), request.pipelineName)
  return inWorkingFolder(folder.root, () => normalizeExtracted(folder, request, context))
}

async function normalizeExtracted(
  folder: WorkingFolder,
  request: NormalizeRequest,
  context: StageContext,
): Promise<NormalizeInfoData> {
  const startedAtMs = context.clock.nowMs()
  const state = await readNewestState(folder)
  const capabilities = capabilitiesOf(pipelineDestination(request.destination, context.configuration, state))
  checkLoadFormat(capabilities, request.loaderFileFormat)
  await openStorage(folder.load, storageVersions.load)
  await using _lock = await lockStage(folder.private, 'normalize')
  for (const leftover of await packagesIn(folder.new)) await leftover.remove()
  const firstRun = await isFirstRun(folder)
  await finishCommits(folder.normalize, folder.extracted)
  await settleReplacedSchemas(folder)
  await storeNewestSchema(folder)
  const loadPackages: PackageInfo[] = []
  const metrics: Record<string, readonly PackageMetrics[]> = {}
  const contractViolations: ContractViolation[] = []
  let rowsByPath = noRows
  for (const source of await packagesIn(folder.extracted)) {
    context.signal.throwIfAborted()
    const done = await tryFindNormalized(folder, source)
    if (done === undefined) {
      const made = await normalizeOne(source, folder, capabilities, request, context)
      if (made !== undefined) {
        loadPackages.push(made.info)
        contractViolations.push(...made.violations)
        metrics[source.loadId] = [made.metrics]
        rowsByPath = addRows(rowsByPath, made.rowsByPath)
      }
    }
    await source.remove()
    step('normalize:done')
  }
  return {
    pipelineName: request.pipelineName,
    firstRun,
    startedAtMs,
    finishedAtMs: context.clock.nowMs(),
    loadPackages,
    metrics,
    contractViolations,
    rowsByPath,
  }
}

/**
 * Stores the schema of the newest load package, in case that a kill came between committing it and that. Once packages of
 * other schemas follow, nobody would look for it there.
 */
async function storeNewestSchema(folder: WorkingFolder): Promise<void> {
  const places = [await packagesIn(folder.loaded), await packagesIn(folder.normalized)]
  const newest = places
    .map((packages) => packages.at(-1))
    .reduce((a, b) => (a === undefined || (b !== undefined && b.loadId > a.loadId) ? b : a))
  const text = await newest?.readText('schema.json')
  if (text === undefined) return
  const { name, version } = parseSchema(text)
  const [stored, known] = [await tryReadSchema(folder, name), await tryReadNewestSchema(folder, name)]
  if (stored !== undefined && known !== undefined && version > stored.version)
    await storeSchema(folder, known, 'stored')
}

/** The load package that an earlier run has committed, before it was killed on its way to remove the extracted one. */
async function tryFindNormalized(folder: WorkingFolder, source: LoadPackage): Promise<LoadPackage | undefined> {
  for (const place of [folder.normalized, folder.loaded]) {
    const found = (await packagesIn(place)).find((package_) => package_.loadId === source.loadId)
    if (found !== undefined) return found
  }
  return undefined
}

interface NormalizedPackage {
  readonly info: PackageInfo
  readonly metrics: PackageMetrics
  readonly violations: readonly ContractViolation[]
  readonly rowsByPath: RowsByPath
}

async function normalizeOne(
  source: LoadPackage,
  folder: WorkingFolder,
  capabilities: Capabilities,
  request: NormalizeRequest,
  context: StageContext,
): Promise<NormalizedPackage | undefined> {
  const jobs = await source.jobs('new_jobs')
  if (jobs.length === 0) return undefined
  const startedAtMs = context.clock.nowMs()
  const manifest = await source.manifest()
  if (manifest === undefined && jobs.some((job) => job.name.format === 'ndjson')) {
    throw new PackageCorrupted(
      `Package ${source.loadId} has lost its manifest.json. Restore it, or remove ${source.dir}.`,
      {
        path: source.dir,
      },
    )
  }
  const stored = await readSchema(source, folder, capabilities, context)
  step('normalize:start')
  const target = LoadPackage.create(join(folder.new, source.loadId))
  // Python dlt's loader takes no package where it is missing.
  await mkdir(folder.loaded, { recursive: true })
  context.log.info({ package: source.loadId, files: jobs.length }, 'normalizing')
  const normalized = await normalizePackage(
    source,
    target,
    {
      schema: stored,
      capabilities,
      output: {
        ...outputOptions(context.configuration),
        ...(request.loaderFileFormat === undefined ? {} : { format: request.loaderFileFormat }),
      },
      workers: request.workers,
      fastPath: flagOf(context.configuration.find('fast_path', [['normalize']])) ?? true,
      startedAtSeconds: context.clock.nowMs() / 1000,
    },
    context,
  )
  const schema = bumpVersion(finishSchema(normalized))
  await target.writeText('schema.json', stringifySchema(schema))
  await target.writeText('schema_updates.json', stringifyTables(updatesOf(normalized.package, schema)))
  const packageState = await readPackageState(source)
  await writePackageState(target, packageState.entries())
  await copyPreviousState(source, target)
  context.signal.throwIfAborted()
  step('normalize:manifest')
  await writeManifest(target.dir, {
    stage: 'normalize',
    load_id: source.loadId,
    parent_load_id: source.loadId,
    schema: { name: schema.name, version_hash: schema.version_hash ?? '' },
    capabilities: { destination: capabilities.destination },
    state_version: manifest?.state_version ?? null,
    files: normalized.files,
  })
  step('normalize:commit')
  const committed = await commitPackage(target, folder.normalized)
  step('normalize:schema')
  await storeSchema(folder, schema, 'stored', schemaFiles(request, context.configuration))
  const { violations, rowsByPath } = normalized
  const metrics = await packageMetrics(committed, normalized.files, startedAtMs, context.clock.nowMs())
  const rows = Object.values(metrics.tableMetrics).reduce((sum, table) => sum + table.rows, 0)
  const tables = Object.keys(metrics.tableMetrics).length
  context.log.info({ package: source.loadId, rows, tables, redone: normalized.redone, rowsByPath }, 'normalized')
  for (const [table, columns] of normalized.package.onlyNull()) {
    context.log.warn({ table, columns }, 'columns without a type are left out: all their values are null')
  }
  for (const violation of violations) context.log.warn({ ...violation }, violationText(violation))
  return { info: await describePackage(committed, 'normalized', schema), metrics, violations, rowsByPath }
}

/**
 * The schema to begin with: the newest one known, with the tables and hints that the package was extracted with, under
 * the naming convention and the nesting that are asked for.
 */
async function readSchema(
  source: LoadPackage,
  folder: WorkingFolder,
  capabilities: Capabilities,
  { configuration }: StageContext,
): Promise<Schema> {
  const own = await readPackageSchema(source)
  const stored = await tryReadNewestSchema(folder, own.name)
  await loadNaming(own.normalizers.names, ...(stored === undefined ? [] : [stored.normalizers.names]))
  const combined = stored === undefined ? own : combineSchemas(stored, own)
  const settings = normalizerSettings(own.name, configuration, capabilities)
  return configureNormalizers(combined, settings, capabilities.maxIdentifierLength)
}

/** What changed, by table: only new columns, with the table's hints as they are now. */
function updatesOf(work: PackageSchema, schema: Schema): ReadonlyMap<string, Table> {
  return new Map(
    [...work.updates].map(([name, update]) => [
      name,
      { ...update, hints: schema.tables.get(name)?.hints ?? update.hints },
    ]),
  )
}
