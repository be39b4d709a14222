import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  capabilitiesOf,
  commitPackage,
  describePackage,
  isFirstRun,
  loadMetrics,
  lockStage,
  openStorage,
  packagesIn,
  step,
  storageVersions,
  type LoadInfoData,
  type LoadMetrics,
  type LoadPackage,
  type PackageInfo,
  type StageContext,
} from '@gantry/common'
import type { LoadJobFailed } from './errors.ts'
import { openDestination } from './destinations/registry.ts'
import { loadPackage, type LoadRules } from './load-package.ts'
import { loadSettings } from './load-settings.ts'
import { replaceStrategy } from './replace-strategy.ts'
import type { LoadRequest } from './request.ts'
import { resolveTarget } from './target.ts'

/*
 * The load stage: packages of `load/normalized`, in the order of their load ids, to the destination, then to
 * `load/loaded`. The driver is loaded when there is a package, not before. The first package that is aborted stops the
 * stage; those behind it stay.
 */

/** What the stage did, and how it ended. */
export interface LoadOutcome {
  readonly info: LoadInfoData
  /** The job that aborted the last package. */
  readonly failure?: LoadJobFailed
}

/** Loads all packages that wait. */
export async function load(request: LoadRequest, context: StageContext): Promise<LoadOutcome> {
  const startedAtMs = context.clock.nowMs()
  const target = await resolveTarget(request, context)
  const { folder, reference } = target
  await openStorage(folder.load, storageVersions.load)
  await using _lock = await lockStage(folder.private, 'load')
  const firstRun = await isFirstRun(folder)
  const loadPackages: PackageInfo[] = []
  const metrics: Record<string, readonly LoadMetrics[]> = {}
  const outcome = (location: string, failure?: LoadJobFailed): LoadOutcome => ({
    info: {
      pipelineName: request.pipelineName,
      firstRun,
      startedAtMs,
      finishedAtMs: context.clock.nowMs(),
      loadPackages,
      metrics,
      destinationType: capabilitiesOf(reference.type).destinationType,
      destinationName: reference.name,
      datasetName: target.datasetName,
      location,
    },
    ...(failure === undefined ? {} : { failure }),
  })
  const rules: LoadRules = {
    settings: loadSettings(context.configuration),
    replaceStrategy: replaceStrategy(reference, target.configuration),
  }
  const waiting = await packagesIn(folder.normalized)
  if (waiting.length === 0) return outcome('---')
  await using destination = await openDestination({ ...target, access: 'load' })
  for (const [at, package_] of waiting.entries()) {
    context.signal.throwIfAborted()
    context.log.info({ package: package_.loadId, number: at + 1, of: waiting.length }, 'loading')
    const packageAtMs = context.clock.nowMs()
    const { schema, outcome: ended, failure } = await loadPackage(package_, destination, rules, context)
    await settleSchemaUpdates(package_)
    const settled = await commitPackage(package_, folder.loaded)
    step('load:done')
    const info = await describePackage(settled, ended, schema)
    loadPackages.push(info)
    metrics[info.loadId] = [loadMetrics(info, target.datasetName, packageAtMs, context.clock.nowMs())]
    if (ended === 'loaded' && rules.settings.deleteCompletedJobs) await settled.removeCompletedJobs()
    context.log.info({ package: package_.loadId, status: ended }, `package is ${ended}`)
    if (failure !== undefined) return outcome(destination.location, failure)
  }
  return outcome(destination.location)
}

/** `schema_updates.json` says what is to be done, `applied_schema_updates.json` what was. */
async function settleSchemaUpdates(package_: LoadPackage): Promise<void> {
  const updates = await package_.readText('schema_updates.json')
  if (updates === undefined) return
  await package_.writeText('applied_schema_updates.json', updates)
  await rm(join(package_.dir, 'schema_updates.json'), { force: true })
}
