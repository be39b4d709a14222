/** One thing that is counted while a stage works. */
export interface Counter {
  readonly name: string
  readonly unit: 'rows' | 'bytes' | 'files' | 'jobs' | 'packages'
  readonly done: number
  /** Undefined where nobody can know it beforehand. */
  readonly total?: number
}

/** Where a stage reports how far it is. Called often; the sink decides how often a person sees it. */
export interface ProgressSink {
  update(stage: string, counter: Counter): void
}

export const silentProgress: ProgressSink = { update: () => undefined }

/** Passes on at most one report per counter and interval, and always the last one given to {@link ThrottledProgress.flush}. */
export class ThrottledProgress implements ProgressSink {
  readonly #sink: ProgressSink
  readonly #intervalMs: number
  readonly #sent = new Map<string, number>()
  readonly #waiting = new Map<string, readonly [string, Counter]>()

  constructor(sink: ProgressSink, intervalMs: number) {
    this.#sink = sink
    this.#intervalMs = intervalMs
  }

  update(stage: string, counter: Counter): void {
    const key = `${stage}/${counter.name}`
    const now = performance.now()
    if (now - (this.#sent.get(key) ?? -Infinity) < this.#intervalMs) {
      this.#waiting.set(key, [stage, counter])
      return
    }
    this.#sent.set(key, now)
    this.#waiting.delete(key)
    this.#sink.update(stage, counter)
  }

  /** Reports what was held back. */
  flush(): void {
    for (const [stage, counter] of this.#waiting.values()) this.#sink.update(stage, counter)
    this.#waiting.clear()
  }
}

/** One line for a person: `normalize: 12,345 rows, 3 of 7 files`. */
export function describeCounters(stage: string, counters: readonly Counter[]): string {
  return `${stage}: ${counters.map(describeCounter).join(', ')}`
}

function describeCounter(counter: Counter): string {
  const print = counter.unit === 'bytes' ? describeBytes : describeCount
  const unit = counter.unit === 'bytes' ? '' : ` ${counter.unit}`
  const total = counter.total === undefined ? '' : ` of ${print(counter.total)}`
  return `${print(counter.done)}${total}${unit}`
}

/** `12,345`. By hand, since loading what Node knows of languages takes a small run ten milliseconds. */
function describeCount(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

/** `494 B`, `1.8 KB`, `12.0 MB`: powers of 1000. */
export function describeBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let unit = 0
  let value = bytes
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${units[unit]}`
}
