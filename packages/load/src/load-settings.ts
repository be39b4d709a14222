import {
  choiceOf,
  countOf,
  flagOf,
  parallelismStrategies,
  type Configuration,
  type ParallelismStrategy,
  type Setting,
} from '@gantry/common'

/** How the loader works; dlt's `[load]`. */
export interface LoadSettings {
  /** Jobs at a time, where the destination takes more than one. */
  readonly workers: number
  /** Which jobs may be at work at the same time, where the destination takes more than one; undefined: it says so itself. */
  readonly parallelismStrategy?: ParallelismStrategy
  /** The first job that is refused aborts its package. Otherwise the package is completed without it. */
  readonly raiseOnFailedJobs: boolean
  /** Attempts at a job in one run before the stage gives up; 0: any number. */
  readonly raiseOnMaxRetries: number
  /** Files of a package that is loaded are removed. */
  readonly deleteCompletedJobs: boolean
}

/** Reads `[load]` (dlt `dlt/load/configuration.py`). @throws {InvalidUsage} names the setting */
export function loadSettings(configuration: Configuration): LoadSettings {
  const setting = (key: string): Setting | undefined => configuration.find(key, [['load']])
  const parallelismStrategy = choiceOf(setting('parallelism_strategy'), parallelismStrategies)
  return {
    ...(parallelismStrategy === undefined ? {} : { parallelismStrategy }),
    workers: countOf(setting('workers'), 1) ?? 20,
    raiseOnFailedJobs: flagOf(setting('raise_on_failed_jobs')) ?? true,
    raiseOnMaxRetries: countOf(setting('raise_on_max_retries'), 0) ?? 5,
    deleteCompletedJobs: flagOf(setting('delete_completed_jobs')) ?? false,
  }
}
