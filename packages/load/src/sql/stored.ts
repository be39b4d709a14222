import { namingConvention, parseSchema, parseStateColumn, systemNames, unpackText, type Schema } from '@gantry/common'
import type { StoredSchemas, StoredState } from '../destinations/destination.ts'
import { readCatalogLike, type Catalog } from './catalog.ts'
import type { Dialect } from './dialect.ts'
import type { SqlConnection } from './engine.ts'
import { newestSchema, newestState, type SystemTable } from './system-statements.ts'

/*
 * What dlt's tables of a dataset say, read without knowing what they are called: names follow the naming convention of
 * whoever made them, and a fresh working folder knows none.
 *
 * Names are tried in this order: those of the pipeline's own convention, if it is known; those of snake_case, which most
 * conventions share; then whatever looks like them in the list of the dataset's tables (`_DLT_LOADS`, `dltLoads`): the same
 * letters, whatever the case and the signs between them. Names of columns are always matched in that way.
 */

/** The tables of one naming convention. */
interface SystemTables {
  readonly loads: SystemTable
  readonly states: SystemTable | undefined
  readonly versions: SystemTable | undefined
}

/** Reads what pipelines have stored in a dataset. Which tables there are is looked up once. */
export class Stored {
  readonly #connection: SqlConnection
  readonly #dataset: string
  readonly #dialect: Dialect
  #catalog: Promise<Catalog> | undefined

  constructor(connection: SqlConnection, dataset: string, dialect: Dialect) {
    this.#connection = connection
    this.#dataset = dataset
    this.#dialect = dialect
  }

  /** The newest state of the pipeline that came with a complete load. */
  async state(pipelineName: string, naming: string | undefined): Promise<StoredState | undefined> {
    for (const { loads, states } of await this.#systemTables(naming)) {
      if (states === undefined) continue
      const [row] = await this.#connection.query(newestState(states, loads, pipelineName, this.#dialect))
      if (row === undefined) continue
      const [text, loadId] = row.map(String) as [string, string]
      return { loadId, state: parseStateColumn(text, `The state of load ${loadId} in dataset "${this.#dataset}"`) }
    }
    return undefined
  }

  /** The newest version of each schema. */
  async schemas(names: readonly string[], naming: string | undefined): Promise<StoredSchemas> {
    const found = new Map<string, Schema>()
    const tables = names.length === 0 ? [] : await this.#systemTables(naming)
    for (const { versions } of tables) {
      for (const name of names) {
        if (versions === undefined || found.has(name)) continue
        const [row] = await this.#connection.query(newestSchema(versions, name, this.#dialect))
        if (row !== undefined) found.set(name, parseSchema(unpackText(String(row[0]))))
      }
    }
    return found
  }

  async #systemTables(naming: string | undefined): Promise<SystemTables[]> {
    this.#catalog ??= readCatalogLike(this.#connection, this.#dataset, 'dlt', this.#dialect)
    const catalog = await this.#catalog
    const tableOf = (name: string | undefined): SystemTable | undefined => {
      if (name === undefined) return undefined
      const columns = new Map((catalog.get(name) ?? []).map((column) => [bare(column.name), column.name]))
      return { dataset: this.#dataset, name, column: (column) => columns.get(bare(column)) ?? column }
    }
    return findSystemTables([...catalog.keys()], naming).map(({ loads, states, versions }) => ({
      loads: tableOf(loads) as SystemTable,
      states: tableOf(states),
      versions: tableOf(versions),
    }))
  }
}

/** Names of dlt's tables by the convention that made them. */
export interface SystemTableNames {
  readonly loads: string
  readonly states?: string
  readonly versions?: string
}

/**
 * Dlt's tables among those of a dataset; see above for the order.
 *
 * @param naming  the convention of the pipeline's schema; undefined where it is not known
 */
export function findSystemTables(tables: readonly string[], naming: string | undefined): SystemTableNames[] {
  const known = new Set(tables)
  const found = new Map<string, SystemTableNames>()
  for (const convention of naming === undefined ? ['snake_case'] : [naming, 'snake_case']) {
    const { loadsTable, stateTable, versionTable } = systemNames(namingConvention(convention))
    if (!known.has(loadsTable)) continue
    found.set(loadsTable, {
      loads: loadsTable,
      ...(known.has(stateTable) ? { states: stateTable } : {}),
      ...(known.has(versionTable) ? { versions: versionTable } : {}),
    })
  }
  for (const loads of tables) {
    if (bare(loads) !== 'dltloads' || found.has(loads)) continue
    const prefix = loads.slice(0, loads.toLowerCase().lastIndexOf('loads'))
    const sibling = (of: string): string | undefined =>
      tables.find((name) => name.startsWith(prefix) && bare(name) === of)
    const [states, versions] = [sibling('dltpipelinestate'), sibling('dltversion')]
    found.set(loads, {
      loads,
      ...(states === undefined ? {} : { states }),
      ...(versions === undefined ? {} : { versions }),
    })
  }
  return [...found.values()]
}

/** What is left of a name in any convention. */
function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}
