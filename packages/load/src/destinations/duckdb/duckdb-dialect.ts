import type { Dialect } from '../../sql/dialect.ts'
import { duckdbType } from './duckdb-types.ts'

export const duckdbDialect: Dialect = {
  typeOf: duckdbType,
  canAddManyColumns: false,
  // "Adding columns with constraints not yet supported" is a parser error.
  canAddRequiredColumn: false,
}
