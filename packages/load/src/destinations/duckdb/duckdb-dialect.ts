import type { Dialect } from '../../sql/dialect.ts'
import { quoteText } from '../../sql/literal.ts'
import { duckdbType } from './duckdb-types.ts'

export const duckdbDialect: Dialect = {
  typeOf: duckdbType,
  constraintsOf: () => '',
  text: quoteText,
  timestamp: (iso) => `TIMESTAMPTZ ${quoteText(iso)}`,
  // TRUNCATE is the same there.
  truncate: (table) => `DELETE FROM ${table}`,
  staging: 'temporary',
  maxIdentifierBytes: 65_536,
  canAddManyColumns: false,
  // "Adding columns with constraints not yet supported" is a parser error.
  canAddRequiredColumn: false,
  catalogFilter: 'table_catalog = current_database()',
}
