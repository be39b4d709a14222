import type { DestinationDeclaration, SchemaFilesRequest } from '@gantry/common'

/** What the normalize stage is asked to do; plain data, so that it can cross to another process. */
export interface NormalizeRequest extends SchemaFilesRequest {
  readonly pipelineName: string
  readonly pipelinesDir?: string | undefined
  /** Of which only the capabilities are used; undefined: what is configured, else what the state says. */
  readonly destination?: string | DestinationDeclaration | undefined
  /** Load file format; undefined: what the table says, else what the destination prefers. */
  readonly loaderFileFormat?: string | undefined
  /** Number of workers; undefined: what input, cores and memory suggest. */
  readonly workers?: number | undefined
}
