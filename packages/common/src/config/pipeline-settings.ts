import { flagOf, textOf } from './coerce.ts'
import { InvalidUsage } from './config-errors.ts'
import type { Configuration } from './configuration.ts'
import type { Setting } from './provider.ts'
import type { Capabilities } from '../destination/capabilities.ts'
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

/** Whether all schemas share one dataset: as given, else `USE_SINGLE_DATASET`, else yes. */
export function usesSingleDataset(given: boolean | undefined, configuration: Configuration): boolean {
  return given ?? flagOf(pipelineSetting('use_single_dataset', configuration)) ?? true
}

/** The dataset that is asked for: as given, else `DATASET_NAME`; undefined where nobody asks for one. */
function askedDataset(given: string | undefined, configuration: Configuration): string | undefined {
  return given ?? textOf(pipelineSetting('dataset_name', configuration))
}

/** The dataset of a pipeline that has none yet, before its layout: as it is asked for, else after the pipeline. */
export function newDataset(given: string | undefined, configuration: Configuration): string {
  return askedDataset(given, configuration) ?? `${configuration.pipelineName}_dataset`
}

/**
 * The dataset of a pipeline: the one that is asked for, else the one that it had before, else one after its name, where the
 * destination has datasets. New names go through `DATASET_NAME_LAYOUT`, in which `%s` stands for the name
 * (dlt `dlt/pipeline/pipeline.py`, `_make_dataset_name`).
 *
 * @returns undefined where there is none, and the destination needs none
 * @throws {InvalidUsage} a layout without `%s`
 */
export function datasetOf(
  given: string | undefined,
  { hasDataset }: Pick<Capabilities, 'hasDataset'>,
  configuration: Configuration,
  state?: PipelineState,
): string | undefined {
  const setting = pipelineSetting('dataset_name_layout', configuration)
  const layout = textOf(setting) ?? '%s'
  if (!layout.includes('%s')) {
    const message = `${setting?.key} is "${layout}". It needs %s, which the dataset's name goes in for: prod_%s.`
    throw new InvalidUsage(message, { key: setting?.key, layout })
  }
  const asked = askedDataset(given, configuration)
  if (asked === undefined && state?.datasetName !== undefined) return state.datasetName
  if (asked === undefined && !hasDataset) return undefined
  return layout.replaceAll('%s', newDataset(given, configuration))
}
