import { stat } from 'node:fs/promises'
import { readFile } from '../../files/open-file.ts'
import type { Compression } from './duckdb-files.ts'

/** What a reader allows a row by itself; its buffers are twice as large, one for each thread and more. */
const usualBytes = 16 * 1024 * 1024

/** Deflate makes a text at most so many times smaller. */
const bestGzip = 1032

const lineFeed = 0x0a
const quote = 0x22

/**
 * The size that a reader must allow for a row of these files: the usual one, or that of the longest row where it is
 * longer. Files are only searched where they are large enough to hold such a row.
 *
 * @param hasQuotes  as in CSV, line ends between double quotes belong to the row
 */
export async function rowLimitBytes(
  paths: readonly string[],
  compression: Compression,
  hasQuotes: boolean,
): Promise<number> {
  const enough = compression === 'gzip' ? usualBytes / bestGzip : usualBytes
  let longest = usualBytes
  for (const path of paths) {
    if ((await stat(path)).size > enough) longest = Math.max(longest, await longestRow(path, hasQuotes))
  }
  return longest
}

async function longestRow(path: string, hasQuotes: boolean): Promise<number> {
  let longest = 0
  let length = 0
  let isQuoted = false
  for await (const bytes of readFile(path)) {
    let start = 0
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]
      // A doubled quote changes this twice.
      if (byte === quote) isQuoted = hasQuotes && !isQuoted
      else if (byte === lineFeed && !isQuoted) {
        longest = Math.max(longest, length + at + 1 - start)
        length = 0
        start = at + 1
      }
    }
    length += bytes.length - start
  }
  return Math.max(longest, length)
}
