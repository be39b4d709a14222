import { createRequire } from 'node:module'
import type * as Pino from 'pino'
import type * as PinoPretty from 'pino-pretty'

/** How log lines look: `auto` is `pretty` on a terminal and `json` elsewhere. */
export type LogFormat = 'auto' | 'json' | 'pretty'

/** A line of the log, which may come from another process than the one that writes it. */
export interface LogLine {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error'
  readonly stage: string
  readonly pid: number
  /** When it was said, in milliseconds since 1970. */
  readonly atMs: number
  readonly details: object
  readonly message: string | undefined
}

/** Names under which a secret could reach a log line, at any of the first levels. */
const secretNames = ['password', 'secret', 'token', 'credentials', 'authorization', 'access_key', 'connection_string']

/**
 * Where the lines of a process and of those that it has started are written: standard error, by pino, which is loaded with
 * the first line, since most commands have nothing to say.
 */
export class LogOutput {
  readonly #format: LogFormat
  readonly #loggers = new Map<number, Pino.Logger>()
  #pino: Pino.Logger | undefined
  #atMs = 0

  constructor(format: LogFormat = 'auto') {
    this.#format = format
  }

  /** Writes the line before it returns, so that the last lines before a crash are there. */
  write(line: LogLine): void {
    this.#atMs = line.atMs
    this.#loggerOf(line)[line.level](line.details, line.message)
  }

  #loggerOf({ stage, pid }: LogLine): Pino.Logger {
    let logger = this.#loggers.get(pid)
    if (logger === undefined) {
      this.#pino ??= openPino(this.#format, () => `,"time":${this.#atMs}`)
      logger = this.#pino.child({ stage, pid })
      this.#loggers.set(pid, logger)
    }
    return logger
  }
}

function openPino(format: LogFormat, timestamp: () => string): Pino.Logger {
  const require = createRequire(import.meta.url)
  const { pino, destination } = require('pino') as typeof Pino
  const redact = { paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '***' }
  // What is below the level of its logger has not come here.
  const options: Pino.LoggerOptions = { level: 'trace', base: null, timestamp, redact }
  if (format === 'pretty' || (format === 'auto' && process.stderr.isTTY)) {
    const pretty = (require('pino-pretty') as typeof PinoPretty).PinoPretty
    const look = { destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' }
    return pino(options, pretty(look))
  }
  return pino(options, destination({ dest: 2, sync: true }))
}
