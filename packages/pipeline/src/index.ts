export { destinations, type DestinationReference } from './destinations.ts'
export { PipelineStepFailed } from './errors.ts'
export {
  pipeline,
  type ExtractOptions,
  type NormalizeOptions,
  type Pipeline,
  type PipelineOptions,
  type RunOptions,
  type StageOptions,
} from './pipeline.ts'
export { Double, double, ExtractInfo, LoadInfo, NormalizeInfo, parseJson, type CustomNaming } from '@gantry/common'
export { InvalidSource, resource, ResourceExtractionError, ResourcesNotFoundError, source } from '@gantry/extract'
export type {
  ColumnHints,
  Columns,
  Hints,
  MergeDisposition,
  NestedHints,
  Reference,
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
export type { Dataset, DatasetTable, ReadOptions, Row } from '@gantry/load'
