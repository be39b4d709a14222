import { isoInstant } from '../clock.ts'
import { sha3Base64 } from '../hash.ts'
import { JsonObject } from '../json/object.ts'
import { parseJson } from '../json/reader.ts'
import { sortedKeys } from '../json/sorted.ts'
import { typedJson } from '../json/typed.ts'
import type { Value } from '../values/value.ts'
import { Timestamp, tryTimestampOfUnixSeconds } from '../values/temporal.ts'
import { jobMetricsDict, jobMetricsOf, type LoadJobMetrics } from '../info/load-metrics.ts'
import type { LoadPackage } from './load-package.ts'

const fileName = 'load_package_state.json'
const unhashed = new Set(['_state_version', '_state_engine_version', '_version_hash', 'load_metrics'])

/**
 * Writes `load_package_state.json`, numbered and hashed as dlt does (`dlt/common/storages/load_package.py`).
 *
 * @param entries  `pipeline_state`, `dropped_tables`, … beside `created_at`, which follows from the load id
 */
export async function writePackageState(
  package_: LoadPackage,
  entries: Iterable<readonly [string, Value]> = [],
): Promise<void> {
  const content = new Map<string, Value>([['created_at', packageCreatedAt(package_.loadId)], ...entries])
  await package_.writeText(fileName, typedJson(stateDocument(0, content)))
}

function stateDocument(version: number, content: ReadonlyMap<string, Value>): JsonObject {
  const hashed = JsonObject.of([...content].filter(([key]) => !unhashed.has(key)))
  return JsonObject.of([
    ['_state_version', version],
    ['_state_engine_version', 1],
    ...content,
    ['_version_hash', sha3Base64(typedJson(sortedKeys(hashed)))],
  ])
}

/** The package's state document; empty where dlt wrote none. */
export async function readPackageState(package_: LoadPackage): Promise<JsonObject> {
  const text = await package_.readText(fileName)
  const document = text === undefined ? undefined : parseJson(text)
  return document instanceof JsonObject
    ? JsonObject.of([...document.entries()].filter(([key]) => !unhashed.has(key) || key === 'load_metrics'))
    : new JsonObject()
}

/** Sets an entry of the package's state, under the next number. */
export async function changePackageState(package_: LoadPackage, key: string, value: Value): Promise<void> {
  const text = await package_.readText(fileName)
  const document = text === undefined ? undefined : parseJson(text)
  const version = document instanceof JsonObject ? Number(document.get('_state_version') ?? 0) : 0
  const content = new Map<string, Value>([
    ['created_at', packageCreatedAt(package_.loadId)],
    ...(await readPackageState(package_)).entries(),
    [key, value],
  ])
  await package_.writeText(fileName, typedJson(stateDocument(version + 1, content)))
}

/**
 * Metrics of load jobs by job id, as dlt keeps them while a package is loaded (`load_metrics`), so that a process that
 * goes on with it knows of those before.
 *
 * @returns none where they are not there, or not in this form
 */
export async function readJobMetrics(package_: LoadPackage): Promise<Record<string, LoadJobMetrics>> {
  const text = await package_.readText(fileName)
  try {
    const { load_metrics: kept = {} } = JSON.parse(text ?? '{}') as { load_metrics?: Record<string, object> }
    return Object.fromEntries(Object.entries(kept).map(([id, dict]) => [id, jobMetricsOf({ ...dict })]))
  } catch (error) {
    // They only inform: nothing may fail for them.
    if (error instanceof TypeError || error instanceof SyntaxError) return {}
    throw error
  }
}

/** Adds metrics of jobs to those that are there. They have no part in the hash; a package without a state gets none. */
export async function addJobMetrics(package_: LoadPackage, metrics: Iterable<LoadJobMetrics>): Promise<void> {
  const text = await package_.readText(fileName)
  const document = text === undefined ? undefined : parseJson(text)
  if (!(document instanceof JsonObject)) return
  const all = { ...(await readJobMetrics(package_)) }
  for (const job of metrics) all[job.jobId] = job
  const kept = Object.entries(all).map(([id, job]) => [id, storedForm(job)])
  document.set('load_metrics', parseJson(JSON.stringify(Object.fromEntries(kept))))
  await package_.writeText(fileName, typedJson(document))
}

/** As dlt writes it: times with an offset, null for no jobs that follow. */
function storedForm({ startedAt, finishedAt, followupJobs, ...job }: LoadJobMetrics): Record<string, unknown> {
  return {
    ...jobMetricsDict({ ...job, startedAt, finishedAt, followupJobs }),
    started_at: isoInstant(startedAt.getTime()),
    finished_at: finishedAt === null ? null : isoInstant(finishedAt.getTime()),
    followup_jobs: followupJobs.length === 0 ? null : followupJobs,
  }
}

/** When the package was made: its load id read as Unix seconds. */
export function packageCreatedAt(loadId: string): Timestamp {
  return tryTimestampOfUnixSeconds(Number(loadId)) ?? new Timestamp(0, 0, 0)
}
