import { GantryError } from '../errors.ts'
import { exitCodeOf } from '../process/errors-across.ts'
import { describeSystemError } from '../process/system-error.ts'
import { withoutSecrets } from '../redact.ts'

/**
 * Runs a command and turns what it throws into one message on standard error and an exit code: 0 done, 1 terminal
 * failure, 2 wrong usage, 75 worth retrying. Stack traces only with `GANTRY_DEBUG` set.
 */
export async function runMain(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command()
  } catch (error) {
    process.exitCode = exitCodeOf(error)
    process.stderr.write(`${errorText(error)}\n`)
  }
}

/** The message of an error and of what caused it, each once and without secrets. */
export function errorText(error: unknown): string {
  return withoutSecrets(fullText(error))
}

function fullText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (process.env['GANTRY_DEBUG']) return error.stack ?? error.message
  const lines = [
    error instanceof GantryError ? error.message : (describeSystemError(error) ?? `Unexpected error: ${error.message}`),
  ]
  let cause = error.cause
  while (cause instanceof Error) {
    // Drivers append advice of their own to the first line.
    const reason = cause.message.split('\n')[0] as string
    if (!lines.some((line) => line.includes(withoutSecrets(reason)) || line.includes(reason)))
      lines.push(`  caused by: ${reason}`)
    cause = cause.cause
  }
  return lines.join('\n')
}
