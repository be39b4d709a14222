import {
  compareCodePoints,
  loadNaming,
  packagesIn,
  readPackageSchema,
  writeDisposition,
  type LoadPackage,
  type Schema,
  type StageContext,
} from '@gantry/common'
import type { Destination, MigrationPlan } from './destinations/destination.ts'
import { openDestination } from './destinations/registry.ts'
import { LoadPlan, type PlannedPackage, type PlannedTable } from './load-plan.ts'
import type { TableLoad } from './plan-package.ts'
import { readPackageWork, type LoadRules, type PackageWork } from './package-work.ts'
import { replaceStrategy } from './replace-strategy.ts'
import type { LoadRequest } from './request.ts'
import { resolveTarget, targetOfSchema, type LoadTarget } from './target.ts'

/**
 * What `load` would do now: packages with their jobs, and the statements that migrate tables. Reads the working folder and
 * the destination, and writes to neither; takes no lock, so a load that is under way may change what is said.
 *
 * @throws whatever `load` would refuse a package with
 */
export async function planLoad(request: LoadRequest, context: StageContext): Promise<LoadPlan> {
  const target = await resolveTarget(request, context)
  const rules = { replaceStrategy: replaceStrategy(target.reference, target.configuration) }
  const waiting = await packagesIn(target.folder.normalized)
  const packages: PlannedPackage[] = []
  let location = '---'
  for (const [ofDataset, ofPackages] of await byDataset(waiting, target)) {
    await using destination = await openDestination({ ...ofDataset, access: 'plan' })
    location = destination.location
    packages.push(...(await planPackages(ofPackages, destination, rules, context)))
  }
  return new LoadPlan({
    pipelineName: request.pipelineName,
    destinationName: target.reference.name,
    datasetName: target.datasetName,
    location,
    packages: packages.toSorted((a, b) => compareCodePoints(a.loadId, b.loadId)),
  })
}

/** The packages by the dataset that they go to; the pipeline's own is there in any case. */
async function byDataset(
  waiting: readonly LoadPackage[],
  target: LoadTarget,
): Promise<Iterable<readonly [LoadTarget, readonly LoadPackage[]]>> {
  const groups = new Map<string, [LoadTarget, LoadPackage[]]>([[target.datasetName, [target, []]]])
  for (const package_ of waiting) {
    const { name } = await readPackageSchema(package_)
    const ofSchema = targetOfSchema(target, name)
    const group = groups.get(ofSchema.datasetName) ?? [ofSchema, []]
    group[1].push(package_)
    groups.set(ofSchema.datasetName, group)
  }
  return groups.values()
}

async function planPackages(
  waiting: readonly LoadPackage[],
  destination: Destination,
  rules: Pick<LoadRules, 'replaceStrategy'>,
  context: StageContext,
): Promise<PlannedPackage[]> {
  const packages: WaitingPackage[] = []
  for (const package_ of waiting) packages.push(await readWaiting(package_, destination, rules, context))
  const works = packages.flatMap(({ work }) => work ?? [])
  const migrations = await destination.planMigrations(works.map(({ migration }) => migration))
  const plans = new Map(works.map((work, at) => [work, migrations[at] as MigrationPlan]))
  return packages.map(({ loadId, schema, work }) => planned(loadId, schema, work, work && plans.get(work)))
}

/** A package that waits; without work where it was loaded or aborted before, and has only to be moved. */
interface WaitingPackage {
  readonly loadId: string
  readonly schema: Schema
  readonly work: PackageWork | undefined
}

async function readWaiting(
  package_: LoadPackage,
  destination: Destination,
  rules: Pick<LoadRules, 'replaceStrategy'>,
  { clock }: StageContext,
): Promise<WaitingPackage> {
  const schema = await readPackageSchema(package_)
  await loadNaming(schema.normalizers.names)
  const { loadId } = package_
  const isEnded = (await package_.completion()) !== undefined || (await destination.hasLoad(loadId, schema))
  if (isEnded) return { loadId, schema, work: undefined }
  const work = await readPackageWork(package_, schema, destination.capabilities, rules, clock.nowMs())
  return { loadId, schema, work }
}

function planned(
  loadId: string,
  schema: Schema,
  work: PackageWork | undefined,
  migration: MigrationPlan | undefined,
): PlannedPackage {
  const { unit } = work ?? {}
  const tableOf = ({ table, jobs }: TableLoad, strategy: string): PlannedTable => ({
    name: table.name,
    writeDisposition: writeDisposition(schema, table.name),
    strategy,
    jobs: jobs.map((job) => ({ jobId: job.id, rows: unit?.rowsOf(job) ?? null })),
  })
  return {
    loadId,
    schemaName: schema.name,
    isLoaded: work === undefined,
    tables: [
      ...(unit?.chains ?? []).flatMap(({ strategy, tables }) => tables.map((load) => tableOf(load, strategy))),
      ...(unit?.state ?? []).map((load) => tableOf(load, 'append')),
    ],
    warnings: work?.warnings ?? [],
    newColumns: Object.fromEntries(migration?.changes ?? []),
    statements: [...(migration?.statements ?? []), ...(migration?.afterwards ?? []).map(({ statement }) => statement)],
  }
}
