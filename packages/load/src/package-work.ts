import {
  DestinationState,
  isoInstant,
  JsonObject,
  namingConvention,
  packageCreatedAt,
  readPackageState,
  systemNames,
  verifyManifest,
  type Capabilities,
  type Job,
  type LoadPackage,
  type Manifest,
  type Schema,
  type Value,
} from '@gantry/common'
import { checkNames } from './check-names.ts'
import type { MigrationUnit, PackageUnit } from './destinations/destination.ts'
import { JobFileFormatUnsupported } from './errors.ts'
import type { LoadSettings } from './load-settings.ts'
import { planChains, type ChainLoad, type ChainStrategy } from './plan-package.ts'
import { verifyDispositions } from './verify-dispositions.ts'

/** How packages are loaded. */
export interface LoadRules {
  readonly settings: LoadSettings
  readonly replaceStrategy: ChainStrategy
}

/** What is to be done with a load package. */
export interface PackageWork {
  readonly migration: MigrationUnit
  readonly unit: PackageUnit
  /** Jobs of the package that are not failed. */
  readonly jobs: number
  /** What hints ask for in vain. */
  readonly warnings: readonly { readonly table: string; readonly message: string }[]
}

/**
 * Reads a package and makes sure that it is whole and can be loaded; writes nothing.
 *
 * @throws {JobFileFormatUnsupported}
 * @throws {PackageCorrupted} the manifest says otherwise than the files
 * @throws {SchemaIdentifierNormalizationCollision} @throws {IdentifierTooLong}
 * @throws {SchemaCorruptedException} hints contradict each other
 */
export async function readPackageWork(
  package_: LoadPackage,
  schema: Schema,
  capabilities: Capabilities,
  { replaceStrategy }: Pick<LoadRules, 'replaceStrategy'>,
  nowMs: number,
): Promise<PackageWork> {
  const all = await package_.jobs('new_jobs', 'started_jobs', 'completed_jobs')
  // Chains are ended by this loader's own statements. What Python dlt has written down for that is left alone.
  const jobs = all.filter(({ name }) => name.format !== 'sql')
  for (const job of jobs) checkFormat(job, capabilities)
  const manifest = await package_.manifest()
  if (manifest !== undefined) await verifyManifest(manifest, new Map(jobs.map((job) => [job.id, job.path])))
  checkNames(schema, capabilities)
  const names = jobs.map(({ name }) => name.table)
  const warnings = verifyDispositions(schema, names, capabilities, replaceStrategy)
  const ended = all.filter(({ name, folder }) => name.format === 'sql' && folder === 'completed_jobs')
  const insertedAt = isoInstant(nowMs)
  const state = await readPackageState(package_)
  const unit: PackageUnit = {
    loadId: package_.loadId,
    schema,
    ...chainsOf(schema, jobs, new Set(ended.map(({ name }) => name.table)), capabilities, replaceStrategy),
    createdAt: packageCreatedAt(package_.loadId).toString(),
    insertedAt,
    rowsOf: rowCounter(manifest),
    notes: DestinationState.of(package_, state),
  }
  return { migration: migrationOf(state, unit), unit, jobs: jobs.length, warnings }
}

/** @param ended  root tables of chains that Python dlt has brought to their end */
function chainsOf(
  schema: Schema,
  jobs: readonly Job[],
  ended: ReadonlySet<string>,
  capabilities: Capabilities,
  replaceStrategy: ChainStrategy,
): Pick<PackageUnit, 'chains' | 'state'> {
  const { stateTable } = systemNames(namingConvention(schema.normalizers.names))
  const open = jobs.filter(({ folder }) => folder !== 'completed_jobs')
  const state = open.filter(({ name }) => name.table === stateTable)
  const data = jobs.filter(({ name }) => name.table !== stateTable)
  return {
    chains: planChains(schema, data, capabilities, replaceStrategy)
      .map((chain) => openChain(chain))
      .filter(({ root, tables }) => !ended.has(root.name) && tables.some((load) => load.jobs.length > 0)),
    state: planChains(schema, state, capabilities, replaceStrategy).flatMap(({ tables }) => tables),
  }
}

/** @param state  of the package */
function migrationOf(state: JsonObject, { loadId, schema, chains, insertedAt }: PackageUnit): MigrationUnit {
  const own = systemNames(namingConvention(schema.normalizers.names))
  const system = [own.versionTable, own.loadsTable, own.stateTable].flatMap((name) => schema.tables.get(name) ?? [])
  const data = chains.flatMap(({ tables }) => tables.map(({ table }) => table))
  return {
    loadId,
    schema,
    tables: [...system, ...data],
    dropped: namesOf(state.get('dropped_tables')),
    truncated: namesOf(state.get('truncated_tables')).filter((name) => data.some((table) => table.name === name)),
    insertedAt,
  }
}

function rowCounter(manifest: Manifest | undefined): PackageUnit['rowsOf'] {
  const rows = new Map(manifest?.files.map((file) => [file.job_id, file.rows]))
  return (job) => rows.get(job.id)
}

function checkFormat({ name, path }: Job, { supportedFormats, destination }: Capabilities): void {
  if (supportedFormats.includes(name.format)) return
  throw new JobFileFormatUnsupported(
    `${path} has format ${name.format}, which destination ${destination} does not load; it takes ${supportedFormats.join(', ')}. ` +
      'Normalize the package again, or remove the file.',
    { path, format: name.format },
  )
}

/**
 * The chain without files that are done. Where rows are replaced or merged, those count with the others until the chain
 * is at its end: only then are they in their tables.
 */
function openChain(chain: ChainLoad): ChainLoad {
  if (chain.strategy !== 'append') return chain
  const tables = chain.tables.map(({ table, jobs }) => ({
    table,
    jobs: jobs.filter(({ folder }) => folder !== 'completed_jobs'),
  }))
  return { ...chain, tables }
}

/** Names of tables that a package's state lists as documents. */
function namesOf(tables: Value | undefined): string[] {
  if (!Array.isArray(tables)) return []
  return (tables as readonly Value[]).flatMap((table) => {
    const name = table instanceof JsonObject ? table.get('name') : undefined
    return typeof name === 'string' ? [name] : []
  })
}
