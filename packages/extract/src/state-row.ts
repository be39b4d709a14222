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

/** True if the state changed since a package last carried it (dlt `dlt/pipeline/state_sync.py`). */
export function isStateNew(state: PipelineState): boolean {
  return (state.versionHash ?? null) !== state.local('_last_extracted_hash')
}

/**
 * Puts the state into the package, as a row of `_dlt_pipeline_state`. Notes in the state that it was extracted.
 *
 * @returns the row and its file
 */
export async function writeStateRow(
  state: PipelineState,
  table: string,
  package_: LoadPackage,
  fileIds: FileIds,
  clock: Clock,
): Promise<{ readonly row: JsonObject; readonly file: ManifestFile }> {
  const now = `\uf027${isoInstant(clock.nowMs())}`
  const row = pipelineStateRow(state, package_.loadId, now)
  const writer = new JobWriter(package_, table, fileIds.next(), 'typed-jsonl')
  await writer.write(Buffer.from(`[${typedJson(row)}]\n`))
  const file = (await writer.close(1)) as ManifestFile
  state.setLocal('_last_extracted_at', now)
  state.setLocal('_last_extracted_hash', state.versionHash ?? null)
  return { row, file }
}
