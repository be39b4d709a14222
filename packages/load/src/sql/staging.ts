import { createHash } from 'node:crypto'
import { completeColumns, type Table } from '@gantry/common'
import type { StagedStrategy } from '../plan-package.ts'
import type { ChainTable } from './chain/chain.ts'
import type { Dialect } from './dialect.ts'
import { qualifiedName, quoteIdentifier } from './identifier.ts'
import type { LoadPlace } from './load-place.ts'

/*
 * Staging tables: what a load puts there no other load sees, as they carry its id in their names, so that pipelines that
 * share a dataset never meet.
 */

/** The table and its staging table of this load. */
export function chainTable(
  table: Table,
  loadId: string,
  { dataset, stagingDataset, dialect }: Pick<LoadPlace, 'dataset' | 'stagingDataset' | 'dialect'>,
): ChainTable {
  const name = stagingName(table.name, loadId, dialect)
  return {
    table,
    columns: completeColumns(table),
    name: qualifiedName(dataset, table.name, dialect),
    staging: dialect.staging === 'temporary' ? quoteIdentifier(name) : qualifiedName(stagingDataset, name, dialect),
  }
}

/**
 * Makes the staging table, with the columns and types of the table; with everything else it has where it is to take its
 * place. Does nothing where it is there.
 */
export function createStaging(table: ChainTable, strategy: StagedStrategy, dialect: Dialect): string {
  const { name, staging, columns } = table
  if (strategy === 'staging-optimized') return `CREATE TABLE IF NOT EXISTS ${staging} (LIKE ${name} INCLUDING ALL)`
  const temporary = dialect.staging === 'temporary' ? 'TEMPORARY ' : ''
  const list = columns.map((column) => quoteIdentifier(column.name)).join(', ')
  return `CREATE ${temporary}TABLE IF NOT EXISTS ${staging} AS SELECT ${list} FROM ${name} WHERE 1 = 0`
}

export function dropStaging({ staging }: ChainTable): string {
  return `DROP TABLE IF EXISTS ${staging}`
}

/** `<table>_<10 hexadecimal digits>`; a name that is too long for that is cut, and then part of what is hashed. */
export function stagingName(table: string, loadId: string, { maxIdentifierBytes: maxBytes }: Dialect): string {
  const whole = `${table}_${digits(loadId)}`
  if (Buffer.byteLength(whole) <= maxBytes) return whole
  const suffix = `_${digits(`${loadId} ${table}`)}`
  let cut = table
  while (Buffer.byteLength(cut) + suffix.length > maxBytes) cut = cut.slice(0, -1)
  return `${cut.toWellFormed()}${suffix}`
}

function digits(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10)
}
