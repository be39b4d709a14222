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
import type { Hints, SchemaContractHint } from './hints/hints.ts'
import { contractModes } from './hints/schema-contract.ts'
import { parseWriteDisposition, writeDispositions } from './hints/write-disposition.ts'
import { bareSource, fileResource, type Extractable } from './extractable.ts'
import { refreshModes } from './refresh.ts'

type InputFlag = 'table' | 'write-disposition' | 'primary-key' | 'schema-contract' | 'refresh'

/** Flags that say what the rows are and which table they go to. */
export const inputFlags: Readonly<Record<InputFlag, Flag>> = {
  table: { value: '<name>', help: "Table for the rows (default: the file's name up to its first dot)." },
  'write-disposition': {
    value: '<disposition>',
    choices: writeDispositions,
    help: 'append adds the rows, replace puts them in place of all earlier ones, merge in place of those with their --primary-key, skip leaves them out (default: append).',
  },
  'primary-key': { value: '<columns>', help: 'Columns that identify a row, separated by commas: id or order_id,line.' },
  'schema-contract': {
    value: '<mode>',
    choices: contractModes,
    help: 'What to do with new tables, new columns and values of another type, from now on.',
  },
  refresh: {
    value: '<mode>',
    choices: refreshModes,
    help: 'Before loading, take back what earlier runs left: all tables, the tables of these rows, or the rows in them (default: $REFRESH).',
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

/** The hints given by flags. @throws {InvalidUsage} a key without a name, or with an empty one */
export function hintsOf(parsed: Pick<ParsedCommand<InputFlag>, 'text'>): Hints {
  const table = parsed.text('table')
  const writeDisposition = parsed.text('write-disposition')
  const primaryKey = parsed.text('primary-key')?.split(',')
  const schemaContract = parsed.text('schema-contract') as SchemaContractHint | undefined
  if (primaryKey?.some((column) => column.trim() === '')) {
    throw new InvalidUsage('--primary-key takes names of columns, separated by commas: id or order_id,line.')
  }
  return {
    ...(table === undefined ? {} : { tableName: table }),
    ...(writeDisposition === undefined ? {} : { writeDisposition: parseWriteDisposition(writeDisposition) }),
    ...(primaryKey === undefined ? {} : { primaryKey }),
    ...(schemaContract === undefined ? {} : { schemaContract }),
  }
}

/** Runs `gantry extract` in this process. @returns the exit code */
export function extractMain(name: string, argv: readonly string[]): Promise<number> {
  const resourcesOf = (parsed: ParsedCommand<ExtractFlag>): Extractable[] => {
    const hints = hintsOf(parsed)
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
      const destination = parsed.text('destination')
      const datasetName = parsed.text('dataset-name')
      const { schemaContract } = hintsOf(parsed)
      const folders = schemaFolders(parsed)
      const refresh = parsed.text('refresh')
      const request = { pipelineName, pipelinesDir, destination, datasetName, schemaContract, refresh, ...folders }
      return { info: new ExtractInfo(await extract([bareSource(resourcesOf(parsed))], request, context)) }
    },
  )
}
