import { version } from '../version.ts'

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

/** What `gantry` says without a command. @returns the exit code; undefined where a command is given */
export function tellOverview(command: string | undefined): number | undefined {
  switch (command) {
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(`${help}\n`)
      return command === undefined ? 2 : 0
    case '--version':
      process.stdout.write(`${version()}\n`)
      return 0
    default:
      return undefined
  }
}
