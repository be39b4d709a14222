import { namingConvention, stringifySchema, systemNames, type Column, type Schema } from '@gantry/common'
import type { Dialect } from './dialect.ts'
import { qualifiedName, quoteIdentifier } from './identifier.ts'

/*
 * Statements on dlt's own tables, and on Gantry's ledger of jobs, under the names that a schema's naming convention gives
 * them.
 */

/** What the ledger calls the completion of a load. */
export const completionJob = '_dlt_loads'

/** What the ledger calls the dropping and emptying of tables that a load began with. */
export const refreshJob = '_dlt_refresh'

/** What the ledger calls a staging table of a pipeline's load, for as long as it is there. */
export function stagingJob(pipelineName: string, stagingTable: string): string {
  return `_dlt_staging.${pipelineName}.${stagingTable}`
}

export class SystemStatements {
  readonly #schema: Schema
  readonly #dataset: string
  readonly #dialect: Dialect
  readonly #column: (name: string) => string
  /** Tables, not qualified. */
  readonly names: {
    readonly loads: string
    readonly versions: string
    readonly states: string
    readonly ledger: string
  }

  constructor(schema: Schema, dataset: string, dialect: Dialect) {
    const naming = namingConvention(schema.normalizers.names)
    const { loadsTable, versionTable, stateTable } = systemNames(naming)
    this.#schema = schema
    this.#dataset = dataset
    this.#dialect = dialect
    this.#column = (name) => quoteIdentifier(naming.normalizeIdentifier(name))
    const ledger = naming.normalizeTableIdentifier('_dlt_load_jobs')
    this.names = { loads: loadsTable, versions: versionTable, states: stateTable, ledger }
  }

  /** Has a row where the load is complete. */
  findLoad(loadId: string): string {
    return `SELECT 1 FROM ${this.#table('loads')} WHERE ${this.#column('load_id')} = ${this.#dialect.text(loadId)} AND ${this.#column('status')} = 0`
  }

  /** Has a row where this very schema was applied. */
  findVersion(): string {
    const hash = this.#dialect.text(this.#schema.version_hash ?? '')
    return `SELECT 1 FROM ${this.#table('versions')} WHERE ${this.#column('version_hash')} = ${hash}`
  }

  /** The jobs of a load that are done. */
  findJobs(loadId: string): string {
    return `SELECT ${this.#column('job_id')} FROM ${this.#table('ledger')} WHERE ${this.#column('load_id')} = ${this.#dialect.text(loadId)}`
  }

