/**
 * The results of a function for each item, `workers` of them under way at a time, each as soon as it is there. Items are
 * taken only when a worker is free, so that no more than `workers` results wait.
 */
export async function* parallel<Item, Result>(
  items: AsyncIterable<Item>,
  workers: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const underWay = new Map<number, Promise<{ readonly key: number; readonly result: Result }>>()
  let next = 0
  const settle = async (): Promise<Result> => {
    const { key, result } = await Promise.race(underWay.values())
    underWay.delete(key)
    return result
  }
  try {
    for await (const item of items) {
      const key = next++
      underWay.set(
        key,
        work(item).then((result) => ({ key, result })),
      )
      if (underWay.size >= workers) yield await settle()
    }
    while (underWay.size > 0) yield await settle()
  } finally {
    // Nobody waits for the others any more; their errors are not to end the process.
    await Promise.allSettled(underWay.values())
  }
}
