export { extractCommand, extractMain, hintsOf, inputFlags } from './cli.ts'
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
export type { DropRequest, ExtractFilesRequest, ExtractRequest } from './request.ts'
export {
  fileResource,
  InvalidResourceData,
  ResourceNameMissing,
  resourceOf,
  type Resource,
  type Rows,
} from './resource.ts'
export { InputError } from './sources/files/input.ts'
export { InvalidRowValue } from './typed-row.ts'
