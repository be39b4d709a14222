import type { SchemaFilesRequest } from './config/schema-settings.ts'
import type { DestinationDeclaration } from './destination/reference.ts'

/** What a program says of a pipeline, for a command that is given the program's module. */
export interface PipelineDeclaration extends SchemaFilesRequest {
  readonly pipelineName: string
  readonly pipelinesDir?: string | undefined
  readonly destination?: string | DestinationDeclaration | undefined
  readonly datasetName?: string | undefined
  readonly useSingleDataset?: boolean | undefined
  readonly refresh?: string | undefined
  readonly restoreFromDestination?: boolean | undefined
}

/** Under which a pipeline tells its declaration; also where two copies of a package meet in one program. */
export const pipelineDeclaration: unique symbol = Symbol.for('gantry.pipeline')

/** What a pipeline declares; undefined for anything else. */
export function declarationOf(value: unknown): PipelineDeclaration | undefined {
  if (typeof value !== 'object' || value === null || !(pipelineDeclaration in value)) return undefined
  return (value as { [pipelineDeclaration](): PipelineDeclaration })[pipelineDeclaration]()
}
