import { setMaxListeners } from 'node:events'
import { RemoteError } from '@gantry/common'
import type { RangeHooks } from './normalize-range.ts'
import type { RangeAnswer, RangeResult, RangeTask } from './range-messages.ts'

/** Normalizes ranges, here or elsewhere. */
export interface RangeRunner extends AsyncDisposable {
  run(task: RangeTask): Promise<RangeResult>
}

/** Heap of a worker thread in MB: rows are short-lived, so more would only let garbage pile up. */
const workerHeap = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 32 }

/** Runs ranges in the main thread of this process, one at a time. Loads no worker threads. */
export async function openMainThread(hooks: RangeHooks): Promise<RangeRunner> {
  const { normalizeRange } = await import('./normalize-range.ts')
  return {
    run: (task) => normalizeRange(task, hooks),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

/** Runs ranges in worker threads. The only place that knows piscina. */
export async function openPool(workers: number, hooks: Omit<RangeHooks, 'rootIds'>): Promise<RangeRunner> {
  const { Piscina } = await import('piscina')
  const pool = new Piscina<RangeTask, RangeAnswer>({
    filename: new URL('./range-worker.js', import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    resourceLimits: workerHeap,
  })
  // Each range under way listens to it, and Node would warn of a leak from eleven on.
  if (hooks.signal !== undefined) setMaxListeners(0, hooks.signal)
  pool.on('message', (message: ProgressMessage) => hooks.onProgress(message.bytes, message.rows))
  return {
    async run(task) {
      const answer = await pool.run(task, hooks.signal === undefined ? {} : { signal: hooks.signal })
      if ('error' in answer) throw new RemoteError(answer.error)
      return answer.result
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  }
}

/** What a worker thread reports while it works. */
export interface ProgressMessage {
  readonly bytes: number
  readonly rows: number
}
