import {
  capabilitiesOf,
  isoInstant,
  JsonObject,
  loadNaming,
  namingConvention,
  packageCreatedAt,
  readPackageSchema,
  readPackageState,
  step,
  systemNames,
  verifyManifest,
  type Capabilities,
  type Job,
  type LoadPackage,
  type Manifest,
  type Schema,
  type StageContext,
  type Value,
} from '@gantry/common'
import { checkNames } from './check-names.ts'
import type { Destination, MigrationUnit, PackageUnit } from './destinations/destination.ts'
import { JobFileFormatUnsupported, LoadJobFailed } from './errors.ts'
import { JobKeeper } from './job-keeper.ts'
import type { LoadSettings } from './load-settings.ts'
import { planChains, type ChainLoad, type ChainStrategy } from './plan-package.ts'
import { verifyDispositions } from './verify-dispositions.ts'

export interface LoadedPackage {
  readonly schema: Schema
  readonly outcome: 'loaded' | 'aborted'
  /** Set where the package was aborted. */
  readonly failure?: LoadJobFailed
}

/** How packages are loaded. */
export interface LoadRules {
  readonly settings: LoadSettings
  readonly replaceStrategy: ChainStrategy
}

/**
 * Brings one package to the destination. Every step may be repeated: what was recorded there is not loaded again, so a
 * process that is killed anywhere is finished by the next one. The caller moves the folder.
 */
export async function loadPackage(
  package_: LoadPackage,
  destination: Destination,
  rules: LoadRules,
  context: StageContext,
): Promise<LoadedPackage> {
  const schema = await readPackageSchema(package_)
  const completion = await package_.completion()
  if (completion !== undefined) return { schema, outcome: completion }
  await loadNaming(schema.normalizers.names)
  await using _lock = await destination.lockLoad(package_.loadId)
  if (await destination.hasLoad(package_.loadId, schema)) {
    context.log.info({ package: package_.loadId }, 'already loaded by an earlier run')
  } else {
    const failure = await new PackageLoader(package_, schema, destination, rules, context).run()
    if (failure !== undefined) {
      await package_.writeText('package_completed.json', 'aborted')
      return { schema, outcome: 'aborted', failure }
    }
  }
  step('load:committed')
  for (const job of await package_.jobs('new_jobs', 'started_jobs')) await package_.move(job, 'completed_jobs')
  await package_.writeText('package_completed.json', 'loaded')
  step('load:marked')
  return { schema, outcome: 'loaded' }
}

class PackageLoader {
  readonly #package: LoadPackage
  readonly #schema: Schema
  readonly #destination: Destination
  readonly #rules: LoadRules
  readonly #context: StageContext
  readonly #capabilities: Capabilities
  readonly #insertedAt: string

  constructor(
    package_: LoadPackage,
    schema: Schema,
    destination: Destination,
    rules: LoadRules,
    context: StageContext,
  ) {
    this.#package = package_
    this.#schema = schema
    this.#destination = destination
    this.#rules = rules
    this.#context = context
    this.#capabilities = capabilitiesOf(destination.name)
    this.#insertedAt = isoInstant(context.clock.nowMs())
  }

