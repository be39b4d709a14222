import { storedSpelling, type ContractEntity, type ContractMode, type SchemaContract } from '@gantry/common'
import type { SchemaContractHint } from './hints.ts'
import { checkKeys, InvalidHint } from './invalid-hint.ts'

/** The modes of a contract. */
export const contractModes: readonly ContractMode[] = ['evolve', 'freeze', 'discard_row', 'discard_value']

/**
 * A declared contract as it stands in a schema; undefined for an empty map, which declares none.
 *
 * @param place  whose contract it is, e.g. `table "orders"`
 * @throws {InvalidHint} an unknown mode or entity
 */
export function parseSchemaContract(given: SchemaContractHint, place: string): SchemaContract | undefined {
  if (typeof given === 'string') return parseMode(given, `"schemaContract" of ${place}`)
  if (typeof given !== 'object' || given === null) {
    throw new InvalidHint(`"schemaContract" of ${place} takes ${contractModes.join(', ')}, or a map of those.`, {
      given,
    })
  }
  checkKeys(given, ['tables', 'columns', 'dataType'], `the schemaContract of ${place}`, () => false)
  const modes: Partial<Record<ContractEntity, ContractMode>> = {}
  for (const [entity, mode] of Object.entries(given)) {
    if (mode === undefined) continue
    modes[storedSpelling(entity) as ContractEntity] = parseMode(mode, `"${entity}" in the schemaContract of ${place}`)
  }
  return Object.keys(modes).length === 0 ? undefined : modes
}

function parseMode(mode: unknown, what: string): ContractMode {
  const found = contractModes.find((known) => known === mode)
  if (found !== undefined) return found
  throw new InvalidHint(`${what} is ${JSON.stringify(mode)}. It takes ${contractModes.join(', ')}.`, { mode })
}
