export { IdentifierTooLong, SchemaIdentifierNormalizationCollision } from './check-names.ts'
export { loadCommand, loadMain } from './cli.ts'
export { openDataset, type Dataset, type DatasetTable } from './dataset.ts'
export type { ReadOptions, Row } from './destinations/destination.ts'
export {
  DatabaseTerminalError,
  DatabaseTransientError,
  DestinationConnectionError,
  DestinationLocked,
  DestinationNotFound,
  DestinationOutOfMemory,
  InvalidCredentials,
  JobFileFormatUnsupported,
  LoadClientJobRetry,
  LoadJobFailed,
  MissingDriver,
  UnknownTable,
} from './errors.ts'
export { load, type LoadOutcome } from './load.ts'
export type { LoadRequest } from './request.ts'
export { CannotRestorePipeline, sync, type SyncResult } from './sync.ts'
export type { LoadReport, LoadWorkerRequest } from './worker.ts'
