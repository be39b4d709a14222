import { parentPort } from 'node:worker_threads'
import { packError } from '@gantry/common'
import { normalizeRange } from './normalize-range.ts'
import type { ProgressMessage } from './pool.ts'
import type { RangeAnswer, RangeTask } from './range-messages.ts'

/** Body of a worker thread: piscina calls it with each range. */
export default async function runRange(task: RangeTask): Promise<RangeAnswer> {
  try {
    const result = await normalizeRange(task, {
      onProgress: (bytes, rows) => parentPort?.postMessage({ bytes, rows } satisfies ProgressMessage),
    })
    return { result }
  } catch (error) {
    return { error: packError(error) }
  }
}
