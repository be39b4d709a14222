import { InvalidUsage } from '@gantry/common'
import { importLoad, importNormalize } from '../stages.ts'

/** One command of `gantry`. @returns the exit code @throws {InvalidUsage} there is no such command */
export async function main(command: string, rest: readonly string[]): Promise<number> {
  switch (command) {
    case 'run':
      return (await import('./run-command.ts')).runCommand(rest)
    case 'extract':
      return (await import('@gantry/extract')).extractMain('gantry extract', rest)
    case 'normalize':
      return (await importNormalize()).normalizeMain('gantry normalize', rest)
    case 'load':
      return (await importLoad()).loadMain('gantry load', rest)
    case 'pipeline':
      return (await import('./pipeline-command.ts')).pipelineCommand(rest)
    default:
      throw new InvalidUsage(
        `There is no command "${command}". Commands: run, extract, normalize, load, pipeline. See: gantry --help`,
        { command },
      )
  }
}