  /** Load and table of these jobs, whatever load they belong to. */
  findTables(jobIds: readonly string[]): string {
    const list = jobIds.map(this.#dialect.text).join(', ')
    return `SELECT ${this.#column('load_id')}, ${this.#column('table_name')} FROM ${this.#table('ledger')} WHERE ${this.#column('job_id')} IN (${list})`
  }

  insertVersion(insertedAt: string): string {
    const { text, timestamp } = this.#dialect
    const schema = this.#schema
    return this.#insert('versions', {
      version: String(schema.version),
      engine_version: String(schema.engine_version),
      inserted_at: timestamp(insertedAt),
      schema_name: text(schema.name),
      version_hash: text(schema.version_hash ?? ''),
      schema: text(stringifySchema(schema)),
    })
  }

  /** Forgets all versions of the schema, after its tables were dropped. */
  deleteVersions(): string {
    return `DELETE FROM ${this.#table('versions')} WHERE ${this.#column('schema_name')} = ${this.#dialect.text(this.#schema.name)}`
  }

  insertLoad(loadId: string, insertedAt: string): string {
    const { text, timestamp } = this.#dialect
    return this.#insert('loads', {
      load_id: text(loadId),
      schema_name: text(this.#schema.name),
      status: '0',
      inserted_at: timestamp(insertedAt),
      schema_version_hash: text(this.#schema.version_hash ?? ''),
    })
  }

  createLedger(): string {
    const column = (name: string, type: NonNullable<Column['data_type']>, isRequired: boolean): string =>
      `${this.#column(name)} ${this.#dialect.typeOf({ name, data_type: type })}${isRequired ? ' NOT NULL' : ''}`
    const columns = [
      column('load_id', 'text', true),
      column('job_id', 'text', true),
      column('table_name', 'text', true),
      column('rows', 'bigint', false),
      column('committed_at', 'timestamp', true),
      `PRIMARY KEY (${this.#column('load_id')}, ${this.#column('job_id')})`,
    ]
    return `CREATE TABLE IF NOT EXISTS ${this.#table('ledger')} (${columns.join(', ')})`
  }

  /** Takes a job for the transaction at hand. Gives a row, or none where the job was done before. */
  claim(loadId: string, jobId: string, table: string, committedAt: string, rows?: number): string {
    const { text, timestamp } = this.#dialect
    const insert = this.#insert('ledger', {
      load_id: text(loadId),
      job_id: text(jobId),
      table_name: text(table),
      rows: rows === undefined ? 'NULL' : String(rows),
      committed_at: timestamp(committedAt),
    })
    return `${insert} ON CONFLICT DO NOTHING RETURNING ${this.#column('job_id')}`
  }

  /** Notes how many rows a job had, where that is known only afterwards. */
  setRows(loadId: string, jobId: string, rows: number): string {
    const { text } = this.#dialect
    return `UPDATE ${this.#table('ledger')} SET ${this.#column('rows')} = ${rows} WHERE ${this.#column('load_id')} = ${text(loadId)} AND ${this.#column('job_id')} = ${text(jobId)}`
  }

  /** Forgets that files of a table were loaded: they have to be loaded again. */
  forget(loadId: string, table: string): string {
    const { text } = this.#dialect
    return `DELETE FROM ${this.#table('ledger')} WHERE ${this.#column('load_id')} = ${text(loadId)} AND ${this.#column('table_name')} = ${text(table)}`
  }

  #insert(table: keyof SystemStatements['names'], literals: Readonly<Record<string, string>>): string {
    const columns = Object.keys(literals).map(this.#column).join(', ')
    return `INSERT INTO ${this.#table(table)} (${columns}) VALUES (${Object.values(literals).join(', ')})`
  }

  #table(name: keyof SystemStatements['names']): string {
    return qualifiedName(this.#dataset, this.names[name], this.#dialect)
  }
}

/** A table of dlt's as it is called in a dataset, whatever convention has named it. */
export interface SystemTable {
  readonly dataset: string
  readonly name: string
  /** What a column is called there. */
  column(name: string): string
}

/** The newest state of a pipeline whose load is complete, and that load's id; no row where there is none. */
export function newestState(states: SystemTable, loads: SystemTable, pipelineName: string, dialect: Dialect): string {
  const ofState = (name: string): string => `s.${quoteIdentifier(states.column(name))}`
  const ofLoad = (name: string): string => `l.${quoteIdentifier(loads.column(name))}`
  return (
    `SELECT ${ofState('state')}, ${ofLoad('load_id')} FROM ${qualifiedName(states.dataset, states.name, dialect)} AS s ` +
    `JOIN ${qualifiedName(loads.dataset, loads.name, dialect)} AS l ON ${ofLoad('load_id')} = ${ofState('_dlt_load_id')} ` +
    `WHERE ${ofState('pipeline_name')} = ${dialect.text(pipelineName)} AND ${ofLoad('status')} = 0 ` +
    `ORDER BY ${ofLoad('load_id')} DESC LIMIT 1`
  )
}

/** The newest document of a schema; no row where there is none. */
export function newestSchema(versions: SystemTable, name: string, dialect: Dialect): string {
  const column = (of: string): string => quoteIdentifier(versions.column(of))
  return (
    `SELECT ${column('schema')} FROM ${qualifiedName(versions.dataset, versions.name, dialect)} ` +
    `WHERE ${column('schema_name')} = ${dialect.text(name)} ORDER BY ${column('inserted_at')} DESC, ${column('version')} DESC LIMIT 1`
  )
}
