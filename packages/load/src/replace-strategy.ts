import { capabilitiesOf, environmentSetting, InvalidUsage, type Environment } from '@gantry/common'
import type { ChainStrategy } from './plan-package.ts'

/**
 * How tables are replaced: `DESTINATION__<NAME>__REPLACE_STRATEGY`, `DESTINATION__REPLACE_STRATEGY`, else as the
 * destination does it by itself (dlt `dlt/common/destination/client.py`).
 *
 * @throws {InvalidUsage} names the variable and the strategies there are
 */
export function replaceStrategy(
  destination: string,
  pipelineName: string,
  env: Environment = process.env,
): ChainStrategy {
  const { replaceStrategies } = capabilitiesOf(destination)
  const sections = [['DESTINATION', destination], ['DESTINATION']]
  const setting = environmentSetting('REPLACE_STRATEGY', sections, pipelineName, env)
  const name = setting?.text ?? replaceStrategies[0]
  const found = replaceStrategies.find((strategy) => strategy === name)
  if (found !== undefined) return found as ChainStrategy
  throw new InvalidUsage(
    `${setting?.variable} is "${name}". Destination ${destination} has: ${replaceStrategies.join(', ')}.`,
    { strategy: name },
  )
}
