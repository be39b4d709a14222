import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Job } from '@gantry/common'

/** What the JSON reader allows a row by itself; its buffers are twice as large, one for each thread and more. */
const usualBytes = 16 * 1024 * 1024

/**
 * The size that the JSON reader must allow for a row of these files: the usual one, or that of the longest row where it
 * is longer. Files are only searched where they are large enough to hold such a row; compressed ones get the usual size.
 */
export async function rowLimitBytes(jobs: readonly Job[]): Promise<number> {
  let longest = usualBytes
  for (const { path, name } of jobs) {
    if (name.isGzip || (await stat(path)).size <= usualBytes) continue
    let length = 0
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      const bytes = chunk as Buffer
      let start = 0
      for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, start)) {
        longest = Math.max(longest, length + at + 1 - start)
        length = 0
        start = at + 1
      }
      length += bytes.length - start
    }
    longest = Math.max(longest, length)
  }
  return longest
}
