import { parentPort } from 'node:worker_threads'
import { normalizeRange } from './normalize-range.ts'
import type { ProgressMessage } from './pool.ts'
import type { RangeResult, RangeTask } from './range-messages.ts'

/** Body of a worker thread: piscina calls it with each range. */
export default function runRange(task: RangeTask): Promise<RangeResult> {
  return normalizeRange(task, {
    onProgress: (bytes, rows) => parentPort?.postMessage({ bytes, rows } satisfies ProgressMessage),
  })
}
