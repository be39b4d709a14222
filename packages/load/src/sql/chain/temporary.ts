import { createHash } from 'node:crypto'
import { quoteIdentifier } from '../identifier.ts'
import type { Chain } from './chain.ts'

/** A temporary table of a chain's: short, and another one in each load. */
export interface Temporary {
  /** Quoted. */
  readonly name: string
  readonly create: string
  readonly drop: string
}

/** @param what  a word that tells it from others of the chain @param query  its rows */
export function temporary({ root }: Chain, what: string, query: string): Temporary {
  const digits = createHash('sha256').update(root.staging).digest('hex').slice(0, 16)
  const name = quoteIdentifier(`_dlt_${what}_${digits}`)
  return { name, create: `CREATE TEMPORARY TABLE ${name} AS ${query}`, drop: `DROP TABLE IF EXISTS ${name}` }
}
