import { capabilitiesOf, knownDestinations, UnknownDestination } from '@gantry/common'
import { sqlDestination } from '../sql/sql-destination.ts'
import type { Destination, OpenDestination } from './destination.ts'

type Open = (options: OpenDestination) => Promise<Destination>

/** The engines by name. Nothing of an engine is loaded before it is opened. */
const engines: Readonly<Record<string, Open>> = {
  duckdb: async (options) => {
    const { openDuckdbEngine } = await import('./duckdb/duckdb-engine.ts')
    return sqlDestination(await openDuckdbEngine(options), options)
  },
  postgres: async (options) => {
    const { openPostgres } = await import('./postgres/postgres-engine.ts')
    return sqlDestination(await openPostgres(options), options)
  },
}

/** Opens a destination, which loads its driver. @throws {UnknownDestination} @throws {MissingDriver} */
export async function openDestination(options: OpenDestination): Promise<Destination> {
  const { type } = options.reference
  const open = engines[capabilitiesOf(type).destination]
  if (open === undefined) throw new UnknownDestination(type, knownDestinations)
  return open(options)
}
