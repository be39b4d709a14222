import type { DataType } from '../values/data-type.ts'

/*
 * A schema as dlt stores it. The document is the model: keys are spelled as on disk, because hints that nobody here
 * knows (`x-…`, and any other key) are merged, hashed and stored like the known ones. Only the two maps whose order
 * counts, or whose keys come from data, are Maps. User-facing hints in camelCase are translated where they are declared.
 */

/** Version of the document's form that is read and written (`dlt/common/schema/typing.py`, `SCHEMA_ENGINE_VERSION`). */
export const schemaEngineVersion = 11

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue }

export type WriteDisposition = 'append' | 'replace' | 'merge' | 'skip'

export type ContractMode = 'evolve' | 'freeze' | 'discard_row' | 'discard_value'

/** Contract of a table or schema; what is not set evolves. A bare mode stands for all three. */
export type SchemaContract =
  ContractMode | { readonly tables?: ContractMode; readonly columns?: ContractMode; readonly data_type?: ContractMode }

/** One column. Complete once it has a data type; incomplete ones are kept, but never created or written. */
export interface Column {
  readonly name: string
  readonly data_type?: DataType | null
  readonly nullable?: boolean | null
  readonly precision?: number | null
  readonly scale?: number | null
  readonly timezone?: boolean | null
  readonly variant?: boolean | null
  readonly description?: string | null
  readonly partition?: boolean | null
  readonly cluster?: boolean | null
  readonly sort?: boolean | null
  readonly unique?: boolean | null
  readonly primary_key?: boolean | null
  readonly merge_key?: boolean | null
  readonly row_key?: boolean | null
  readonly parent_key?: boolean | null
  readonly root_key?: boolean | null
  readonly hard_delete?: boolean | null
  readonly dedup_sort?: 'asc' | 'desc' | null
  readonly incremental?: boolean | null
  readonly [hint: string]: JsonValue | undefined
}

/** Everything of a table except its columns. */
export interface TableHints {
  readonly description?: string | null
  readonly parent?: string | null
  readonly resource?: string | null
  readonly write_disposition?: WriteDisposition | null
  readonly schema_contract?: SchemaContract | null
  readonly table_format?: string | null
  readonly file_format?: string | null
  readonly [hint: string]: JsonValue | undefined
}

/** One table; `columns` in the order in which they are created and hashed. A table with `parent` is nested. */
export interface Table {
  readonly name: string
  readonly columns: ReadonlyMap<string, Column>
  readonly hints: TableHints
}

/** What normalize added to a table: only the new or changed columns, with all hints of the table. */
export type PartialTable = Table

export interface SchemaSettings {
  readonly detections?: readonly string[] | null
  readonly default_hints?: { readonly [hint: string]: readonly string[] }
  readonly preferred_types?: { readonly [pattern: string]: DataType }
  readonly schema_contract?: SchemaContract | null
  readonly [key: string]: JsonValue | undefined
}

/** From row of the root, or of the named tables, to rows below it: source column to column below. */
export interface PropagationConfig {
  readonly root?: { readonly [from: string]: string }
  readonly tables?: { readonly [table: string]: { readonly [from: string]: string } }
}

export interface NormalizersConfig {
  readonly names: string
  readonly json: {
    readonly module: string
    readonly config?: {
      readonly max_nesting?: number
      readonly root_key_propagation?: boolean
      readonly propagation?: PropagationConfig
      readonly [key: string]: JsonValue | PropagationConfig | undefined
    } | null
  }
  readonly allow_identifier_change_on_table_with_data?: boolean
  readonly use_break_path_on_normalize?: boolean
  readonly detections?: readonly string[] | null
  readonly [key: string]: unknown
}

export interface Schema {
  readonly version: number
  /** Null only for a schema that was never saved nor hashed. */
  readonly version_hash: string | null
  readonly engine_version: number
  readonly name: string
  readonly tables: ReadonlyMap<string, Table>
  readonly settings: SchemaSettings
  readonly normalizers: NormalizersConfig
  readonly previous_hashes: readonly string[]
  readonly imported_version_hash?: string | null
  readonly description?: string | null
}
