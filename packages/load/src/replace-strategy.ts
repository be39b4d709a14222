import { capabilitiesOf, InvalidUsage, textOf, type Configuration, type DestinationReference } from '@gantry/common'
import type { ChainStrategy } from './plan-package.ts'

/**
 * How tables are replaced: `DESTINATION__<NAME>__REPLACE_STRATEGY`, `DESTINATION__REPLACE_STRATEGY`, else as the
 * destination does it by itself (dlt `dlt/common/destination/client.py`). Where nothing is replaced, rows are handed over
 * like all others.
 *
 * @throws {InvalidUsage} names the setting and the strategies there are
 */
export function replaceStrategy(reference: DestinationReference, configuration: Configuration): ChainStrategy {
  const { name: destination } = reference
  const { hasDataset, replaceStrategies } = capabilitiesOf(reference)
  if (!hasDataset) return 'append'
  const setting = configuration.find('replace_strategy', [['destination', destination], ['destination']])
  const name = textOf(setting) ?? replaceStrategies[0]
  const found = replaceStrategies.find((strategy) => strategy === name)
  if (found !== undefined) return found as ChainStrategy
  throw new InvalidUsage(
    `${setting?.key} is "${name}". Destination ${destination} has: ${replaceStrategies.join(', ')}.`,
    { strategy: name },
  )
}
