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

type LoadFlag = SharedFlag | DestinationFlag

const flags: Readonly<Record<LoadFlag, Flag>> = { ...sharedFlags, ...destinationFlags }

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
      const { info, failure } = await load({ pipelineName, pipelinesDir, destination, datasetName }, context)
      return { info: new LoadInfo(info), ...(failure === undefined ? {} : { failure }) }
    },
  )
}
