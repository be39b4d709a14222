import type { Dialect } from '../../sql/dialect.ts'
import { quoteIdentifier } from '../../sql/identifier.ts'
import { quoteText } from '../../sql/literal.ts'
import { postgresType } from './postgres-types.ts'

/** @param createIndexes  `unique` hints become UNIQUE; as in dlt this is so unless it is turned off */
export function postgresDialect(createIndexes: boolean): Dialect {
  return {
    typeOf: postgresType,
    attributesOf: (column) => (createIndexes && column.unique === true ? 'UNIQUE' : ''),
    schema: quoteIdentifier,
    // The session has standard_conforming_strings on.
    text: quoteText,
    timestamp: (iso) => `TIMESTAMP WITH TIME ZONE ${quoteText(iso)}`,
    truncate: (table) => `TRUNCATE TABLE ${table}`,
    staging: 'dataset',
    maxIdentifierBytes: 63,
    canAddManyColumns: true,
    // Refused by PostgreSQL where the table has rows.
    canAddRequiredColumn: true,
    canAlterAfterUpdate: true,
    catalogFilter: 'table_catalog = current_database()',
  }
}