  /** @returns why the package was aborted; undefined where it is loaded */
  async run(): Promise<LoadJobFailed | undefined> {
    const { signal } = this.#context
    await this.#package.settleMarkedJobs()
    const all = await this.#package.jobs('new_jobs', 'started_jobs', 'completed_jobs')
    // Chains are ended by this loader's own statements. What Python dlt has written down for that is left alone.
    const jobs = all.filter(({ name }) => name.format !== 'sql')
    for (const job of jobs) this.#checkFormat(job)
    const manifest = await this.#package.manifest()
    if (manifest !== undefined) await verifyManifest(manifest, new Map(jobs.map((job) => [job.id, job.path])))
    step('load:verified')
    checkNames(this.#schema, this.#capabilities)
    this.#verifyDispositions(jobs)
    const ended = all.filter(({ name, folder }) => name.format === 'sql' && folder === 'completed_jobs')
    const unit = this.#unit(jobs, new Set(ended.map(({ name }) => name.table)), manifest)
    signal.throwIfAborted()
    await this.#migrate(unit.chains)
    step('load:migrated')
    signal.throwIfAborted()
    const keeper = new JobKeeper(this.#package, jobs.length, this.#rules.settings, this.#context)
    try {
      await this.#destination.load(unit, keeper)
      return undefined
    } catch (error) {
      if (error instanceof LoadJobFailed) return error
      throw error
    }
  }

  /** @param ended  root tables of chains that Python dlt has brought to their end */
  #unit(jobs: readonly Job[], ended: ReadonlySet<string>, manifest: Manifest | undefined): PackageUnit {
    const { stateTable } = systemNames(namingConvention(this.#schema.normalizers.names))
    const open = jobs.filter(({ folder }) => folder !== 'completed_jobs')
    const state = open.filter(({ name }) => name.table === stateTable)
    const data = jobs.filter(({ name }) => name.table !== stateTable)
    const rows = new Map(manifest?.files.map((file) => [file.job_id, file.rows]))
    const { replaceStrategy } = this.#rules
    return {
      loadId: this.#package.loadId,
      schema: this.#schema,
      chains: planChains(this.#schema, data, this.#capabilities, replaceStrategy)
        .map((chain) => openChain(chain))
        .filter(({ root, tables }) => !ended.has(root.name) && tables.some((load) => load.jobs.length > 0)),
      state: planChains(this.#schema, state, this.#capabilities, replaceStrategy).flatMap(({ tables }) => tables),
      createdAt: packageCreatedAt(this.#package.loadId).toString(),
      insertedAt: this.#insertedAt,
      rowsOf: (job) => rows.get(job.id),
    }
  }

  async #migrate(chains: readonly ChainLoad[]): Promise<void> {
    const { log } = this.#context
    const own = systemNames(namingConvention(this.#schema.normalizers.names))
    const system = [own.versionTable, own.loadsTable, own.stateTable].flatMap(
      (name) => this.#schema.tables.get(name) ?? [],
    )
    const data = chains.flatMap(({ tables }) => tables.map(({ table }) => table))
    const state = await readPackageState(this.#package)
    const unit: MigrationUnit = {
      loadId: this.#package.loadId,
      schema: this.#schema,
      tables: [...system, ...data],
      dropped: namesOf(state.get('dropped_tables')),
      truncated: namesOf(state.get('truncated_tables')).filter((name) => data.some((table) => table.name === name)),
      insertedAt: this.#insertedAt,
    }
    const { changes, relaxed } = await this.#destination.migrate(unit)
    for (const { table, column } of relaxed) {
      log.warn(
        { table, column },
        'column must not be null, but was added as nullable because the table has rows already',
      )
    }
    if (changes.size > 0) {
      const columns = [...changes.values()].reduce((sum, added) => sum + added.length, 0)
      log.info({ package: this.#package.loadId, tables: changes.size, columns }, 'migrated the tables')
    }
  }

  /** Refuses hints that contradict each other, before anything is written. */
  #verifyDispositions(jobs: readonly Job[]): void {
    const names = jobs.map(({ name }) => name.table)
    const { log } = this.#context
    const warnings = verifyDispositions(this.#schema, names, this.#capabilities, this.#rules.replaceStrategy)
    for (const { table, message } of warnings) log.warn({ table }, message)
  }

  #checkFormat({ name, path }: Job): void {
    const { supportedFormats, destination } = this.#capabilities
    if (supportedFormats.includes(name.format)) return
    throw new JobFileFormatUnsupported(
      `${path} has format ${name.format}, which destination ${destination} does not load; it takes ${supportedFormats.join(', ')}. ` +
        'Normalize the package again, or remove the file.',
      { path, format: name.format },
    )
  }
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
