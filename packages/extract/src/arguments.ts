import {
  InvalidUsage,
  schemaFolders,
  type DestinationFlag,
  type Flag,
  type ParsedCommand,
  type PipelineDeclaration,
  type SchemaFlag,
  type SharedOptions,
} from '@gantry/common'
import type { SchemaContractHint, StaticHints } from './hints/hints.ts'
import { contractModes } from './hints/schema-contract.ts'
import { parseWriteDisposition, writeDispositions } from './hints/write-disposition.ts'
import { isModule, pipelineNameOf } from './modules/module-path.ts'
import { refreshModes } from './refresh.ts'

/*
 * What the arguments of \`gantry extract\` and \`gantry run\` say. An entry of its own: the command reads them, and leaves
 * all else of this package to the process that extracts.
 */

export { fileResource } from './extractable.ts'

export type InputFlag = 'table' | 'write-disposition' | 'primary-key' | 'schema-contract' | 'refresh'

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
