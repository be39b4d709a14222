import type { Column } from '@gantry/common'

/** What differs between SQL engines in the statements that Gantry generates. */
export interface Dialect {
  /** The column's type in the engine's words. @throws {TerminalError} the engine has no such type */
  typeOf(column: Column): string
  /** What stands behind a column's type where it is made: how it is indexed or stored, or nothing. */
  attributesOf(column: Column): string
  /** The name of a schema as it stands in front of its tables: quoted, and unmistakable. */
  schema(name: string): string
  /** A text as a literal. */
  text(value: string): string
  /** An instant, given as ISO 8601 text, as a literal. */
  timestamp(iso: string): string
  /** Empties a table, given qualified. */
  truncate(table: string): string
  /**
   * Where rows of a load wait for their chain: temporary tables, gone with the connection; or tables of the staging
   * dataset, which other connections see and which outlive a killed process.
   */
  readonly staging: 'temporary' | 'dataset'
  /** UTF-8 bytes that a name may have. */
  readonly maxIdentifierBytes: number
  /** One ALTER TABLE may add several columns. */
  readonly canAddManyColumns: boolean
  /** ADD COLUMN may carry NOT NULL. Where it may not, the column is added nullable. */
  readonly canAddRequiredColumn: boolean
  /** A table may be altered after its rows have changed in the same transaction. */
  readonly canAlterAfterUpdate: boolean
  /** Condition on `information_schema` that leaves the database at hand: DuckDB may have several attached. */
  readonly catalogFilter: string
}
