import {
  runStageCommand,
  destinationFlags,
  InvalidUsage,
  LoadInfo,
  sharedFlags,
  type Command,
  type DestinationFlag,
  type Flag,
  type SharedFlag,
} from '@gantry/common'
import { load } from './load.ts'
import { sync } from './sync.ts'

type LoadFlag = SharedFlag | DestinationFlag | 'sync'

const flags: Readonly<Record<LoadFlag, Flag>> = {
  ...sharedFlags,
  ...destinationFlags,
  sync: {
    help: 'First take state and schemas over from the destination, so that extract goes on from there; fills a fresh working folder.',
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
    ({ args }) => {
      if (args.length === 0) return
      throw new InvalidUsage(`${name} takes no files, it reads what normalize wrote. See: ${name} --help`)
    },
    async (parsed, { pipelineName, pipelinesDir }, context) => {
      const destination = parsed.text('destination')
      const datasetName = parsed.text('dataset-name')
      const request = { pipelineName, pipelinesDir, destination, datasetName }
      if (parsed.isSet('sync')) await sync(request, context)
      const { info, failure } = await load(request, context)
      return { info: new LoadInfo(info), ...(failure === undefined ? {} : { failure }) }
    },
  )
}
