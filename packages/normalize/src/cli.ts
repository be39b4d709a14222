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
  normalizeFlags,
  type NormalizeFlag,
  type SharedFlag,
} from '@gantry/common'
import { normalize } from './normalize.ts'

type NormalizeCommandFlag = SharedFlag | SchemaFlag | 'destination' | NormalizeFlag

const flags: Readonly<Record<NormalizeCommandFlag, Flag>> = {
  ...sharedFlags,
  destination: destinationFlags.destination,
  ...schemaFlags,
  ...normalizeFlags,
}

/** `gantry normalize`, named as the program that runs it. */
export function normalizeCommand(name: string): Command<NormalizeCommandFlag> {
  return {
    name,
    args: '',
    summary:
      'Turns extracted packages into load packages: typed, linked tables as files on disk. Needs no database driver.',
    flags,
    examples: [`${name} --pipeline-name shop`, `${name} --pipeline-name shop --workers 4`, `${name} --file-format csv`],
  }
}

/** Runs `gantry normalize` in this process. @returns the exit code */
export function normalizeMain(name: string, argv: readonly string[]): Promise<number> {
  return runStageCommand<NormalizeCommandFlag>(
    'normalize',
    normalizeCommand(name),
    argv,
    ({ args }) => {
      if (args.length === 0) return
      throw new InvalidUsage(`${name} takes no files, it reads what extract wrote. See: ${name} --help`)
    },
    async (parsed, { pipelineName, pipelinesDir }, context) => {
      const destination = parsed.text('destination')
      const workers = countFlag(parsed, 'workers')
      const loaderFileFormat = parsed.text('file-format')
      const request = { pipelineName, pipelinesDir, destination, loaderFileFormat, workers, ...schemaFolders(parsed) }
      const data = await normalize(request, context)
      return { info: new NormalizeInfo(data) }
    },
  )
}
