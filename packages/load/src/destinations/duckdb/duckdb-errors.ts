import { dirname } from 'node:path'
import {
  DestinationOutOfMemory,
  DatabaseTerminalError,
  DatabaseTransientError,
  DestinationConnectionError,
  DestinationDiskFull,
  DestinationLocked,
} from '../../errors.ts'

/** What an error of DuckDB means. The driver gives messages only; each begins with the name of its class. */
export type DuckdbErrorKind = 'diskFull' | 'locked' | 'memory' | 'terminal' | 'transient'

const terminalClasses = [
  'Binder Error',
  'Catalog Error',
  'Constraint Error',
  'Conversion Error',
  'Invalid Error',
  'Invalid Input Error',
  'Invalid type Error',
  'Mismatch Type Error',
  'Not implemented Error',
  'Out of Range Error',
  'Permission Error',
  'Serialization Error',
]

/** Unknown errors count as transient: trying again harms nothing, giving up does. */
export function classifyDuckdbError(message: string): DuckdbErrorKind {
  if (/Could not set lock on file|being used by another process/.test(message)) return 'locked'
  if (/No space left on device|Disk quota exceeded|not enough space on the disk/i.test(message)) return 'diskFull'
  if (message.startsWith('Out of Memory Error')) return 'memory'
  return terminalClasses.some((name) => message.startsWith(name)) ? 'terminal' : 'transient'
}

/** The error of ours for one of DuckDB's; the cause is kept. */
export function wrapDuckdbError(error: unknown, doing: string, path: string): Error {
  const message = error instanceof Error ? error.message : String(error)
  const options = { cause: error }
  switch (classifyDuckdbError(message)) {
    case 'locked': {
      const holder = /\(PID (\d+)\)/.exec(message)?.[1]
      return new DestinationLocked(
        `The DuckDB file ${path} is held by another process${holder === undefined ? '' : ` (pid ${holder})`}. ` +
          'Close the program that has it open, then run the command again; what is pending is kept.',
        { path, ...(holder === undefined ? {} : { pid: Number(holder) }) },
        options,
      )
    }
    case 'memory':
      return new DestinationOutOfMemory(
        `DuckDB ran out of its memory while ${doing}: ${message.split('\n')[0]} The package is kept. Give it more by ` +
          'DESTINATION__DUCKDB__MEMORY_LIMIT, for example 2GB, then run the command again.',
        { path },
        options,
      )
    case 'diskFull':
      return new DestinationDiskFull(
        `The disk is full: DuckDB failed while ${doing} in ${path}: ${message.split('\n')[0]} Make room in ${dirname(path)}, then run ` +
          'the command again; the package is kept.',
        { path },
        options,
      )
    case 'terminal':
      return new DatabaseTerminalError(`DuckDB failed while ${doing}: ${message}`, { path }, options)
    case 'transient':
      return doing === 'opening the database'
        ? new DestinationConnectionError(`The DuckDB file ${path} cannot be opened: ${message}`, { path }, options)
        : new DatabaseTransientError(
            `DuckDB failed while ${doing}: ${message} Run the command again.`,
            { path },
            options,
          )
  }
}
