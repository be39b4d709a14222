import type { DestinationDeclaration } from '@gantry/common'

/** What the load stage is asked to do. Plain data where it crosses to another process. */
export interface LoadRequest {
  readonly pipelineName: string
  readonly pipelinesDir?: string | undefined
  /**
   * A reference only in this process, as it may hold an open connection. Undefined: what is configured, else what the
   * pipeline's state says, else duckdb.
   */
  readonly destination?: string | DestinationDeclaration | undefined
  readonly datasetName?: string | undefined
  /** Undefined: `USE_SINGLE_DATASET`, else true. */
  readonly useSingleDataset?: boolean | undefined
}
