import { describeCounters, silentProgress, ThrottledProgress, type Counter, type ProgressSink } from '../progress.ts'
import type { SharedOptions } from './shared-flags.ts'

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
