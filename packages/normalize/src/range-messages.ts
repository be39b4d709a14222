import type { OutputOptions } from './output-options.ts'
import type {
  Capabilities,
  Column,
  ContractViolation,
  DataType,
  ErrorMessage,
  FileProof,
  ManifestFile,
  RowsByPath,
} from '@gantry/common'

/*
 * What passes between the normalize process and its worker threads: options and schema in, file entries and a schema
 * delta out. Rows never cross.
 */

/** One range of one extracted file, to be normalized on its own. */
export interface RangeTask {
  readonly path: string
  readonly isGzip: boolean
  readonly format: 'typed-jsonl' | 'ndjson'
  readonly table: string
  readonly start: number
  readonly end?: number
  /** What the file must hold, where the range is all of it: whoever reads it makes sure of that. */
  readonly expected?: FileProof
  /** What the user knows the file by, for messages. */
  readonly source?: { readonly path: string; readonly counts: 'lines' | 'elements' }
  readonly loadId: string
  /** Folder for load files, and number of the first file id of this range. */
  readonly outputDir: string
  readonly firstFileId: number
  /** JSON of the schema as the ranges before this one, as far as they are known, have left it. */
  readonly schemaText: string
  /** Columns of that schema that this package has added, and what they have seen. */
  readonly packageColumns: PackageColumnNames
  /** Tables that had no complete column when the package began. */
  readonly newTables: readonly string[]
  readonly capabilities: Capabilities
  readonly output: OutputOptions
  /** Unix time at which the process began. */
  readonly startedAtSeconds: number
  /** False: every row takes the reference path. */
  readonly fastPath: boolean
}

/** By table: columns that were not complete when the package began; true where an inexact integer was seen. */
export type PackageColumnNames = Readonly<Record<string, Readonly<Record<string, boolean>>>>

/** What a range added to one table, or merely saw of it. */
export interface TableDelta {
  readonly name: string
  readonly parent: string | undefined
  readonly isNew: boolean
  readonly columns: readonly ColumnDelta[]
  /** Columns without a type, to which only nulls came. */
  readonly onlyNull: readonly string[]
  /** Columns to which values of other kinds came, and the types they had then; undefined: none yet. */
  readonly judged: readonly { readonly column: string; readonly types: readonly (DataType | undefined)[] }[]
}

/** A column that was added or changed by a range, or in which it saw an integer that no double has. */
export interface ColumnDelta {
  readonly column: Column
  readonly hasInexactInteger: boolean
}

export interface RangeResult {
  /** In the order in which tables were met. */
  readonly tables: readonly TableDelta[]
  readonly files: readonly ManifestFile[]
  /** What contracts kept out. */
  readonly violations: readonly ContractViolation[]
  /** By job id: columns that a file holds as integers by its type, and that may become doubles in later ranges. */
  readonly integerColumns: Readonly<Record<string, readonly string[]>>
  readonly rows: RowsByPath
}

/** What a worker thread answers. An error that is thrown across threads loses its code and its class. */
export type RangeAnswer = { readonly result: RangeResult } | { readonly error: ErrorMessage }
