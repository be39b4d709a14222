import type { Column } from '@gantry/common'

/** What differs between SQL engines in the statements that Gantry generates. */
export interface Dialect {
  /** The column's type in the engine's words. */
  typeOf(column: Column): string
  /** One ALTER TABLE may add several columns. */
  readonly canAddManyColumns: boolean
  /** ADD COLUMN may carry NOT NULL. Where it may not, the column is added nullable. */
  readonly canAddRequiredColumn: boolean
}
