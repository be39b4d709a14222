/** Runs what it is given, at most so many at a time, in the order in which it comes. */
export type Limit = <Result>(work: () => Promise<Result>) => Promise<Result>

export function limitOf(most: number): Limit {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      // Its place goes to the next one that waits.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
