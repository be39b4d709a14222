import { UnknownDestination, UsageError } from '../config/config-errors.ts'
import type { JobFormat } from '../storage/job-file-name.ts'

/**
 * Which jobs of a package may be loaded at the same time: any, one of each table, or one
 * (dlt `TLoaderParallelismStrategy`).
 */
export const parallelismStrategies = ['parallel', 'table-sequential', 'sequential'] as const
export type ParallelismStrategy = (typeof parallelismStrategies)[number]

/** What a destination can do, as plain data: all that extract and normalize ever know of it. */
export interface Capabilities {
  /** What it is called in messages: the engine's name, or a sink's own. */
  readonly destination: string
  /** dlt's full reference, as it stands in the pipeline's state. */
  readonly destinationType: string
  readonly preferredFormat: JobFormat
  readonly supportedFormats: readonly JobFormat[]
  /**
   * True where rows go to tables of a dataset, as their write disposition says, and state and schemas are kept beside
   * them. False where rows are handed over and nothing can be asked back.
   */
  readonly hasDataset: boolean
  /** Of schemas, where none is configured. Undefined: they keep what they have. */
  readonly namingConvention?: string
  /** Levels of nesting that are opened, whatever sources say. Undefined: as they say. */
  readonly maxTableNesting?: number
  /** Jobs at a time; undefined: as many as `load.workers`. */
  readonly maxParallelLoadJobs?: number
  /** Undefined: `parallel`. */
  readonly loaderParallelismStrategy?: ParallelismStrategy
  /** The smaller of the limits for tables and columns, in characters. */
  readonly maxIdentifierLength: number
  /** Bytes of a name in UTF-8, where the destination counts those; it would cut a longer name without a word. */
  readonly maxIdentifierBytes?: number
  /** False where names of tables or columns that differ in case only are one name. */
  readonly hasCaseSensitiveIdentifiers: boolean
  /** How names are folded; not at all where both the destination and the naming convention tell case apart. */
  readonly identifierFold: 'none' | 'lower' | 'upper'
  readonly decimalPrecision: readonly [precision: number, scale: number]
  readonly weiPrecision: readonly [precision: number, scale: number]
  /** Digits of a second's fraction: those of a column that says nothing, and the most there can be. */
  readonly timestampPrecision: { readonly standard: number; readonly max: number }
  readonly mergeStrategies: readonly string[]
  /** How tables are replaced; the default first. */
  readonly replaceStrategies: readonly string[]
  /** Whose literals `insert_values` files are written in; undefined where the destination takes none. */
  readonly sqlLiterals?: 'duckdb' | 'postgres'
}

/** The destinations that Gantry can load to, by name. */
const known: Readonly<Record<string, Capabilities>> = {
  duckdb: {
    destination: 'duckdb',
    destinationType: 'dlt.destinations.duckdb',
    preferredFormat: 'parquet',
    supportedFormats: ['parquet', 'insert_values', 'jsonl', 'csv'],
    hasDataset: true,
    maxIdentifierLength: 65_536,
    hasCaseSensitiveIdentifiers: false,
    identifierFold: 'none',
    decimalPrecision: [38, 9],
    weiPrecision: [38, 0],
    timestampPrecision: { standard: 6, max: 9 },
    mergeStrategies: ['delete-insert', 'upsert', 'scd2', 'insert-only'],
    replaceStrategies: ['truncate-and-insert', 'insert-from-staging'],
    sqlLiterals: 'duckdb',
  },
  postgres: {
    destination: 'postgres',
    destinationType: 'dlt.destinations.postgres',
    preferredFormat: 'csv',
    supportedFormats: ['csv', 'insert_values'],
    hasDataset: true,
    maxIdentifierLength: 63,
    maxIdentifierBytes: 63,
    hasCaseSensitiveIdentifiers: true,
    identifierFold: 'lower',
    decimalPrecision: [38, 9],
    weiPrecision: [156, 78],
    timestampPrecision: { standard: 6, max: 6 },
    mergeStrategies: ['delete-insert', 'upsert', 'scd2', 'insert-only'],
    replaceStrategies: ['insert-from-staging', 'truncate-and-insert', 'staging-optimized'],
    sqlLiterals: 'postgres',
  },
}

export const knownDestinations: readonly string[] = Object.keys(known)

/** A destination whose capabilities are known by its type, unless it brings its own. */
export interface CapableDestination {
  readonly type: string
  readonly sink?: { readonly capabilities: Capabilities } | undefined
}

/**
 * What a destination can do.
 *
 * @param destination  one that was resolved; or the name of an engine, or dlt's reference of it
 * @throws {UnknownDestination} lists the known ones
 */
export function capabilitiesOf(destination: string | CapableDestination): Capabilities {
  if (typeof destination === 'object') return destination.sink?.capabilities ?? capabilitiesOf(destination.type)
  const found = tryCapabilities(destination)
  if (found === undefined) throw new UnknownDestination(destination, knownDestinations)
  return found
}

/** True for an engine by its name or by dlt's reference. */
export function isKnownDestination(destination: string): boolean {
  return tryCapabilities(destination) !== undefined
}

function tryCapabilities(destination: string): Capabilities | undefined {
  const name = destination.startsWith('dlt.destinations.') ? destination.slice('dlt.destinations.'.length) : destination
  return Object.hasOwn(known, name) ? known[name] : undefined
}

/** A load file format that the destination does not take. */
export class IncompatibleLoadFormat extends UsageError {
  override readonly code = 'destination_incompatible_loader_file_format'

  constructor(destination: string, format: string, taken: readonly string[]) {
    super(`Destination ${destination} takes no load files of format "${format}". It takes: ${taken.join(', ')}.`, {
      destination,
      format,
    })
  }
}

/**
 * Refuses a format that was asked for, before any work is done.
 *
 * @param format  undefined: none was asked for
 * @throws {IncompatibleLoadFormat} lists the formats that the destination takes
 */
export function checkLoadFormat({ destination, supportedFormats }: Capabilities, format: string | undefined): void {
  if (format === undefined || supportedFormats.some((supported) => supported === format)) return
  throw new IncompatibleLoadFormat(destination, format, supportedFormats)
}
