import { importLoad, importNormalize } from '../stages.ts'

/** One command of `gantry`. @returns the exit code @throws {InvalidUsage} there is no such command */
export async function main(command: string, rest: readonly string[]): Promise<number> {
  switch (command) {
    case 'run':
      return run(rest)
    case 'extract':
      return (await import('@gantry/extract')).extractMain('gantry extract', rest)
    case 'normalize':
      return (await importNormalize()).normalizeMain('gantry normalize', rest)
    case 'load':
      return (await importLoad()).loadMain('gantry load', rest)
    case 'pipeline':
      return (await import('./pipeline-command.ts')).pipelineCommand(rest)
    default: {
      const { InvalidUsage } = await import('@gantry/common')
      throw new InvalidUsage(
        `There is no command "${command}". Commands: run, extract, normalize, load, pipeline. See: gantry --help`,
        { command },
      )
    }
  }
}

async function run(argv: readonly string[]): Promise<number> {
  const { StageProcesses } = await import('../stage-processes.ts')
  const stages = new StageProcesses()
  // They get ready while this one reads what it is asked to do: of a small run, starting processes is the most.
  if (!argv.includes('--help')) stages.open()
  try {
    const { runCommand } = await import('./run-command.ts')
    return await runCommand(argv, stages)
  } finally {
    stages.release()
  }
}
