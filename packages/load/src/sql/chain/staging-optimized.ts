import { quoteIdentifier } from '../identifier.ts'
import type { Chain, ChainStatements } from './chain.ts'

/**
 * Staging tables become the tables, without a row being copied. What hung on the old ones is lost: views, grants,
 * triggers and foreign keys; a view makes PostgreSQL refuse it.
 * Source: dlt `dlt/destinations/impl/postgres/postgres.py`, `PostgresStagingCopyJob`.
 */
export function stagingOptimized({ root, nested }: Chain): ChainStatements {
  return {
    prepare: [],
    apply: [root, ...nested].flatMap(({ table, name, staging }) => {
      const [dataset] = splitQualified(name)
      const [, stagingName] = splitQualified(staging)
      return [
        `DROP TABLE IF EXISTS ${name}`,
        `ALTER TABLE ${staging} SET SCHEMA ${dataset}`,
        `ALTER TABLE ${dataset}.${stagingName} RENAME TO ${quoteIdentifier(table.name)}`,
      ]
    }),
    cleanUp: [],
  }
}

/** `"a"."b"` in its two parts. */
function splitQualified(name: string): [string, string] {
  const parts = /^("(?:[^"]|"")*")\.("(?:[^"]|"")*")$/.exec(name)
  return [parts?.[1] as string, parts?.[2] as string]
}
