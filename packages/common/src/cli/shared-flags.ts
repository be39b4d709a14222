import type { LogFormat } from '../log-output.ts'
import type { SchemaFilesRequest } from '../config/schema-settings.ts'
import { textOf } from '../config/coerce.ts'
import type { Configuration } from '../config/configuration.ts'
import type { Flag, ParsedCommand } from './command.ts'

/** Flags that every stage understands. */
export const sharedFlags: Readonly<Record<SharedFlag, Flag>> = {
  'pipeline-name': {
    value: '<name>',
    help: 'Name of the pipeline and of its working folder (default: $PIPELINE_NAME, else gantry).',
  },
  'pipelines-dir': {
    value: '<folder>',
    help: 'Where working folders are (default: $DLT_DATA_DIR/pipelines, else as dlt).',
  },
  'log-format': {
    value: '<format>',
    choices: ['auto', 'json', 'pretty'],
    help: 'How log lines on standard error look (default: auto).',
  },
  progress: {
    value: '<mode>',
    choices: ['auto', 'off', 'log'],
    help: 'A display on a terminal, log lines elsewhere (default: auto).',
  },
  json: { help: "Print the step's info as one JSON document on standard output." },
  help: { help: 'Print this page.' },
}

/** Flags of stages that have to know where the data will go. */
export const destinationFlags: Readonly<Record<DestinationFlag, Flag>> = {
  destination: { value: '<name>', help: 'Where the data goes (default: $DESTINATION_TYPE, else duckdb).' },
  'dataset-name': { value: '<name>', help: 'Schema that holds the tables (default: <pipeline name>_dataset).' },
}

/** Flags of stages that store schemas. */
export const schemaFlags: Readonly<Record<SchemaFlag, Flag>> = {
  'import-schema-path': {
    value: '<folder>',
    help: 'Folder with <schema>.schema.yaml files that overrule the stored schemas (default: $IMPORT_SCHEMA_PATH).',
  },
  'export-schema-path': {
    value: '<folder>',
    help: 'Folder to which schemas are copied when they change (default: $EXPORT_SCHEMA_PATH).',
  },
}

/** Flags of commands that write load files. */
export const normalizeFlags: Readonly<Record<NormalizeFlag, Flag>> = {
  'file-format': {
    value: '<format>',
    help: "Format of load files, one that the destination takes (default: the table's own, else the destination's).",
  },
  workers: {
    value: '<n>',
    help: 'Worker threads of normalize (default: one for small input, else as many as cores and memory allow).',
  },
}

export type NormalizeFlag = 'file-format' | 'workers'
export type SharedFlag = 'pipeline-name' | 'pipelines-dir' | 'log-format' | 'progress' | 'json' | 'help'
export type DestinationFlag = 'destination' | 'dataset-name'
export type SchemaFlag = 'import-schema-path' | 'export-schema-path'

/** Values of the shared flags, with defaults from the configuration in dlt's names. */
export interface SharedOptions {
  readonly pipelineName: string
  /** By flag or configuration; otherwise the name is a default. */
  readonly isNamed: boolean
  readonly pipelinesDir: string | undefined
  readonly logFormat: LogFormat
  readonly progress: 'auto' | 'off' | 'log'
  readonly isJson: boolean
}

export function sharedOptions(parsed: ParsedCommand<SharedFlag>, configuration: Configuration): SharedOptions {
  const name = parsed.text('pipeline-name') ?? textOf(configuration.find('pipeline_name', [['pipelines'], []]))
  return {
    pipelineName: name ?? 'gantry',
    isNamed: name !== undefined,
    pipelinesDir: parsed.text('pipelines-dir'),
    logFormat: (parsed.text('log-format') ?? 'auto') as LogFormat,
    progress: (parsed.text('progress') ?? 'auto') as SharedOptions['progress'],
    isJson: parsed.isSet('json'),
  }
}

/** The folders of schema files, as given by flags. */
export function schemaFolders(parsed: Pick<ParsedCommand<SchemaFlag>, 'text'>): SchemaFilesRequest {
  return { importSchemaPath: parsed.text('import-schema-path'), exportSchemaPath: parsed.text('export-schema-path') }
}
