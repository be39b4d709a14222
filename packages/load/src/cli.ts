import {
  runStageCommand,
  destinationFlags,
  InvalidUsage,
  LoadInfo,
  sharedFlags,
  type Command,
  type DestinationFlag,
  type Flag,
  type ParsedCommand,
  type SharedFlag,
} from '@gantry/common'
import { load } from './load.ts'
import { planLoad } from './plan-load.ts'
import type { LoadRequest } from './request.ts'
import { sync } from './sync.ts'

type LoadFlag = SharedFlag | DestinationFlag | 'sync' | 'dry-run'

const flags: Readonly<Record<LoadFlag, Flag>> = {
  ...sharedFlags,
  ...destinationFlags,
  sync: {
    help: 'First take state and schemas over from the destination, so that extract goes on from there; fills a fresh working folder.',
  },
  'dry-run': {
    help: 'Print what would be loaded, and the statements that would migrate the tables. Writes nothing.',
  },
}

/** `gantry load`, named as the program that runs it. */
export function loadCommand(name: string): Command<LoadFlag> {
  return {
    name,
    args: '',
    summary:
      'Brings load packages to the destination: migrates tables, moves the rows, records the load. The only stage that needs a driver.',
    flags,
    examples: [
      `${name} --pipeline-name shop`,
      `${name} --pipeline-name shop --sync`,
      `${name} --pipeline-name shop --dry-run`,
      `DESTINATION__DUCKDB__CREDENTIALS=shop.duckdb ${name} --pipeline-name shop`,
    ],
  }
}

/** Runs `gantry load` in this process. @returns the exit code */
export function loadMain(name: string, argv: readonly string[]): Promise<number> {
  return runStageCommand<LoadFlag>(
    'load',
    loadCommand(name),
    argv,
    (parsed) => {
      if (parsed.args.length > 0) {
        throw new InvalidUsage(`${name} takes no files, it reads what normalize wrote. See: ${name} --help`)
      }
      if (parsed.isSet('dry-run') && parsed.isSet('sync')) {
        throw new InvalidUsage('--sync writes to the working folder, and --dry-run writes nothing: give one of them.')
      }
    },
    async (parsed, options, context) => {
      const request = requestOf(parsed, options)
      if (parsed.isSet('sync')) await sync(request, context)
      const { info, failure } = await load(request, context)
      return { info: new LoadInfo(info), ...(failure === undefined ? {} : { failure }) }
    },
    { flag: 'dry-run', run: (parsed, options, context) => planLoad(requestOf(parsed, options), context) },
  )
}

function requestOf(
  parsed: ParsedCommand<LoadFlag>,
  { pipelineName, pipelinesDir }: Pick<LoadRequest, 'pipelineName' | 'pipelinesDir'>,
): LoadRequest {
  return {
    pipelineName,
    pipelinesDir,
    destination: parsed.text('destination'),
    datasetName: parsed.text('dataset-name'),
  }
}
