import { flagOf, textOf } from './coerce.ts'
import type { Configuration } from './configuration.ts'
import type { Setting } from './provider.ts'
import type { PipelineState } from '../storage/pipeline-state.ts'

/**
 * A setting of the pipeline itself: `PIPELINES__<NAME>__<KEY>`, `PIPELINES__<KEY>`, else the bare key, each first with the
 * pipeline's name in front (dlt `dlt/pipeline/configuration.py`, `PipelineConfiguration`).
 */
export function pipelineSetting(key: string, configuration: Configuration): Setting | undefined {
  const { pipelineName } = configuration
  const named = pipelineName === undefined ? [] : [['pipelines', pipelineName]]
  return configuration.find(key, [...named, ['pipelines'], []])
}

/** Whether state goes to the destination and comes back from there: as given, else `RESTORE_FROM_DESTINATION`, else yes. */
export function restoresFromDestination(given: boolean | undefined, configuration: Configuration): boolean {
  return given ?? flagOf(pipelineSetting('restore_from_destination', configuration)) ?? true
}

/** The dataset of a pipeline: as given, else `DATASET_NAME`, else the one that it had before, else after its name. */
export function datasetOf(given: string | undefined, configuration: Configuration, state?: PipelineState): string {
  const configured = given ?? textOf(pipelineSetting('dataset_name', configuration))
  return configured ?? state?.datasetName ?? `${configuration.pipelineName}_dataset`
}
