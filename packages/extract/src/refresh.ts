import {
  isNested,
  JsonObject,
  normalizerHints,
  namingConvention,
  packagesIn,
  parseJson,
  stringifyTables,
  systemNames,
  tableChain,
  TerminalError,
  UsageError,
  pipelineSetting,
  textOf,
  type Configuration,
  type PipelineState,
  type Schema,
  type Table,
  type Value,
  type WorkingFolder,
} from '@gantry/common'

/*
 * A refresh takes back what earlier runs of a source have left: rows or whole tables, and the state of its resources. Local
 * schema and state change with the package that is extracted; load drops or empties the tables before it loads the
 * package's rows (dlt `dlt/pipeline/helpers.py`, `refresh_source`).
 */

export const refreshModes = ['drop_sources', 'drop_resources', 'drop_data'] as const

/**
 * - `drop_sources`: all tables of the source, also those of resources that are not extracted now, and its whole state.
 * - `drop_resources`: the tables of the extracted resources, and their state.
 * - `drop_data`: the rows of those tables, as far as the package has rows for them, and the state of the resources.
 */
export type RefreshMode = (typeof refreshModes)[number]

/** A refresh mode that there is not. */
export class UnknownRefreshMode extends UsageError {
  override readonly code = 'unknown_refresh_mode'

  constructor(mode: unknown) {
    super(`There is no refresh mode "${String(mode)}". Modes: ${refreshModes.join(', ')}.`, { mode })
  }
}

/** Tables cannot be dropped while packages wait that were extracted for them. */
export class PendingBeforeRefresh extends TerminalError {
  override readonly code = 'pipeline_has_pending_data'

  constructor(loadIds: readonly string[]) {
    super(
      `Extracted packages are pending (${loadIds.join(', ')}): their rows belong to the tables as they are now. Finish ` +
        'them first, by running again without a refresh, or drop them.',
      { loadIds },
    )
  }
}

/** What a refresh asks of the package. */
export interface Refresh {
  /** What the source begins with; the very schema that was given where tables stay. */
  readonly schema: Schema
  /** Entries of `load_package_state.json`. */
  readonly packageState: readonly (readonly [string, Value])[]
  /** The stored schema has to give way to the package's, as tables are gone. */
  readonly replacesSchema: boolean
}

/** The mode that is asked for; else `REFRESH`. @throws {UnknownRefreshMode} */
export function refreshMode(given: string | undefined, configuration: Configuration): RefreshMode | undefined {
  const mode = given ?? textOf(pipelineSetting('refresh', configuration))
  if (mode === undefined) return undefined
  const known = refreshModes.find((one) => one === mode)
  if (known === undefined) throw new UnknownRefreshMode(mode)
  return known
}

/** @throws {PendingBeforeRefresh} */
export async function checkNothingExtracted(folder: WorkingFolder): Promise<void> {
  const pending = await packagesIn(folder.extracted)
  if (pending.length > 0) throw new PendingBeforeRefresh(pending.map(({ loadId }) => loadId))
}

/**
 * Refreshes one source. Changes the state, and has it sent with the package even if nothing in it was reset. Where no
 * table of the source has ever had data, there is nothing to refresh.
 *
 * @param resources  those that are extracted
 * @param fresh      makes the schema of a source that has never run
 * @returns undefined where there was nothing to refresh
 */
export async function refreshSource(
  mode: RefreshMode | 'state_only',
  schema: Schema,
  resources: readonly string[],
  state: PipelineState,
  fresh: () => Promise<Schema>,
): Promise<Refresh | undefined> {
  const tables = tablesOf(schema, mode === 'drop_sources' ? undefined : resources)
  const withData = tables.filter(isSeen)
  if (![...schema.tables.values()].some((table) => isData(schema, table) && isSeen(table))) return undefined
  state.resetSource(schema.name, mode === 'drop_sources' ? undefined : resources)
  state.setLocal('_last_extracted_hash', null)
  if (mode === 'state_only') return { schema, packageState: [], replacesSchema: false }
  const documents = documentsOf(withData)
  if (mode === 'drop_data') {
    return { schema, packageState: [['truncated_tables', documents]], replacesSchema: false }
  }
  const left = mode === 'drop_sources' ? await fresh() : without(schema, tables)
  return { schema: left, packageState: [['dropped_tables', documents]], replacesSchema: true }
}

/** Data tables of some resources, or of all, children before their parents. */
function tablesOf(schema: Schema, resources: readonly string[] | undefined): Table[] {
  return [...schema.tables.values()]
    .filter((table) => !isNested(table) && isData(schema, table))
    .filter(({ hints }) => resources === undefined || resources.includes(String(hints.resource)))
    .flatMap(({ name }) => tableChain(schema, name).toReversed())
}

/** Tables as they stand in a schema document. */
function documentsOf(tables: readonly Table[]): Value {
  const document = parseJson(stringifyTables(new Map(tables.map((table) => [table.name, table]))))
  return document instanceof JsonObject ? [...document.values] : []
}

function isData(schema: Schema, table: Table): boolean {
  return !table.name.startsWith(systemNames(namingConvention(schema.normalizers.names)).prefix)
}

function isSeen(table: Table): boolean {
  return normalizerHints(table)['seen-data'] === true
}

function without(schema: Schema, gone: readonly Table[]): Schema {
  const names = new Set(gone.map(({ name }) => name))
  return { ...schema, tables: new Map([...schema.tables].filter(([name]) => !names.has(name))) }
}
