import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  capabilitiesOf,
  commitPackage,
  describePackage,
  exitCodeOf,
  inWorkingFolder,
  isFirstRun,
  loadMetrics,
  lockStage,
  openStorage,
  packagesIn,
  readJobMetrics,
  step,
  storageVersions,
  type LoadInfoData,
  type LoadMetrics,
  type LoadPackage,
  type PackageInfo,
  type Schema,
  type StageContext,
  type WorkingFolder,
} from '@gantry/common'
import type { LoadJobFailed } from './errors.ts'
import type { Destination } from './destinations/destination.ts'
import { loadPackage } from './load-package.ts'
import { OpenDatasets } from './open-datasets.ts'
import type { LoadRules } from './package-work.ts'
import { loadSettings } from './load-settings.ts'
import { replaceStrategy } from './replace-strategy.ts'
import type { LoadRequest } from './request.ts'
import { resolveTarget, type LoadTarget } from './target.ts'

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
  const target = await resolveTarget(request, context)
  try {
    return await inWorkingFolder(target.folder.root, () => loadWaiting(request, target, context))
  } catch (error) {
    // What was interrupted failed because the stage shall stop.
    if (exitCodeOf(error) === 75) context.signal.throwIfAborted()
    throw error
  }
}

async function loadWaiting(request: LoadRequest, target: LoadTarget, context: StageContext): Promise<LoadOutcome> {
  const startedAtMs = context.clock.nowMs()
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
      destinationType: capabilitiesOf(reference).destinationType,
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
  step('load:start')
  await using datasets = new OpenDatasets(target)
  using _interrupt = interruptWhenStopped(datasets, context.signal)
  let newest: Schema | undefined
  const finish = async (left: Destination): Promise<void> => {
    if (newest !== undefined) await sweep(left, newest, folder, context)
  }
  let location = '---'
  for (const [at, package_] of waiting.entries()) {
    context.signal.throwIfAborted()
    context.log.info({ package: package_.loadId, number: at + 1, of: waiting.length }, 'loading')
    const packageAtMs = context.clock.nowMs()
    const destination = await datasets.of(package_, finish)
    location = destination.location
    const { schema, outcome: ended, failure } = await loadPackage(package_, destination, rules, context)
    newest = schema
    await settleSchemaUpdates(package_)
    const known = await readJobMetrics(package_)
    const settled = await commitPackage(package_, folder.loaded)
    step('load:done')
    const info = await describePackage(settled, ended, schema)
    loadPackages.push(info)
    metrics[info.loadId] = [loadMetrics(info, destination.datasetName, packageAtMs, context.clock.nowMs(), known)]
    if (ended === 'loaded' && rules.settings.deleteCompletedJobs) await settled.removeCompletedJobs()
    context.log.info({ package: package_.loadId, status: ended }, `package is ${ended}`)
    if (failure !== undefined) return outcome(location, failure)
  }
  if (datasets.current !== undefined) await finish(datasets.current)
  return outcome(location)
}

/** The work is done by then, so that what fails here is no failure of it. */
async function sweep(
  destination: Destination,
  schema: Schema,
  { normalized }: WorkingFolder,
  { log }: StageContext,
): Promise<void> {
  try {
    const pending = await packagesIn(normalized)
    const tables = await destination.sweep(
      schema,
      pending.map(({ loadId }) => loadId),
    )
    if (tables.length > 0) log.info({ tables }, 'removed staging tables that earlier loads had left')
  } catch (error) {
    log.warn({ error: (error as Error).message }, 'staging tables that earlier loads have left could not be removed')
  }
}

/**
 * How long a statement may go on in a stage that shall stop. Whoever has sent the signal waits, then kills: a container
 * engine for 10 seconds.
 */
const graceMs = 4000

function interruptWhenStopped(datasets: OpenDatasets, signal: AbortSignal): Disposable {
  let timer: NodeJS.Timeout | undefined
  const begin = (): void => {
    timer = setTimeout(() => void datasets.current?.interrupt(), graceMs)
  }
  signal.addEventListener('abort', begin, { once: true })
  return {
    [Symbol.dispose]() {
      signal.removeEventListener('abort', begin)
      clearTimeout(timer)
    },
  }
}

/** `schema_updates.json` says what is to be done, `applied_schema_updates.json` what was. */
async function settleSchemaUpdates(package_: LoadPackage): Promise<void> {
  const updates = await package_.readText('schema_updates.json')
  if (updates === undefined) return
  await package_.writeText('applied_schema_updates.json', updates)
  await rm(join(package_.dir, 'schema_updates.json'), { force: true })
}
