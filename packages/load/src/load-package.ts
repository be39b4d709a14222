import {
  addJobMetrics,
  loadNaming,
  readPackageSchema,
  step,
  type LoadPackage,
  type Schema,
  type StageContext,
} from '@gantry/common'
import { chainJob } from './chain-job.ts'
import type { Destination, MigrationUnit, PackageUnit } from './destinations/destination.ts'
import { LoadJobFailed } from './errors.ts'
import { JobKeeper } from './job-keeper.ts'
import { readPackageWork, type LoadRules } from './package-work.ts'
import { isStaged } from './plan-package.ts'

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
    const failure = await runPackage(package_, schema, destination, rules, context)
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

/** @returns why the package was aborted; undefined where it is loaded */
async function runPackage(
  package_: LoadPackage,
  schema: Schema,
  destination: Destination,
  rules: LoadRules,
  context: StageContext,
): Promise<LoadJobFailed | undefined> {
  const { signal, log, clock } = context
  await package_.settleMarkedJobs()
  const { migration, unit, jobs, warnings } = await readPackageWork(
    package_,
    schema,
    destination.capabilities,
    rules,
    clock.nowMs(),
  )
  for (const { table, message } of warnings) log.warn({ table }, message)
  step('load:verified')
  signal.throwIfAborted()
  await migrate(migration, destination, context)
  step('load:migrated')
  signal.throwIfAborted()
  const keeper = new JobKeeper(package_, jobs, followupsOf(unit), rules.settings, context, destination.capabilities)
  try {
    await destination.load(unit, keeper)
    return undefined
  } catch (error) {
    if (error instanceof LoadJobFailed) return error
    throw error
  } finally {
    await addJobMetrics(package_, keeper.metrics.values())
  }
}

/** Jobs that follow each job: what ends its chain. */
function followupsOf({ loadId, chains }: PackageUnit): ReadonlyMap<string, readonly string[]> {
  return new Map(
    chains.filter(isStaged).flatMap(({ root, tables }) => {
      const ending = [chainJob(loadId, root.name)]
      return tables.flatMap(({ jobs }) => jobs.map((job) => [job.id, ending] as const))
    }),
  )
}

async function migrate(unit: MigrationUnit, destination: Destination, { log }: StageContext): Promise<void> {
  const { changes, relaxed } = await destination.migrate(unit)
  for (const { table, column } of relaxed) {
    log.warn({ table, column }, 'column must not be null, but was added as nullable because the table has rows already')
  }
  if (changes.size === 0) return
  const columns = [...changes.values()].reduce((sum, added) => sum + added.length, 0)
  log.info({ package: unit.loadId, tables: changes.size, columns }, 'migrated the tables')
}
