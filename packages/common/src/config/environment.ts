import { InvalidUsage } from './config-errors.ts'

/** The variables of a process, or of a test. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A setting as it was found: its text, and the variable that holds it. */
export interface EnvironmentSetting {
  readonly variable: string
  readonly text: string
}

/**
 * The setting under the first of its names that is set: `SECTION__…__KEY` for each of `sections`, in their order, first
 * with the pipeline's name in front and then without (dlt `dlt/common/configuration/resolve.py`). Empty text counts as
 * not set.
 */
export function environmentSetting(
  key: string,
  sections: readonly (readonly string[])[],
  pipelineName: string,
  env: Environment,
): EnvironmentSetting | undefined {
  for (const prefix of [[pipelineName], []]) {
    for (const path of sections) {
      const variable = [...prefix, ...path, key].join('__').toUpperCase()
      const text = env[variable]
      if (text !== undefined && text !== '') return { variable, text }
    }
  }
  return undefined
}

/** A setting that is true or false, in any of dlt's words for it. @throws {InvalidUsage} names the variable */
export function flagOf(setting: EnvironmentSetting | undefined): boolean | undefined {
  if (setting === undefined) return undefined
  if (/^(?:yes|true|t|y|1)$/i.test(setting.text)) return true
  if (/^(?:no|false|f|n|0)$/i.test(setting.text)) return false
  throw new InvalidUsage(`${setting.variable} takes true or false, not "${setting.text}".`, { ...setting })
}
