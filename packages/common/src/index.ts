export { sha3Base64, shake128, sortedJson, type Printable } from './hash.ts'
export {
  contentRowId,
  FileIds,
  FileIdsExhausted,
  LoadIds,
  nestedRowId,
  processLoadIds,
  randomRowIds,
  type RowIds,
} from './ids.ts'
export type { NamingConventionName } from './naming/conventions.ts'
export { InvalidNamingModule, loadNaming, type CustomNaming } from './naming/load-naming.ts'
export type { NamingConvention } from './naming/naming-convention.ts'
export { BlankName, namingConvention, UnknownNamingConvention } from './naming/open.ts'
export { NameLimitTooSmall, shortenName, shorteningTag } from './naming/shorten.ts'
export {
  ancestry,
  getTable,
  inheritedHint,
  isNested,
  mergeStrategy,
  NoWriteDisposition,
  rootTable,
  tableChain,
  TableNotFound,
  UnsupportedMergeStrategy,
  writeDisposition,
  type InheritedHint,
} from './schema/chains.ts'
export { changeNaming, TableIdentifiersFrozen } from './schema/change-naming.ts'
export {
  DataValidationError,
  frozenByContract,
  isNewTable,
  tableContract,
  type ContractEntity,
  type TableContract,
} from './schema/contract.ts'
export {
  decodeSchema,
  encodeSchema,
  parseSchema,
  parseTables,
  stringifySchema,
  stringifyTables,
} from './schema/codec.ts'
export {
  compileDefaultHints,
  compilePreferredTypes,
  mergeDefaultHints,
  normalizeSettings,
  type NewColumnHints,
} from './schema/default-hints.ts'
export { combineSchemas } from './schema/combine.ts'
export { diffSchema, diffTable } from './schema/diff.ts'
export type { DocumentMap, DocumentNode } from './schema/document.ts'
export { schemaHash } from './schema/hash.ts'
export {
  findTypeConflict,
  completeColumns,
  isComplete,
  isDefaultHint,
  mergeColumn,
  mergeColumns,
  mergeTable,
  ParentTableNotFound,
  TableConflict,
  updateTable,
  updateTables,
  type MergeOptions,
  type TypeConflict,
} from './schema/merge.ts'
export {
  checkSchemaName,
  InvalidSchemaName,
  newSchema,
  newTable,
  relationalModule,
  relationalNoCoercionModule,
  SystemTablesRenamed,
} from './schema/new-schema.ts'
export { normalizeTableIdentifiers } from './schema/normalize-identifiers.ts'
export { compilePattern, InvalidPattern, type NameTest } from './schema/patterns.ts'
export { normalizerHints, withoutProcessingHints, type NormalizerHints } from './schema/processing-hints.ts'
export { dropPropagation, propagateRootKey } from './schema/propagation.ts'
export { loadsTable, pipelineStateTable, systemNames, versionTable, type SystemNames } from './schema/system-tables.ts'
export { SchemaEngineTooNew } from './schema/upgrade.ts'
export { columnHintNames, hintProblem, SchemaInvalid, validateSchema } from './schema/validate.ts'
export {
  applyImport,
  bumpVersion,
  isModified,
  parseStoredSchema,
  renameSchema,
  replaceSchema,
  StoredSchemaModified,
} from './schema/version.ts'
export { base64Text, HexBytes, tryHexBytes, tryHexPairs, tryLenientBase64, tryStrictBase64 } from './values/binary.ts'
export { tryDate, tryTemporal, tryTime, tryTimestamp } from './values/datetime-text.ts'
export { compareDecimals, Decimal, parseDecimal, type SpecialDecimal, tryDecimal, Wei } from './values/decimal.ts'
export { Double, double, jsonFloatText, pythonFloatText } from './values/double.ts'
export { asciiDigits, digitValue, integerValue, tryFloat, tryHexInteger, tryInteger } from './values/number-text.ts'
export {
  DateValue,
  daysOfCivil,
  microsPerDay,
  Timestamp,
  TimeValue,
  tryTimestampOfJsDate,
  tryTimestampOfUnixSeconds,
} from './values/temporal.ts'
export { decodeMarkers, encodeMarker, type MarkedValue, stripMarkers, tryDecodeMarker } from './values/typed-json.ts'
export { countFlag, helpText, parseCommand, type Command, type Flag, type ParsedCommand } from './cli/command.ts'
export { errorText, runMain } from './cli/main.ts'
export { Display } from './cli/display.ts'
export { runStageCommand, type StageResult } from './cli/stage-command.ts'
export {
  destinationFlags,
  schemaFlags,
  schemaFolders,
  sharedFlags,
  sharedOptions,
  type DestinationFlag,
  type SchemaFlag,
  normalizeFlags,
  type NormalizeFlag,
  type SharedFlag,
  type SharedOptions,
} from './cli/shared-flags.ts'
export { isoInstant, systemClock, type Clock } from './clock.ts'
export {
  InvalidPipelineName,
  InvalidUsage,
  UnknownDestination,
  UsageError,
  ValueNotSecret,
} from './config/config-errors.ts'
export {
  datasetOf,
  newDataset,
  pipelineSetting,
  restoresFromDestination,
  usesSingleDataset,
} from './config/pipeline-settings.ts'
export { toDocument, toPlain } from './schema/document.ts'
export { choiceOf, countOf, flagOf, numberOf, textOf } from './config/coerce.ts'
export {
  config,
  resolveConfig,
  secrets,
  type ConfigSpec,
  type ConfigValue,
  type ConfigValues,
  type NoConfig,
  type Resolved,
  type ValueTypeName,
  type ValueTypes,
} from './config/config-value.ts'
export { Configuration, type ConfigurationSources } from './config/configuration.ts'
export { documentProvider, type ConfigDocument } from './config/document-provider.ts'
export type { Environment } from './config/environment-provider.ts'
export { ConfigFieldMissing, type MissingField } from './config/field-missing.ts'
export { lookupPaths, type LookupPlace } from './config/lookup-paths.ts'
export type { ConfigProvider, Setting } from './config/provider.ts'
export { Secret } from './config/secret.ts'
export {
  normalizerSettings,
  schemaFiles,
  type NormalizerSettings,
  type SchemaFiles,
  type SchemaFilesRequest,
} from './config/schema-settings.ts'
export {
  capabilitiesOf,
  checkLoadFormat,
  IncompatibleLoadFormat,
  knownDestinations,
  parallelismStrategies,
  type Capabilities,
  type ParallelismStrategy,
} from './destination/capabilities.ts'
export { DatasetNotAvailable } from './destination/dataset-not-available.ts'
export {
  configurationOf,
  pipelineDestination,
  resolveDestination,
  type DestinationDeclaration,
  type DestinationReference,
  SinkNotGiven,
} from './destination/reference.ts'
export { defineSink, type FileSinkOptions, type RowSinkOptions } from './destination/define-sink.ts'
export {
  DestinationTerminalException,
  type Sink,
  type SinkContext,
  type SinkDeclaration,
  type SinkFunction,
  type SinkRow,
} from './destination/sink.ts'
export { importModule, ModuleImportFailed } from './modules/import-module.ts'
export { declarationOf, pipelineDeclaration, type PipelineDeclaration } from './pipeline-declaration.ts'
export { codeSpelling, storedSpelling } from './naming/spelling.ts'
export { GantryError, TerminalError, TransientError } from './errors.ts'
export {
  packageMetrics,
  sumMetrics,
  type ExtractMetrics,
  type PackageMetrics,
  type WriterMetrics,
} from './info/package-metrics.ts'
export { DestinationHasFailedJobs } from './info/failed-jobs.ts'
export { isFirstRun } from './info/first-run.ts'
export { loadMetrics, type LoadJobMetrics, type LoadMetrics } from './info/load-metrics.ts'
export { durationText } from './info/duration.ts'
export {
  allJobs,
  describePackage,
  LoadPackageInfo,
  type JobInfo,
  type PackageInfo,
  type PackageStateName,
  type SchemaUpdate,
  type TableUpdate,
} from './info/package-info.ts'
export {
  addRows,
  ExtractInfo,
  LoadInfo,
  noRows,
  NormalizeInfo,
  StepInfo,
  type ExtractDataInfo,
  type ExtractInfoData,
  type LoadInfoData,
  type NormalizeInfoData,
  type StagingInfo,
  type StepInfoData,
  type Verbosity,
  type RowsByPath,
} from './info/step-info.ts'
export { readAhead } from './read-ahead.ts'
export { isSecretName, withoutSecrets } from './redact.ts'
export type { ExceptionTrace } from './trace/exception-traces.ts'
export { libraryVersion } from './library-version.ts'
export type { ExecutionContext } from './trace/execution-context.ts'
export {
  PipelineTrace,
  type PipelineStepTrace,
  type ResolvedConfigValue,
  type TraceStepName,
} from './trace/pipeline-trace.ts'
export { TracedCall, tryReadTrace, type TraceOptions } from './trace/traced-call.ts'
export { placeText, violationText, type ContractViolation, type InputPlace } from './info/contract-violation.ts'
export { JsonObject } from './json/object.ts'
export { JsonReader, mostLevels, parseJson } from './json/reader.ts'
export { JsonSyntaxError } from './json/syntax-error.ts'
export { emptyShape, Shape } from './json/shape.ts'
export { compareCodePoints, sortedKeys } from './json/sorted.ts'
export { typedJson } from './json/typed.ts'
export { stringifyJson, stringifyWith } from './json/writer.ts'
export { openLog, silentLog, type Logger } from './log.ts'
export { isBlank, strip } from './naming/python-text.ts'
export { packError, RemoteError, exitCodeOf, type ErrorMessage } from './process/errors-across.ts'
export { protocolVersion, type FromStage, type ToStage } from './process/messages.ts'
export { serveStage, type StageServer } from './process/serve.ts'
export { abortOnSignals, SignalReceived } from './process/shutdown.ts'
export { describeSystemError } from './process/system-error.ts'
export { inWorkingFolder, WorkingFolderFull } from './storage/full-disk.ts'
export { durableSteps, step, type DurableStep } from './process/step.ts'
export {
  describeBytes,
  describeCounters,
  silentProgress,
  ThrottledProgress,
  type Counter,
  type ProgressSink,
} from './progress.ts'
export {
  type Column,
  type ContractMode,
  type JsonValue,
  type NormalizersConfig,
  type PartialTable,
  type Schema,
  type SchemaContract,
  schemaEngineVersion,
  type SchemaSettings,
  type Table,
  type TableHints,
  type WriteDisposition,
} from './schema/model.ts'
export type { StageContext, StageName } from './stage.ts'
export { hasErrorCode, namesIn, syncFolder, tryReadText, writeFileAtomic } from './storage/small-file.ts'
export { localDir, pipelinesDir, runFolders, workingFolder, type WorkingFolder } from './storage/folders.ts'
export {
  InvalidJobFileName,
  jobFormats,
  jobId,
  parseJobFileName,
  printJobFileName,
  type JobFileName,
  type JobFormat,
} from './storage/job-file-name.ts'
export {
  commitPackage,
  jobFolders,
  JobNotFound,
  LoadPackage,
  packagesIn,
  type Job,
  type JobFolder,
} from './storage/load-package.ts'
export {
  manifestFile,
  PackageCorrupted,
  tryReadManifest,
  verifyFile,
  verifyManifest,
  writeManifest,
  type FileProof,
  type InputSource,
  type Manifest,
  type ManifestFile,
} from './storage/manifest.ts'
export { copyPreviousState, readNewestState, writePreviousState } from './storage/newest-state.ts'
export { unpackText } from './storage/packed-text.ts'
export { DestinationState } from './storage/destination-state.ts'
export {
  addJobMetrics,
  packageCreatedAt,
  readJobMetrics,
  readPackageState,
  writePackageState,
} from './storage/package-state.ts'
export {
  parseStateColumn,
  PipelineState,
  PipelineStateCorrupted,
  pipelineStateRow,
  tryReadPipelineState,
  writePipelineState,
} from './storage/pipeline-state.ts'
export { processState, thisProcess, type ProcessIdentity } from './storage/process-identity.ts'
export {
  configureNormalizers,
  freshSchema,
  linkToMissingImport,
  openSchema,
  type OpenSchemaOptions,
  writeMissingImport,
} from './storage/open-schema.ts'
export { SchemaFileInvalid } from './storage/schema-file.ts'
export {
  PackageWithoutSchema,
  changeStoredSchema,
  readPackageSchema,
  removeStoredSchema,
  replaceStoredSchema,
  settleReplacedSchemas,
  storedSchemaNames,
  storeSchema,
  tryReadNewestSchema,
  tryReadSchema,
} from './storage/schema-store.ts'
export { lockStage, StageLocked, type StageLock } from './storage/stage-lock.ts'
export { lockAllStages, wipeWorkingFolder } from './storage/wipe.ts'
export { NoMigrationPath, openStorage, storageVersions } from './storage/storage-version.ts'
export {
  closeWritingFolder,
  commitTogether,
  createWritingFolder,
  finishCommits,
  sweepWritingFolders,
} from './storage/writing-folder.ts'
export { dataTypes, isDataType, type DataType } from './values/data-type.ts'
export { plainValue } from './values/plain-value.ts'
export { kindOf, type Value } from './values/value.ts'
