import type { ContractMode, DataType, JsonValue, WriteDisposition } from '@gantry/common'
import type { RowSchema } from './row-schema.ts'

/*
 * What a user declares about the tables of a resource, as plain values. Names of options are dlt's in camelCase; names of
 * tables and columns are normalized by the schema's naming convention; `x-` hints are stored as they are.
 */

/** What is declared about one column. All of it is optional: what is not declared is found out from the data. */
export interface ColumnHints {
  /** Type of the column; values that do not fit go to a variant column beside it. */
  readonly dataType?: DataType
  /** False: a null, or a column without any value, ends the run. */
  readonly nullable?: boolean
  /** Digits of a decimal, of a second's fraction, length of a text, bits of an integer: as the type has it. */
  readonly precision?: number
  /** Digits of a decimal behind the point. */
  readonly scale?: number
  /** False: a timestamp without time zone. */
  readonly timezone?: boolean
  readonly description?: string
  /** Part of the primary key. The hint `primaryKey` of the table replaces it. */
  readonly primaryKey?: boolean
  /** Part of the merge key. The hint `mergeKey` of the table replaces it. */
  readonly mergeKey?: boolean
  readonly unique?: boolean
  readonly sort?: boolean
  readonly partition?: boolean
  readonly cluster?: boolean
  /** A merge deletes the rows in which the column is true, or is not null if it is no bool. */
  readonly hardDelete?: boolean
  /** Of rows with one key, the first by this order survives a merge. */
  readonly dedupSort?: 'asc' | 'desc'
  /** The column identifies a row, as `_dlt_id` does. */
  readonly rowKey?: boolean
  /** The column refers to the row key of the parent table. */
  readonly parentKey?: boolean
  /** The column refers to the row key of the root table. */
  readonly rootKey?: boolean
  /** The column is the cursor of the resource. */
  readonly incremental?: boolean
  /** The column takes values that do not fit another one. */
  readonly variant?: boolean
  readonly [hint: `x-${string}`]: JsonValue
}

/** Columns by name, or as a list with `name`. */
export type Columns = { readonly [column: string]: ColumnHints } | readonly (ColumnHints & { readonly name: string })[]

/** Mode of a contract for everything, or by what is new. What is not set evolves. */
export type SchemaContractHint =
  | ContractMode
  | {
      /** A table that is not in the schema yet. */
      readonly tables?: ContractMode
      /** A column that the table does not have yet. */
      readonly columns?: ContractMode
      /** A value of another type than its column's. */
      readonly dataType?: ContractMode
    }

/** How rows are written: a word, or a map with options. */
export type WriteDispositionHint =
  WriteDisposition | { readonly disposition: 'append' | 'replace' } | MergeDisposition | Scd2Disposition

export interface MergeDisposition {
  readonly disposition: 'merge'
  /** Default: `delete-insert`. */
  readonly strategy?: 'delete-insert' | 'upsert' | 'insert-only'
  /** The rows have no two with one key: no need to look for them. Default: false. */
  readonly deduplicated?: boolean
}

/** Keeps all versions of a row, each with the time from which and until which it was the newest. */
export interface Scd2Disposition {
  readonly disposition: 'merge'
  readonly strategy: 'scd2'
  readonly deduplicated?: boolean
  /** Columns for from and to. Default: `_dlt_valid_from` and `_dlt_valid_to`. */
  readonly validityColumnNames?: readonly [from: string, to: string]
  /** What stands in the second for the newest version. Default: null. */
  readonly activeRecordTimestamp?: string | Date | null
  /** The time of the change. Default: that of the load. */
  readonly boundaryTimestamp?: string | Date | null
  /** Column of the data that tells versions apart. Default: `_dlt_id`, which then holds a hash of the row. */
  readonly rowVersionColumnName?: string
}

/** Columns of this table that refer to another one; for information only. */
export interface Reference {
  readonly referencedTable: string
  readonly columns: readonly string[]
  readonly referencedColumns: readonly string[]
  readonly label?: string
  /** Such as `many_to_one`. */
  readonly cardinality?: string
}

/** What can be declared about any table, nested ones included. */
export interface TableHints {
  readonly writeDisposition?: WriteDispositionHint
  /** Columns that identify a row, by which it is merged. They are not nullable, unless `columns` says otherwise. */
  readonly primaryKey?: string | readonly string[]
  /** Columns by whose values rows are replaced together. As `primaryKey`. */
  readonly mergeKey?: string | readonly string[]
  /**
   * Hints of columns; where these are new, they stand in the table in this order, before others. Or a schema of the rows
   * from zod or another library with the Standard Schema interface, which gives columns their types and checks the rows
   * of a resource (rows of nested tables are checked as part of those).
   */
  readonly columns?: Columns | RowSchema
  readonly schemaContract?: SchemaContractHint
  readonly tableFormat?: 'iceberg' | 'delta' | 'hive' | 'native'
  /** Format of load files, or `preferred` for the destination's own choice. Wins over that of the run. */
  readonly fileFormat?: 'preferred' | 'jsonl' | 'parquet' | 'csv' | 'insert_values'
  readonly references?: readonly Reference[]
  /** `description`, and `x-` hints of the table. */
  readonly additionalTableHints?: { readonly description?: string; readonly [hint: `x-${string}`]: JsonValue }
}

/**
 * Hints of nested tables by the field that the list comes from, or by its path. A path is a list of fields as key of a
 * Map (`new Map([[['orders', 'items'], { … }]])`), with hints for the fields before it, be they `{}`; or the names joined
 * as in the name of the table (`orders__items`).
 */
export type NestedHints = { readonly [field: string]: TableHints } | ReadonlyMap<string | readonly string[], TableHints>

/** What is declared about the one table that rows go to, and those below it. */
export interface StaticHints extends TableHints {
  readonly tableName?: string
  /** Levels of nesting that are opened into columns and tables below; what lies deeper is json. Default: 1000. */
  readonly maxTableNesting?: number
  readonly nestedHints?: NestedHints
}

/**
 * A function from row to hint. A method, so that a function of a narrower row can be given.
 */
export type HintOfRow<Hint> = { hintOf(row: Record<string, unknown>): Hint }['hintOf']

/** Hints, each of which may be a function of the row. */
export type PerRow<Of> = { readonly [Hint in keyof Of]: Of[Hint] | HintOfRow<NonNullable<Of[Hint]>> }

/**
 * What a user declares about the tables that rows go to. Each hint of tables may be a function of the row, where
 * `tableName` is one: rows then say not only which table they go to, but also what is declared of it.
 */
export interface Hints extends PerRow<TableHints>, Pick<StaticHints, 'maxTableNesting'> {
  /** Name of the table, or a function from row to name; needed for rows that come without one. */
  readonly tableName?: string | HintOfRow<string>
  readonly nestedHints?: NestedHints | HintOfRow<NestedHints>
}
