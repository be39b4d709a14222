export { destination, destinations, type DestinationOptions, type NamedDestinationOptions } from './destinations.ts'
export type { DropPendingOptions } from './drop.ts'
export { PipelineHasPendingData, type DropResourcesOptions } from './drop-resources.ts'
export { PipelineStepFailed } from './errors.ts'
export { isMain } from './is-main.ts'
export {
  pipeline,
  type ExtractOptions,
  type NormalizeOptions,
  type Pipeline,
  type PipelineOptions,
  type RunOptions,
  type StageOptions,
} from './pipeline.ts'
export type { StateDocument } from './local-view.ts'
export {
  config,
  ConfigFieldMissing,
  DestinationHasFailedJobs,
  documentProvider,
  Double,
  double,
  ExtractInfo,
  LoadInfo,
  LoadPackageInfo,
  NormalizeInfo,
  parseJson,
  PipelineTrace,
  Secret,
  secrets,
  type ConfigDocument,
  type ConfigProvider,
  type ConfigValue,
  type CustomNaming,
  type DestinationDeclaration,
  type DestinationReference,
  type ExceptionTrace,
  type JobInfo,
  type LoadJobMetrics,
  type PipelineStepTrace,
  type StepInfo,
  type WriterMetrics,
} from '@gantry/common'
export { InvalidSource, resource, ResourceExtractionError, ResourcesNotFoundError, source } from '@gantry/extract'
export type {
  ColumnHints,
  Columns,
  Hints,
  MergeDisposition,
  NestedHints,
  Reference,
  RefreshMode,
  Resource,
  ResourceData,
  ResourceOptions,
  Rows,
  RowSchema,
  Scd2Disposition,
  SchemaContractHint,
  Source,
  SourceOptions,
  SourceResources,
  SourceSettings,
  TableHints,
  Typed,
  Untyped,
  WriteDispositionHint,
} from '@gantry/extract'
export type { Dataset, DatasetTable, ReadOptions, Row, SyncResult } from '@gantry/load'
