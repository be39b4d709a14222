import { createRequire } from 'node:module'
import type * as Pino from 'pino'
import type * as PinoPretty from 'pino-pretty'
import { InvalidUsage } from './config/config-errors.ts'

/** How log lines look: `auto` is `pretty` on a terminal and `json` elsewhere. */
export type LogFormat = 'auto' | 'json' | 'pretty'

/** A line of the log: what it says, and in front of it the details that belong to it. */
interface LogLine {
  (details: object, message?: string): void
  (message: string): void
}

/** The log of a stage; a logger of pino's is one. */
export interface Logger {
  readonly trace: LogLine
  readonly debug: LogLine
  readonly info: LogLine
  readonly warn: LogLine
  readonly error: LogLine
}

/** Pino's levels. */
const levels = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: Infinity } as const

/** Names under which a secret could reach a log line, at any of the first levels. */
const secretNames = ['password', 'secret', 'token', 'credentials', 'authorization', 'access_key', 'connection_string']

/**
 * The one logger of a process: pino on standard error, with secrets blanked and the stage in every line. Pino is loaded
 * with the first line that is written, since most commands have nothing to say.
 *
 * @param level  pino's names, default `LOG_LEVEL` or `info`
 * @throws {InvalidUsage} there is no such level
 */
export function openLog(
  stage: string,
  format: LogFormat = 'auto',
  level: string = process.env['LOG_LEVEL'] ?? 'info',
): Logger {
  if (!Object.hasOwn(levels, level)) {
    throw new InvalidUsage(`LOG_LEVEL takes ${Object.keys(levels).join(', ')}, not "${level}".`, { level })
  }
  let pino: Logger | undefined
  const lineOf = (name: keyof Logger): LogLine => {
    if (levels[name] < levels[level as keyof typeof levels]) return () => undefined
    return (...line: readonly unknown[]) => {
      pino ??= openPino(format, { level, base: { stage, pid: process.pid } })
      ;(pino[name] as (...line: readonly unknown[]) => void)(...line)
    }
  }
  return {
    trace: lineOf('trace'),
    debug: lineOf('debug'),
    info: lineOf('info'),
    warn: lineOf('warn'),
    error: lineOf('error'),
  }
}

/** Loads pino for a process that waits for work of which it will have something to say. */
export function prepareLog(): void {
  if (process.env['LOG_LEVEL'] !== 'silent') requirePino()
}

/** A logger that says nothing: the library's default. */
export function silentLog(): Logger {
  return openLog('', 'json', 'silent')
}

function openPino(format: LogFormat, options: Pino.LoggerOptions): Logger {
  const pino = requirePino()
  const redact = { paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '***' }
  if (format === 'pretty' || (format === 'auto' && process.stderr.isTTY)) {
    const pretty = (createRequire(import.meta.url)('pino-pretty') as typeof PinoPretty).PinoPretty
    const look = { destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' }
    return pino.pino({ ...options, redact }, pretty(look))
  }
  // Synchronous, so that the last lines before a crash are there.
  return pino.pino({ ...options, redact }, pino.destination({ dest: 2, sync: true }))
}

function requirePino(): typeof Pino {
  return createRequire(import.meta.url)('pino') as typeof Pino
}
