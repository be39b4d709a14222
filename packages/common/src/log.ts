import pino, { type Logger } from 'pino'

export type { Logger } from 'pino'

/** How log lines look: `auto` is `pretty` on a terminal and `json` elsewhere. */
export type LogFormat = 'auto' | 'json' | 'pretty'

/** Names under which a secret could reach a log line, at any of the first levels. */
const secretNames = ['password', 'secret', 'token', 'credentials', 'authorization', 'access_key', 'connection_string']

/**
 * The one logger of a process: pino on standard error, with secrets blanked and the stage in every line.
 *
 * @param level  pino's names, default `LOG_LEVEL` or `info`
 */
export async function openLog(stage: string, format: LogFormat = 'auto', level?: string): Promise<Logger> {
  const options = {
    level: level ?? process.env['LOG_LEVEL'] ?? 'info',
    base: { stage, pid: process.pid },
    redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '***' },
  }
  const isPretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY)
  if (isPretty) {
    const { default: pretty } = await import('pino-pretty')
    return pino(options, pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' }))
  }
  // Synchronous, so that the last lines before a crash are there.
  return pino(options, pino.destination({ dest: 2, sync: true }))
}

/** A logger that says nothing: the library's default. */
export function silentLog(): Logger {
  return pino({ level: 'silent' })
}
