import { loggerOf, type Logger } from '../log.ts'
import { LogOutput, type LogLine } from '../log-output.ts'
import { describeCounters, silentProgress, ThrottledProgress, type Counter, type ProgressSink } from '../progress.ts'
import type { SharedOptions } from './shared-flags.ts'

/**
 * What a command shows on standard error while it works: the lines of its log and of the stages it runs, and how far they
 * are. That is one line rewritten in place on a terminal, log lines every few seconds elsewhere, or nothing.
 */
export class Display {
  readonly log: Logger
  readonly progress: ProgressSink
  /** Wipes the line of the progress, so that something else can be written there. */
  readonly clear: () => void
  readonly #output: LogOutput

  constructor(stage: string, { logFormat, progress }: Pick<SharedOptions, 'logFormat' | 'progress'>) {
    this.#output = new LogOutput(logFormat)
    this.log = loggerOf(stage, (line) => this.say(line))
    const isInPlace = progress === 'auto' && process.stderr.isTTY
    this.clear = isInPlace ? wipeLine : () => undefined
    this.progress = progress === 'off' ? silentProgress : isInPlace ? progressLine() : progressLog(this.log)
  }

  /** Writes a line of the log, be it of another process. */
  say(line: LogLine): void {
    this.clear()
    this.#output.write(line)
  }
}

function progressLog(log: Logger): ProgressSink {
  return new ThrottledProgress(
    { update: (stage, counter) => log.info({ counter }, describeCounters(stage, [counter])) },
    5000,
  )
}

function progressLine(): ProgressSink {
  const counters = new Map<string, Map<string, Counter>>()
  return new ThrottledProgress(
    {
      update(stage, counter) {
        const ofStage = counters.get(stage) ?? new Map<string, Counter>()
        counters.set(stage, ofStage.set(counter.name, counter))
        const line = describeCounters(stage, [...ofStage.values()])
        wipeLine()
        process.stderr.write(line.slice(0, (process.stderr.columns || 80) - 1))
      },
    },
    100,
  )
}

function wipeLine(): void {
  process.stderr.write('\r\u001b[2K')
}
