export { destinations, type DestinationReference } from './destinations.ts'
export { PipelineStepFailed } from './errors.ts'
export {
  pipeline,
  type NormalizeOptions,
  type Pipeline,
  type PipelineOptions,
  type RunOptions,
  type StageOptions,
  type Typed,
  type Untyped,
} from './pipeline.ts'
export {
  DestinationHasFailedJobs,
  Double,
  double,
  ExtractInfo,
  LoadInfo,
  LoadPackageInfo,
  NormalizeInfo,
  parseJson,
  PipelineTrace,
  type CustomNaming,
  type ExceptionTrace,
  type JobInfo,
  type LoadJobMetrics,
  type PipelineStepTrace,
  type StepInfo,
  type WriterMetrics,
} from '@gantry/common'
export type {
  ColumnHints,
  Columns,
  Hints,
  MergeDisposition,
  NestedHints,
  Reference,
  Rows,
  RowSchema,
  Scd2Disposition,
  SchemaContractHint,
  TableHints,
  WriteDispositionHint,
} from '@gantry/extract'
export type { Dataset, DatasetTable, ReadOptions, Row } from '@gantry/load'
