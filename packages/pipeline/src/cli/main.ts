import { readFile } from 'node:fs/promises'
import { InvalidUsage } from '@gantry/common'
import { importLoad, importNormalize } from '../stages.ts'

const help = `Gantry loads messy, nested data into typed tables, in three stages: extract, normalize, load.

Usage: gantry <command> [flags]

Commands:
  run <files…>        Extract, normalize and load, each in a process of its own
  extract <files…>    Write rows into a load package on disk
  normalize           Turn extracted packages into load packages
  load                Bring load packages to the destination
  pipeline <name> …   Look into a pipeline: packages, failed jobs, what it did last

Try: gantry run events.jsonl
Each command explains itself: gantry run --help`

/** The `gantry` command. @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv
  switch (command) {
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(`${help}\n`)
      return command === undefined ? 2 : 0
    case '--version':
      process.stdout.write(`${await version()}\n`)
      return 0
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

async function version(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
