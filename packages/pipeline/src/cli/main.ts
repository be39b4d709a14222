import { StageProcesses } from '../stage-processes.ts'
import { importLoad, importNormalize } from '../stages.ts'

/** Runs one command of `gantry`, and sets the exit code. */
export async function main(command: string, argv: readonly string[]): Promise<void> {
  const stages = new StageProcesses()
  // They get ready while this one reads what it is asked to do: of a small run, starting processes is the most.
  if (command === 'run' && !argv.includes('--help')) stages.open()
  try {
    const { runMain } = await import('@gantry/common')
    await runMain(() => runNamed(command, argv, stages))
  } finally {
    stages.release()
  }
}

/** @returns the exit code @throws {InvalidUsage} there is no such command */
async function runNamed(command: string, argv: readonly string[], stages: StageProcesses): Promise<number> {
  switch (command) {
    case 'run':
      return (await import('./run-command.ts')).runCommand(argv, stages)
    case 'extract':
      return (await import('@gantry/extract')).extractMain('gantry extract', argv)
    case 'normalize':
      return (await importNormalize()).normalizeMain('gantry normalize', argv)
    case 'load':
      return (await importLoad()).loadMain('gantry load', argv)
    case 'pipeline':
      return (await import('./pipeline-command.ts')).pipelineCommand(argv)
    default: {
      const { InvalidUsage } = await import('@gantry/common')
      throw new InvalidUsage(
        `There is no command "${command}". Commands: run, extract, normalize, load, pipeline. See: gantry --help`,
        { command },
      )
    }
  }
}
