import { GantryError } from '../errors.ts'
import { openLog } from '../log.ts'
import { describeCounters, silentProgress, ThrottledProgress, type Counter, type ProgressSink } from '../progress.ts'
import { abortOnSignals } from '../process/shutdown.ts'
import { exitCodeOf } from '../process/errors-across.ts'
import { describeSystemError } from '../process/system-error.ts'
import type { StageContext, StageName } from '../stage.ts'
import { systemClock } from '../clock.ts'
import type { SharedOptions } from './shared-flags.ts'

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

/** The message of an error and of what caused it, each once. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (process.env['GANTRY_DEBUG']) return error.stack ?? error.message
  const lines = [
    error instanceof GantryError ? error.message : (describeSystemError(error) ?? `Unexpected error: ${error.message}`),
  ]
  let cause = error.cause
  while (cause instanceof Error) {
    if (!lines.some((line) => line.includes((cause as Error).message))) lines.push(`  caused by: ${cause.message}`)
    cause = cause.cause
  }
  return lines.join('\n')
}

/** The context of a stage that runs in the command's own process. `close` wipes the progress display. */
export async function commandContext(
  stage: StageName,
  options: Pick<SharedOptions, 'logFormat' | 'progress'>,
): Promise<{ readonly context: StageContext; readonly close: () => void }> {
  const log = await openLog(stage, options.logFormat)
  const display = openProgress(options.progress, (line, counter) => log.info({ counter }, line))
  return {
    context: { log, progress: display.sink, clock: systemClock, signal: abortOnSignals().signal },
    close: display.close,
  }
}

/** A display for a person on a terminal, rewritten in place; log lines every few seconds elsewhere; or nothing. */
export function openProgress(
  mode: SharedOptions['progress'],
  log: (line: string, counter: Counter) => void,
): { readonly sink: ProgressSink; readonly close: () => void } {
  if (mode === 'off') return { sink: silentProgress, close: () => undefined }
  if (mode === 'log' || !process.stderr.isTTY) {
    const sink = new ThrottledProgress(
      { update: (stage, counter) => log(describeCounters(stage, [counter]), counter) },
      5000,
    )
    return { sink, close: () => undefined }
  }
  const counters = new Map<string, Map<string, Counter>>()
  const sink = new ThrottledProgress(
    {
      update(stage, counter) {
        const ofStage = counters.get(stage) ?? new Map<string, Counter>()
        counters.set(stage, ofStage.set(counter.name, counter))
        const line = describeCounters(stage, [...ofStage.values()])
        wipeLine()
        process.stderr.write(line.slice(0, (process.stderr.columns ?? 80) - 1))
      },
    },
    100,
  )
  return { sink, close: wipeLine }
}

function wipeLine(): void {
  process.stderr.write('\r\u001b[2K')
}
