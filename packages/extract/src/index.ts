export { declaredPipeline, extractCommand, extractMain, hintsOf, inputFlags, moduleIn } from './cli.ts'
export { extract } from './extract.ts'
export { DeclaredTypeConflict } from './hints/declare.ts'
export type {
  ColumnHints,
  Columns,
  Hints,
  MergeDisposition,
  NestedHints,
  Reference,
  Scd2Disposition,
  SchemaContractHint,
  TableHints,
  TableOfRow,
  WriteDispositionHint,
} from './hints/hints.ts'
export { InvalidHint } from './hints/invalid-hint.ts'
export type { InputOf, RowSchema } from './hints/row-schema.ts'
export { PendingBeforeRefresh, UnknownRefreshMode, type RefreshMode } from './refresh.ts'
export type {
  DropRequest,
  ExtractFilesRequest,
  ExtractModuleRequest,
  ExtractProgramRequest,
  ExtractRequest,
} from './request.ts'
export {
  bareRows,
  bareSource,
  extractableSources,
  fileResource,
  InvalidResourceData,
  ResourceExtractionError,
  ResourceNameMissing,
  type Extractable,
  type ExtractableSource,
} from './extractable.ts'
export {
  resource,
  type Resource,
  type ResourceData,
  type ResourceOptions,
  type Rows,
  type Typed,
  type Untyped,
} from './resource.ts'
export {
  InvalidSource,
  ResourcesNotFoundError,
  source,
  type Source,
  type SourceOptions,
  type SourceResources,
  type SourceSettings,
} from './source.ts'
export { InputError } from './sources/files/input.ts'
export { InvalidRowValue } from './typed-row.ts'
