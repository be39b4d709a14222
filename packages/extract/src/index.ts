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
export { bareSource, fileResource, type Extractable, type ExtractableSource } from './extractable.ts'
export { bareRows, extractableSources, PipeNotBoundToData, ResourceNameMissing } from './extractable-sources.ts'
export type { HintChanges } from './hints/change-hints.ts'
export type { Cursor } from './incremental/cursor.ts'
export {
  ExternalSchedulerNotAvailable,
  IncrementalCursorInvalidCoercion,
  IncrementalCursorPathHasValueNone,
  IncrementalCursorPathMissing,
  IncrementalPrimaryKeyMissing,
  JoinSchedulerError,
} from './incremental/errors.ts'
export { incremental, type CursorKey, type Incremental, type IncrementalOptions } from './incremental/incremental.ts'
export type { LastValueFunc } from './incremental/last-value-rule.ts'
export { materializeTableSchema, withHints, withTableName, type MarkedRows } from './marks.ts'
export { ResourceExtractionError } from './pipe/extraction-error.ts'
export type { LimitOptions } from './pipe/limit.ts'
export { InvalidResourceData } from './pipe/rows-of.ts'
export {
  resource,
  type Resource,
  type ResourceData,
  type ResourceHints,
  type ResourceOptions,
  type Typed,
  type Untyped,
} from './resource.ts'
export type { ContextOf, CursorOf, NoConfig, ResourceContext } from './resource-context.ts'
export {
  InvalidSource,
  ResourcesNotFoundError,
  source,
  type Source,
  type SourceContext,
  type SourceOptions,
  type SourceResources,
  type SourceSettings,
} from './source.ts'
export { transformer, type Transformer, type TransformerOptions } from './transformer.ts'
export type { AnyIterable, DataOf, RowOf, Yielded } from './yielded.ts'
export { InputError } from './sources/files/input.ts'
export { InvalidRowValue } from './typed-row.ts'
