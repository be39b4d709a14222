import { sha3Base64 } from '../hash.ts'
import { JsonObject } from '../json/object.ts'
import { parseJson } from '../json/reader.ts'
import { sortedKeys } from '../json/sorted.ts'
import { typedJson } from '../json/typed.ts'
import type { Value } from '../values/value.ts'
import { Timestamp, tryTimestampOfUnixSeconds } from '../values/temporal.ts'
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
  const content = JsonObject.of([['created_at', packageCreatedAt(package_.loadId)], ...entries])
  const hash = sha3Base64(typedJson(sortedKeys(content)))
  const document = JsonObject.of([
    ['_state_version', 0],
    ['_state_engine_version', 1],
    ...content.entries(),
    ['_version_hash', hash],
  ])
  await package_.writeText(fileName, typedJson(document))
}

/** The package's state document; empty where dlt wrote none. */
export async function readPackageState(package_: LoadPackage): Promise<JsonObject> {
  const text = await package_.readText(fileName)
  const document = text === undefined ? undefined : parseJson(text)
  return document instanceof JsonObject
    ? JsonObject.of([...document.entries()].filter(([key]) => !unhashed.has(key) || key === 'load_metrics'))
    : new JsonObject()
}

/** When the package was made: its load id read as Unix seconds. */
export function packageCreatedAt(loadId: string): Timestamp {
  return tryTimestampOfUnixSeconds(Number(loadId)) ?? new Timestamp(0, 0, 0)
}
