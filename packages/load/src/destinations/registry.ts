import { capabilitiesOf, knownDestinations, UnknownDestination } from '@gantry/common'
import { sqlDestination } from '../sql/sql-destination.ts'
import type { Destination, OpenDestination } from './destination.ts'

interface Engine {
  /** Loads its driver, so that opening it later takes no time for that. @throws {MissingDriver} */
  prepare(): Promise<unknown>
  open(options: OpenDestination): Promise<Destination>
}

/** The engines by name. Nothing of an engine is loaded before it is asked for. */
const engines: Readonly<Record<string, Engine>> = {
  duckdb: {
    prepare: async () => (await import('./duckdb/duckdb-driver.ts')).loadDuckdb(),
    async open(options) {
      const { openDuckdbEngine } = await import('./duckdb/duckdb-engine.ts')
      return sqlDestination(await openDuckdbEngine(options), options)
    },
  },
  postgres: {
    prepare: async () => (await import('./postgres/postgres-driver.ts')).loadPg(),
    async open(options) {
      const { openPostgres } = await import('./postgres/postgres-engine.ts')
      return sqlDestination(await openPostgres(options), options)
    },
  },
}

/** Opens a destination, which loads its driver. @throws {UnknownDestination} @throws {MissingDriver} */
export async function openDestination(options: OpenDestination): Promise<Destination> {
  return engineOf(options.reference.type).open(options)
}

/** Loads the driver of a destination ahead of its use. @throws {UnknownDestination} @throws {MissingDriver} */
export async function prepareDestination(type: string): Promise<void> {
  await engineOf(type).prepare()
}

function engineOf(type: string): Engine {
  const engine = engines[capabilitiesOf(type).destination]
  if (engine === undefined) throw new UnknownDestination(type, knownDestinations)
  return engine
}
