export { destinations, type DestinationReference } from './destinations.ts'
export type { DropPendingOptions } from './drop.ts'
export { PipelineHasPendingData, type DropResourcesOptions } from './drop-resources.ts'
export { PipelineStepFailed } from './errors.ts'
export {
  pipeline,
  type ExtractOptions,
  type NormalizeOptions,
  type Pipeline,
  type PipelineOptions,
  type RunOptions,
  type StageOptions,
  type Typed,
  type Untyped,
} from './pipeline.ts'
export type { StateDocument } from './local-view.ts'
export { Double, double, ExtractInfo, LoadInfo, NormalizeInfo, parseJson, type CustomNaming } from '@gantry/common'
export type {
  ColumnHints,
  Columns,
  Hints,
  MergeDisposition,
  NestedHints,
  Reference,
  RefreshMode,
  Rows,
  RowSchema,
  Scd2Disposition,
  SchemaContractHint,
  TableHints,
  WriteDispositionHint,
} from '@gantry/extract'
export type { Dataset, DatasetTable, ReadOptions, Row, SyncResult } from '@gantry/load'
