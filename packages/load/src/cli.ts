import {
  commandContext,
  destinationFlags,
  errorText,
  helpText,
  InvalidUsage,
  LoadInfo,
  parseCommand,
  sharedFlags,
  sharedOptions,
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
export async function loadMain(name: string, argv: readonly string[]): Promise<number> {
  const command = loadCommand(name)
  const parsed = parseCommand(command, argv)
  if (parsed.isSet('help')) {
    process.stdout.write(`${helpText(command)}\n`)
    return 0
  }
  if (parsed.args.length > 0)
    throw new InvalidUsage(`${name} takes no files, it reads what normalize wrote. See: ${name} --help`)
  const options = sharedOptions(parsed)
  const { context, close } = await commandContext('load', options)
  try {
    const { info, failure } = await load(
      {
        pipelineName: options.pipelineName,
        pipelinesDir: options.pipelinesDir,
        destination: parsed.text('destination'),
        datasetName: parsed.text('dataset-name'),
      },
      context,
    )
    close()
    const loaded = new LoadInfo(info)
    process.stdout.write(`${options.isJson ? JSON.stringify(loaded) : String(loaded)}\n`)
    if (failure === undefined) return 0
    process.stderr.write(`${errorText(failure)}\n`)
    return failure.exitCode
  } finally {
    close()
  }
}
