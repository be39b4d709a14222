import { capabilitiesOf, knownDestinations, UnknownDestination } from '@gantry/common'
import type { Destination, OpenDestination } from './destination.ts'

interface Engine {
  open(options: OpenDestination): Promise<Destination>
}

/** The engines by name. Nothing of an engine is loaded before it is opened. */
const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  duckdb: () => import('./duckdb/duckdb-destination.ts'),
}

/** Opens a destination, which loads its driver. @throws {UnknownDestination} @throws {MissingDriver} */
export async function openDestination(name: string, options: OpenDestination): Promise<Destination> {
  const engine = engines[capabilitiesOf(name).destination]
  if (engine === undefined) throw new UnknownDestination(name, knownDestinations)
  return (await engine()).open(options)
}
