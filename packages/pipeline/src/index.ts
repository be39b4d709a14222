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
export { Double, double, ExtractInfo, LoadInfo, NormalizeInfo, parseJson, type CustomNaming } from '@gantry/common'
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
