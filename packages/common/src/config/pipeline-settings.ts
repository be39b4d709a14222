import { environmentSetting, flagOf, type Environment, type EnvironmentSetting } from './environment.ts'

/**
 * A setting of the pipeline itself: `PIPELINES__<NAME>__<KEY>`, `PIPELINES__<KEY>`, else the bare key, each first with the
 * pipeline's name in front (dlt `dlt/pipeline/configuration.py`, `PipelineConfiguration`).
 */
export function pipelineSetting(
  key: string,
  pipelineName: string,
  env: Environment = process.env,
): EnvironmentSetting | undefined {
  return environmentSetting(key, [['pipelines', pipelineName], ['pipelines'], []], pipelineName, env)
}

/** Whether state goes to the destination and comes back from there: as given, else `RESTORE_FROM_DESTINATION`, else yes. */
export function restoresFromDestination(
  given: boolean | undefined,
  pipelineName: string,
  env: Environment = process.env,
): boolean {
  return given ?? flagOf(pipelineSetting('restore_from_destination', pipelineName, env)) ?? true
}
