import { storedSpelling, type DestinationDeclaration } from '@gantry/common'

/** What a factory may be told besides the credentials. */
export interface DestinationOptions {
  /** Under which settings are looked for: `destination.<name>.…`. Default: the engine's. */
  readonly destinationName?: string
  /** Any setting of the destination, in camel case; what is given here goes before the configuration. */
  readonly [setting: string]: unknown
}

/** Factories of the destinations, by name. Nothing is imported, looked up or opened before there is something to load. */
export const destinations: {
  /** A path, a URL (`duckdb:///relative.db`), `{ database }`, or an open connection of `@duckdb/node-api`. */
  duckdb(credentials?: unknown, options?: DestinationOptions): DestinationDeclaration
  /**
   * A URL (`postgresql://user:password@host:5432/database`), `{ host, port, database, username, password, query }` of which
   * the configuration has the rest, or an open Client or Pool of `pg`.
   */
  postgres(credentials?: unknown, options?: DestinationOptions): DestinationDeclaration
} = {
  duckdb: (credentials, options) => reference('duckdb', credentials, options),
  postgres: (credentials, options) => reference('postgres', credentials, options),
}

/** How a destination of one's own name is declared. */
export interface NamedDestinationOptions {
  /** The engine. Default: `destination.<name>.destination_type` of the configuration. */
  readonly destinationType?: string
  readonly credentials?: unknown
  readonly [setting: string]: unknown
}

/**
 * A destination under a name of its own, whose settings are `destination.<name>.…`; so a program can have several of one
 * engine.
 */
export function destination(name: string, options: NamedDestinationOptions = {}): DestinationDeclaration {
  const { destinationType, credentials, ...settings } = options
  return reference(destinationType, credentials, { ...settings, destinationName: name })
}

function reference(
  type: string | undefined,
  credentials: unknown,
  { destinationName, ...settings }: DestinationOptions = {},
): DestinationDeclaration {
  const given = Object.entries(settings).map(([name, value]) => [storedSpelling(name), value] as const)
  return {
    ...(type === undefined ? {} : { type }),
    ...(destinationName === undefined ? {} : { name: destinationName }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(given.length === 0 ? {} : { settings: Object.fromEntries(given) }),
  }
}
