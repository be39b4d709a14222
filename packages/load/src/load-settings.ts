import { environmentSetting, flagOf, InvalidUsage, type Environment, type EnvironmentSetting } from '@gantry/common'

/** How the loader works; dlt's `[load]`. */
export interface LoadSettings {
  /** Jobs at a time, where the destination takes more than one. */
  readonly workers: number
  /** The first job that is refused aborts its package. Otherwise the package is completed without it. */
  readonly raiseOnFailedJobs: boolean
  /** Attempts at a job in one run before the stage gives up; 0: any number. */
  readonly raiseOnMaxRetries: number
  /** Files of a package that is loaded are removed. */
  readonly deleteCompletedJobs: boolean
}

/** Reads `LOAD__…` (dlt `dlt/load/configuration.py`). @throws {InvalidUsage} names the variable */
export function loadSettings(pipelineName: string, env: Environment = process.env): LoadSettings {
  const setting = (key: string): EnvironmentSetting | undefined =>
    environmentSetting(key, [['LOAD']], pipelineName, env)
  return {
    workers: countOf(setting('WORKERS'), 1) ?? 20,
    raiseOnFailedJobs: flagOf(setting('RAISE_ON_FAILED_JOBS')) ?? true,
    raiseOnMaxRetries: countOf(setting('RAISE_ON_MAX_RETRIES'), 0) ?? 5,
    deleteCompletedJobs: flagOf(setting('DELETE_COMPLETED_JOBS')) ?? false,
  }
}

function countOf(setting: EnvironmentSetting | undefined, least: number): number | undefined {
  if (setting === undefined) return undefined
  const count = Number(setting.text)
  if (Number.isInteger(count) && count >= least) return count
  throw new InvalidUsage(`${setting.variable} takes a whole number from ${least} on, not "${setting.text}".`, {
    ...setting,
  })
}
