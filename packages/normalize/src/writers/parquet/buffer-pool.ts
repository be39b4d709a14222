/*
 * Buffers of one thread that wait for their next use. A page begins small and grows by doubling, since there may be
 * thousands of tables; without a pool, each page of a large file would have the system find and clear a new megabyte.
 */

/** Smaller buffers come from Node's own pool. */
const leastPooledBytes = 1 << 12
const mostPooledBytes = 1 << 20
/** All that the pool holds at most. */
const poolBytes = 64 * mostPooledBytes

/** Free buffers by size; all sizes are powers of two. */
const free = new Map<number, Buffer[]>()
let pooled = 0

/** A buffer of at least that many bytes, of any content. */
export function takeBuffer(bytes: number): Buffer {
  // Large ones are rare, and a power of two would waste too much of them.
  if (bytes > mostPooledBytes) return Buffer.allocUnsafeSlow(Math.ceil(bytes / mostPooledBytes) * mostPooledBytes)
  const size = 2 ** Math.ceil(Math.log2(bytes))
  if (size < leastPooledBytes) return Buffer.allocUnsafe(size)
  const buffer = free.get(size)?.pop()
  if (buffer === undefined) return Buffer.allocUnsafeSlow(size)
  pooled -= size
  return buffer
}

/** Takes back a buffer that {@link takeBuffer} gave and that nobody uses any more. */
export function giveBuffer(buffer: Buffer): void {
  const size = buffer.length
  if (size < leastPooledBytes || size > mostPooledBytes || pooled + size > poolBytes) return
  const sameSize = free.get(size)
  if (sameSize === undefined) free.set(size, [buffer])
  else sameSize.push(buffer)
  pooled += size
}
