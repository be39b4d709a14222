import type { LogFormat } from '@gantry/common'

/** What the load stage is asked to do. Plain data where it crosses to another process. */
export interface LoadRequest {
  readonly pipelineName: string
  readonly pipelinesDir?: string | undefined
  /** Name of the destination; undefined: what the pipeline's state says, else duckdb. */
  readonly destination?: string | undefined
  readonly datasetName?: string | undefined
  /** Given in code; an open connection only in this process. Undefined: found in the environment. */
  readonly credentials?: unknown
  readonly logFormat?: LogFormat
}
