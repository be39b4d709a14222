import { capabilitiesOf } from '@gantry/common'

/** A destination as declared: what it is and how to get there. Nothing is imported or opened by declaring one. */
export interface DestinationReference {
  /** Name of the engine, such as `duckdb`. */
  readonly type: string
  /** Undefined: found in the environment when the destination is opened. */
  readonly credentials?: unknown
}

/** Factories of the destinations, by name. */
export const destinations: {
  /** A path, a URL (`duckdb:///relative.db`), `{ database }`, or an open connection of `@duckdb/node-api`. */
  duckdb(credentials?: unknown): DestinationReference
  /**
   * A URL (`postgresql://user:password@host:5432/database`), `{ host, port, database, username, password, query }`, or an
   * open Client or Pool of `pg`.
   */
  postgres(credentials?: unknown): DestinationReference
} = {
  duckdb: (credentials) => reference('duckdb', credentials),
  postgres: (credentials) => reference('postgres', credentials),
}

function reference(type: string, credentials: unknown): DestinationReference {
  return { type, ...(credentials === undefined ? {} : { credentials }) }
}

/** What a user may give as a destination. @throws {UnknownDestination} */
export function destinationReference(
  given: string | DestinationReference | undefined,
): DestinationReference | undefined {
  if (typeof given !== 'string') return given
  return { type: capabilitiesOf(given).destination }
}
