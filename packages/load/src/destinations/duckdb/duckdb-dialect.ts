import type { Dialect } from '../../sql/dialect.ts'
import { quoteIdentifier } from '../../sql/identifier.ts'
import { quoteText } from '../../sql/literal.ts'
import { compressionOf } from './duckdb-compression.ts'
import { duckdbType } from './duckdb-types.ts'

/**
 * @param database        the one at hand: a schema of its name would be ambiguous by itself
 * @param storageVersion  of its file; undefined where it has none
 */
export function duckdbDialect(database: string, storageVersion?: string): Dialect {
  return {
    typeOf: duckdbType,
    attributesOf: compressionOf(storageVersion),
    schema: (name) => `${quoteIdentifier(database)}.${quoteIdentifier(name)}`,
    text: quoteText,
    timestamp: (iso) => `TIMESTAMPTZ ${quoteText(iso)}`,
    // TRUNCATE is the same there.
    truncate: (table) => `DELETE FROM ${table}`,
    staging: 'temporary',
    maxIdentifierBytes: 65_536,
    canAddManyColumns: false,
    // "Adding columns with constraints not yet supported" is a parser error.
    canAddRequiredColumn: false,
    canAlterAfterUpdate: false,
    catalogFilter: `table_catalog = ${quoteText(database)}`,
  }
}
