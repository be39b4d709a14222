import { InvalidUsage } from './config/config-errors.ts'
import { LogOutput, type LogFormat, type LogLine } from './log-output.ts'
import { withoutSecrets } from './redact.ts'

/** Says a line: in front of its message the details that belong to it. */
interface Say {
  (details: object, message?: string): void
  (message: string): void
}

/** The log of a stage; a logger of pino's is one. */
export type Logger = Readonly<Record<LogLine['level'], Say>>

/** Pino's levels. */
const levels = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: Infinity } as const

/**
 * The log of a process: pino on standard error, with secrets blanked and the stage in every line.
 *
 * @param level  pino's names, default `LOG_LEVEL` or `info`
 * @throws {InvalidUsage} there is no such level
 */
export function openLog(stage: string, format?: LogFormat, level?: string): Logger {
  const output = new LogOutput(format)
  return loggerOf(stage, (line) => output.write(line), level)
}

/**
 * A logger whose lines go to that function. Values that are known to be secret are blanked here, since only the process
 * that has read them knows them.
 *
 * @throws {InvalidUsage} there is no such level
 */
export function loggerOf(
  stage: string,
  write: (line: LogLine) => void,
  level: string = process.env['LOG_LEVEL'] ?? 'info',
): Logger {
  if (!Object.hasOwn(levels, level)) {
    throw new InvalidUsage(`LOG_LEVEL takes ${Object.keys(levels).join(', ')}, not "${level}".`, { level })
  }
  const sayAt = (name: LogLine['level']): Say => {
    if (levels[name] < levels[level as keyof typeof levels]) return () => undefined
    return (first: object | string, second?: string) => {
      const [details, message] = typeof first === 'string' ? [{}, first] : [first, second]
      write({
        level: name,
        stage,
        pid: process.pid,
        atMs: Date.now(),
        details: Object.fromEntries(Object.entries(details).map(([key, value]) => [key, blanked(value)])),
        message: blanked(message),
      })
    }
  }
  return {
    trace: sayAt('trace'),
    debug: sayAt('debug'),
    info: sayAt('info'),
    warn: sayAt('warn'),
    error: sayAt('error'),
  }
}

/** A logger that says nothing: the library's default. */
export function silentLog(): Logger {
  return loggerOf('', () => undefined, 'silent')
}

function blanked<T>(value: T): T | string {
  return typeof value === 'string' ? withoutSecrets(value) : value
}
