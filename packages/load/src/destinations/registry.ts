import { capabilitiesOf, knownDestinations, UnknownDestination, type DestinationReference } from '@gantry/common'
import { sqlDestination } from '../sql/sql-destination.ts'
import type { Destination, OpenDestination } from './destination.ts'

interface Engine {
  /** Loads its driver, so that opening it later takes no time for that. @throws {MissingDriver} */
  prepare(): Promise<unknown>
  open(options: OpenDestination): Promise<Destination>
}

/** The engines by name, and what loads to sinks. Nothing of one is loaded before it is asked for. */
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

const sinks: Engine = {
  prepare: () => Promise.resolve(),
  open: async (options) => (await import('./sink/sink-destination.ts')).openSink(options),
}

/** Opens a destination, which loads its driver. @throws {UnknownDestination} @throws {MissingDriver} */
export async function openDestination(options: OpenDestination): Promise<Destination> {
  return engineOf(options.reference).open(options)
}

/** Loads the driver of a destination ahead of its use. @throws {UnknownDestination} @throws {MissingDriver} */
export async function prepareDestination(reference: DestinationReference): Promise<void> {
  await engineOf(reference).prepare()
}

function engineOf({ type, sink }: DestinationReference): Engine {
  if (sink !== undefined) return sinks
  const engine = engines[capabilitiesOf(type).destination]
  if (engine === undefined) throw new UnknownDestination(type, knownDestinations)
  return engine
}
