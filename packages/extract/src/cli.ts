import {
  type ParsedCommand,
  runStageCommand,
  destinationFlags,
  ExtractInfo,
  InvalidUsage,
  schemaFlags,
  schemaFolders,
  sharedFlags,
  type Command,
  type DestinationFlag,
  type Flag,
  type SchemaFlag,
  type SharedFlag,
} from '@gantry/common'
import { extract } from './extract.ts'
import { parseWriteDisposition, writeDispositions, type Hints } from './hints.ts'
import { fileResource, type Resource } from './resource.ts'

type InputFlag = 'table' | 'write-disposition'

/** Flags that say what the rows are and which table they go to. */
export const inputFlags: Readonly<Record<InputFlag, Flag>> = {
  table: { value: '<name>', help: "Table for the rows (default: the file's name up to its first dot)." },
  'write-disposition': {
    value: '<disposition>',
    choices: writeDispositions,
    help: 'append adds the rows, replace puts them in place of earlier ones (default: append).',
  },
}

type ExtractFlag = SharedFlag | DestinationFlag | SchemaFlag | InputFlag

const flags: Readonly<Record<ExtractFlag, Flag>> = {
  ...sharedFlags,
  ...destinationFlags,
  ...schemaFlags,
  ...inputFlags,
}

/** `gantry extract`, named as the program that runs it. */
export function extractCommand(name: string): Command<ExtractFlag> {
  return {
    name,
    args: '<files…>',
    summary:
      'Writes the rows of JSON and JSONL files (or standard input: -) into a load package on disk. Needs no database driver.',
    flags,
    examples: [
      `${name} events.jsonl --pipeline-name shop`,
      `${name} orders.json customers.jsonl.gz`,
      `cat events.jsonl | ${name} - --table events`,
    ],
  }
}

/** The hints given by flags. */
export function hintsOf(table: string | undefined, writeDisposition: string | undefined): Hints {
  return {
    ...(table === undefined ? {} : { tableName: table }),
    ...(writeDisposition === undefined ? {} : { writeDisposition: parseWriteDisposition(writeDisposition) }),
  }
}

/** Runs `gantry extract` in this process. @returns the exit code */
export function extractMain(name: string, argv: readonly string[]): Promise<number> {
  const resourcesOf = (parsed: ParsedCommand<ExtractFlag>): Resource[] => {
    const hints = hintsOf(parsed.text('table'), parsed.text('write-disposition'))
    return parsed.args.map((file) => fileResource(file, hints))
  }
  return runStageCommand<ExtractFlag>(
    'extract',
    extractCommand(name),
    argv,
    (parsed) => {
      if (parsed.args.length === 0) {
        throw new InvalidUsage(`Which files? For example: ${name} events.jsonl. See: ${name} --help`)
      }
      resourcesOf(parsed)
    },
    async (parsed, { pipelineName, pipelinesDir }, context) => {
      const destination = parsed.text('destination') ?? process.env['DESTINATION_TYPE'] ?? 'duckdb'
      const datasetName = parsed.text('dataset-name') ?? process.env['DATASET_NAME']
      const request = { pipelineName, pipelinesDir, destination, datasetName, ...schemaFolders(parsed) }
      return { info: new ExtractInfo(await extract(resourcesOf(parsed), request, context)) }
    },
  )
}
