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
  type PipelineDeclaration,
  type SchemaFlag,
  type SharedFlag,
  type SharedOptions,
} from '@gantry/common'
import { extract } from './extract.ts'
import type { SchemaContractHint, StaticHints } from './hints/hints.ts'
import { contractModes } from './hints/schema-contract.ts'
import { parseWriteDisposition, writeDispositions } from './hints/write-disposition.ts'
import { bareSource, fileResource } from './extractable.ts'
import { extractableSources } from './extractable-sources.ts'
import { isModule } from './modules/import-module.ts'
import { loadModule, pipelineNameOf } from './modules/load-module.ts'
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

type PipelineFlag = 'pipeline-name' | DestinationFlag | SchemaFlag | 'refresh'
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
    args: '<module or files…>',
    summary:
      'Writes rows into a load package on disk: those of a module that exports a resource or source, or of JSON and JSONL files (standard input: -). Needs no database driver.',
    flags,
    examples: [
      `${name} events.jsonl --pipeline-name shop`,
      `${name} github.ts`,
      `${name} orders.json customers.jsonl.gz`,
      `cat events.jsonl | ${name} - --table events`,
    ],
  }
}

/** The hints given by flags. @throws {InvalidUsage} a key without a name, or with an empty one */
export function hintsOf(parsed: Pick<ParsedCommand<InputFlag>, 'text'>): StaticHints {
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

/** A user's module, and the pipeline that it exports. */
interface DeclaringModule {
  readonly path: string
  readonly pipeline: PipelineDeclaration | undefined
}

/** What flags say of the pipeline, else the module, else the configuration. */
export function declaredPipeline(
  parsed: Pick<ParsedCommand<PipelineFlag>, 'text'>,
  { pipelineName, pipelinesDir, isNamed }: SharedOptions,
  module?: DeclaringModule,
): PipelineDeclaration {
  const given = {
    pipelinesDir,
    destination: parsed.text('destination'),
    datasetName: parsed.text('dataset-name'),
    refresh: parsed.text('refresh'),
    ...schemaFolders(parsed),
  }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  if (module === undefined) return { pipelineName, ...set }
  const ownName = module.pipeline?.pipelineName ?? (isNamed ? pipelineName : pipelineNameOf(module.path))
  return { ...module.pipeline, ...set, pipelineName: parsed.text('pipeline-name') ?? ownName }
}

/** The module among the arguments. @throws {InvalidUsage} a module beside something else */
export function moduleIn(args: readonly string[]): string | undefined {
  const module = args.find((path) => isModule(path))
  if (module === undefined || args.length === 1) return module
  throw new InvalidUsage(`A module is run by itself. Give ${module} alone, or only files of rows.`, { module })
}

/** Runs `gantry extract` in this process. @returns the exit code */
export function extractMain(name: string, argv: readonly string[]): Promise<number> {
  let data: unknown
  let declared: PipelineDeclaration | undefined
  return runStageCommand<ExtractFlag>(
    'extract',
    extractCommand(name),
    argv,
    async (parsed, options) => {
      const hints = hintsOf(parsed)
      const { args } = parsed
      if (args.length === 0) {
        throw new InvalidUsage(`Which files, or which module? For example: ${name} events.jsonl. See: ${name} --help`)
      }
      const module = moduleIn(args)
      if (module === undefined) for (const file of args) fileResource(file, hints)
      const loaded = module === undefined ? undefined : await loadModule(module)
      data = loaded?.data
      declared = declaredPipeline(parsed, options, loaded)
      return { pipelineName: declared.pipelineName, pipelinesDir: declared.pipelinesDir }
    },
    async (parsed, { pipelineName }, context) => {
      const hints = hintsOf(parsed)
      const { schemaContract } = hints
      const request = { ...declared, pipelineName, schemaContract }
      const sources =
        data === undefined
          ? [bareSource(parsed.args.map((file) => fileResource(file, hints)))]
          : await extractableSources(data, hints, context.configuration)
      return { info: new ExtractInfo(await extract(sources, request, context)) }
    },
  )
}
