import { open } from 'node:fs/promises'

/** Large enough for disk speed, small enough to stay in the processor's cache while it is worked on. */
const chunkBytes = 1 << 20

/**
 * The bytes of a file in chunks of 1 MiB, the next of which is read while one is worked on. A chunk is valid until the
 * next is asked for: two buffers serve the whole file, since memory that is fresh for each chunk costs more than to fill it.
 *
 * @throws the file system's errors
 */
export async function* readAhead(path: string): AsyncGenerator<Buffer> {
  const file = await open(path)
  const [first, second] = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)]
  let reading = file.read(first, 0, chunkBytes, null)
  try {
    for (let isFirst = true; ; isFirst = !isFirst) {
      const { bytesRead } = await reading
      if (bytesRead === 0) return
      reading = file.read(isFirst ? second : first, 0, chunkBytes, null)
      yield (isFirst ? first : second).subarray(0, bytesRead)
    }
  } finally {
    await reading.catch(() => undefined)
    await file.close()
  }
}
