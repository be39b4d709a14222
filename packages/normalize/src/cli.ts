import {
  runStageCommand,
  countFlag,
  destinationFlags,
  InvalidUsage,
  NormalizeInfo,
  schemaFlags,
  schemaFolders,
  sharedFlags,
  type Command,
  type Flag,
  type SchemaFlag,
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

type NormalizeFlag = SharedFlag | SchemaFlag | 'destination' | 'workers'

const flags: Readonly<Record<NormalizeFlag, Flag>> = {
  ...sharedFlags,
  destination: destinationFlags.destination,
  ...schemaFlags,
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
export function normalizeMain(name: string, argv: readonly string[]): Promise<number> {
  return runStageCommand<NormalizeFlag>(
    'normalize',
    normalizeCommand(name),
    argv,
    ({ args }) => {
      if (args.length === 0) return
      throw new InvalidUsage(`${name} takes no files, it reads what extract wrote. See: ${name} --help`)
    },
    async (parsed, { pipelineName, pipelinesDir }, context) => {
      const destination = parsed.text('destination') ?? process.env['DESTINATION_TYPE']
      const workers = countFlag(parsed, 'workers')
      const request = { pipelineName, pipelinesDir, destination, workers, ...schemaFolders(parsed) }
      const data = await normalize(request, context)
      return { info: new NormalizeInfo(data) }
    },
  )
}
