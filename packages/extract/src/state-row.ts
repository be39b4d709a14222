import {
  isoInstant,
  pipelineStateRow,
  typedJson,
  type Clock,
  type FileIds,
  type JsonObject,
  type LoadPackage,
  type ManifestFile,
  type PipelineState,
} from '@gantry/common'
import { JobWriter } from './job-writer.ts'

/**
 * Puts the state into the package, as a row of `_dlt_pipeline_state`, if it changed since a package last carried it
 * (dlt `dlt/pipeline/state_sync.py`). Notes in the state that it was extracted.
 *
 * @returns the row and its file; undefined where the state is not new
 */
export async function writeStateRow(
  state: PipelineState,
  table: string,
  package_: LoadPackage,
  fileIds: FileIds,
  clock: Clock,
): Promise<{ readonly row: JsonObject; readonly file: ManifestFile } | undefined> {
  const hash = state.versionHash ?? null
  if (hash === state.local('_last_extracted_hash')) return undefined
  const now = `\uf027${isoInstant(clock.nowMs())}`
  const row = pipelineStateRow(state, package_.loadId, now)
  const writer = new JobWriter(package_, table, fileIds.next(), 'typed-jsonl')
  await writer.write(Buffer.from(`[${typedJson(row)}]\n`))
  const file = (await writer.close(1)) as ManifestFile
  state.setLocal('_last_extracted_at', now)
  state.setLocal('_last_extracted_hash', hash)
  return { row, file }
}
