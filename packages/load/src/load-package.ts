import {
  capabilitiesOf,
  inheritedHint,
  isoInstant,
  loadNaming,
  normalizerHints,
  readPackageSchema,
  rootTable,
  step,
  tableChain,
  TerminalError,
  verifyManifest,
  writeDisposition,
  type Job,
  type LoadPackage,
  type Schema,
  type StageContext,
  type Table,
} from '@gantry/common'
import { checkNames } from './check-names.ts'
import type { Destination, PackageUnit, TableLoad } from './destinations/destination.ts'
import { LoadJobFailed } from './errors.ts'

/** A write disposition that the loader cannot carry out. */
export class WriteDispositionNotSupported extends TerminalError {
  override readonly code = 'write_disposition_not_supported'
}

export interface LoadedPackage {
  readonly schema: Schema
  readonly outcome: 'loaded' | 'aborted'
  /** Set where the package was aborted. */
  readonly failure?: LoadJobFailed
}

/**
 * Brings one package to the destination. Every step may be repeated: what was recorded there is not loaded again, so a
 * process that is killed anywhere is finished by the next one. The caller moves the folder.
 */
export async function loadPackage(
  package_: LoadPackage,
  destination: Destination,
  context: StageContext,
): Promise<LoadedPackage> {
  const schema = await readPackageSchema(package_)
  const completion = await package_.completion()
  if (completion !== undefined) return { schema, outcome: completion }
  const jobs = await package_.jobs('new_jobs', 'started_jobs')
  await loadNaming(schema.normalizers.names)
  if (!(await destination.hasLoad(package_.loadId, schema))) {
    const manifest = await package_.manifest()
    if (manifest !== undefined) await verifyManifest(manifest, new Map(jobs.map((job) => [job.id, job.path])))
    step('load:verified')
    const failure = await loadJobs(package_, schema, jobs, destination, context)
    if (failure !== undefined) {
      await package_.writeText('package_completed.json', 'aborted')
      return { schema, outcome: 'aborted', failure }
    }
  } else context.log.info({ package: package_.loadId }, 'already loaded by an earlier run')
  step('load:committed')
  for (const job of await package_.jobs('new_jobs', 'started_jobs')) await package_.move(job, 'completed_jobs')
  await package_.writeText('package_completed.json', 'loaded')
  step('load:marked')
  return { schema, outcome: 'loaded' }
}

async function loadJobs(
  package_: LoadPackage,
  schema: Schema,
  jobs: readonly Job[],
  destination: Destination,
  context: StageContext,
): Promise<LoadJobFailed | undefined> {
  const insertedAt = isoInstant(context.clock.nowMs())
  const tables = planTables(schema, jobs)
  checkNames(schema, capabilitiesOf(destination.name))
  context.signal.throwIfAborted()
  await migrate(package_, schema, tables, destination, insertedAt, context)
  step('load:migrated')
  context.signal.throwIfAborted()
  for (const job of jobs) await package_.move(job, 'started_jobs')
  const started = await package_.jobs('started_jobs')
  const unit: PackageUnit = { loadId: package_.loadId, schema, tables: planTables(schema, started), insertedAt }
  step('load:commit')
  try {
    await destination.commitPackage(unit, (done) =>
      context.progress.update('load', { name: 'loaded', unit: 'jobs', done, total: unit.tables.length }),
    )
    return undefined
  } catch (error) {
    if (!(error instanceof LoadJobFailed)) throw error
    await package_.fail(error.job, error.message)
    for (const job of await package_.jobs('started_jobs')) await package_.move(job, 'new_jobs')
    return error
  }
}

async function migrate(
  package_: LoadPackage,
  schema: Schema,
  tables: readonly TableLoad[],
  destination: Destination,
  insertedAt: string,
  context: StageContext,
): Promise<void> {
  const own = [...schema.tables.values()].filter((table) => table.hints.write_disposition === 'skip')
  const wanted = [...own, ...tables.map(({ table }) => table).filter((table) => !own.includes(table))]
  const { changes, relaxed } = await destination.migrate(schema, wanted, insertedAt)
  for (const { table, column } of relaxed) {
    context.log.warn(
      { table, column },
      'column must not be null, but was added as nullable because the table has rows already',
    )
  }
  if (changes.size > 0) {
    const columns = [...changes.values()].reduce((sum, added) => sum + added.length, 0)
    context.log.info({ package: package_.loadId, tables: changes.size, columns }, 'migrated the tables')
  }
}

/**
 * Which tables take part, roots before what is below them: those with files, and where a table is replaced, all tables
 * below it that have ever seen data, so that rows of them go too.
 */
function planTables(schema: Schema, jobs: readonly Job[]): TableLoad[] {
  const byTable = groupByTable(jobs)
  const loads: TableLoad[] = []
  const roots = new Set([...byTable.keys()].map((name) => rootTable(schema, name)))
  for (const root of roots) {
    const disposition = writeDisposition(schema, root.name)
    if (disposition !== 'append' && disposition !== 'replace') {
      throw new WriteDispositionNotSupported(
        `Table "${root.name}" has write disposition ${disposition}${strategyText(schema, root)}, which this loader cannot carry out. ` +
          'Use append or replace.',
        { table: root.name, disposition },
      )
    }
    const isReplaced = disposition === 'replace'
    for (const table of tableChain(schema, root.name)) {
      const ofTable = byTable.get(table.name) ?? []
      if (ofTable.length > 0 || (isReplaced && normalizerHints(table)['seen-data'] === true))
        loads.push({ table, jobs: ofTable, isReplaced })
    }
  }
  return loads
}

function strategyText(schema: Schema, table: Table): string {
  const strategy = inheritedHint(schema, table.name, 'x-merge-strategy')
  return typeof strategy === 'string' ? ` (${strategy})` : ''
}

function groupByTable(jobs: readonly Job[]): Map<string, Job[]> {
  const groups = new Map<string, Job[]>()
  for (const job of jobs) groups.set(job.name.table, [...(groups.get(job.name.table) ?? []), job])
  return groups
}
