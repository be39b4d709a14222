/** Copies by sixteen bytes where that is quick; up to sixteen bytes behind the copy are overwritten. */
export function copyShort(out: usize, from: usize, length: usize): void {
  if (length <= 64) {
    v128.store(out, v128.load(from))
    for (let at: usize = 16; at < length; at += 16) v128.store(out + at, v128.load(from + at))
  } else memory.copy(out, from, length)
}
