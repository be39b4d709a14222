import type { DestinationDeclaration, SchemaFilesRequest } from '@gantry/common'
import type { RunHints } from './extractable-sources.ts'
import type { SchemaContractHint, StaticHints } from './hints/hints.ts'

/** Resources of the pipeline's default schema to drop. */
export interface DropRequest {
  readonly resources: readonly string[]
  /** Their state alone; tables stay. */
  readonly isStateOnly: boolean
}

/** What the extract stage is asked to do; plain data, so that it can cross to another process. */
export interface ExtractRequest extends SchemaFilesRequest {
  readonly pipelineName: string
  /** Parent of the working folder; undefined: where dlt would put it. */
  readonly pipelinesDir?: string | undefined
  readonly datasetName?: string | undefined
  /** Of which only the capabilities are used; undefined: what is configured, else what the state says. */
  readonly destination?: string | DestinationDeclaration | undefined
  /** Contract of the whole schema from now on; undefined: the one that it has. */
  readonly schemaContract?: SchemaContractHint | undefined
  /** What is taken back of earlier runs; undefined: `REFRESH`, else nothing. */
  readonly refresh?: string | undefined
  /** Resources whose tables and state are dropped, although nothing is extracted for them. */
  readonly drop?: DropRequest | undefined
  /** False: the state stays here; undefined: `RESTORE_FROM_DESTINATION`, else true. */
  readonly restoreFromDestination?: boolean | undefined
  /** The dataset is one of dev mode, which the state notes. */
  readonly devMode?: boolean | undefined
}

/** The first request to a process that extracts a user's module: it says what the module declares, and waits. */
export interface ExtractModuleRequest {
  readonly module: string
  /** Not known before. */
  readonly pipelineName?: undefined
}

/** What it is then asked to do. */
export interface ExtractProgramRequest extends ExtractRequest {
  readonly hints: RunHints
}

/** A request that names its inputs as files, as the command line does. */
export interface ExtractFilesRequest extends ExtractRequest {
  readonly files: readonly string[]
  readonly hints: StaticHints
}
