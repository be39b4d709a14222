import {
  commandContext,
  countFlag,
  destinationFlags,
  helpText,
  InvalidUsage,
  NormalizeInfo,
  parseCommand,
  sharedFlags,
  sharedOptions,
  type Command,
  type Flag,
  type SharedFlag,
} from '@gantry/common'
import { normalize } from './normalize.ts'

/** Flags of the normalize stage alone. */
export const workerFlags: Readonly<Record<'workers', Flag>> = {
  workers: {
    value: '<n>',
    help: 'Worker threads (default: one for small input, else as many as cores and memory allow).',
  },
}

type NormalizeFlag = SharedFlag | 'destination' | 'workers'

const flags: Readonly<Record<NormalizeFlag, Flag>> = {
  ...sharedFlags,
  destination: destinationFlags.destination,
  ...workerFlags,
}

/** `gantry normalize`, named as the program that runs it. */
export function normalizeCommand(name: string): Command<NormalizeFlag> {
  return {
    name,
    args: '',
    summary:
      'Turns extracted packages into load packages: typed, linked tables as files on disk. Needs no database driver.',
    flags,
    examples: [`${name} --pipeline-name shop`, `${name} --pipeline-name shop --workers 4`],
  }
}

/** Runs `gantry normalize` in this process. @returns the exit code */
export async function normalizeMain(name: string, argv: readonly string[]): Promise<number> {
  const command = normalizeCommand(name)
  const parsed = parseCommand(command, argv)
  if (parsed.isSet('help')) {
    process.stdout.write(`${helpText(command)}\n`)
    return 0
  }
  if (parsed.args.length > 0)
    throw new InvalidUsage(`${name} takes no files, it reads what extract wrote. See: ${name} --help`)
  const options = sharedOptions(parsed)
  const { context, close } = await commandContext('normalize', options)
  try {
    const info = new NormalizeInfo(
      await normalize(
        {
          pipelineName: options.pipelineName,
          pipelinesDir: options.pipelinesDir,
          destination: parsed.text('destination') ?? process.env['DESTINATION_TYPE'] ?? 'duckdb',
          workers: countFlag(parsed, 'workers'),
        },
        context,
      ),
    )
    close()
    process.stdout.write(`${options.isJson ? JSON.stringify(info) : String(info)}\n`)
    return 0
  } finally {
    close()
  }
}
