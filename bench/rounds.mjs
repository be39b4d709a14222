// Contenders take turns, and the medians of what they cost count.

/**
 * @param contenders  by name: runs once and returns its cost, numbers in objects of any depth
 * @returns by name: the medians; of peaks the highest
 */
export async function takeTurns(rounds, contenders) {
  const costs = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, runOnce] of Object.entries(contenders)) costs[name].push(await runOnce(round))
  }
  return Object.fromEntries(Object.entries(costs).map(([name, list]) => [name, summarize(list)]))
}

function summarize(list, key = '') {
  if (typeof list[0] === 'number') return key.startsWith('peak') ? Math.max(...list) : median(list)
  return Object.fromEntries(
    Object.keys(list[0]).map((name) => [
      name,
      summarize(
        list.map((one) => one[name]),
        name,
      ),
    ]),
  )
}

/** Of an even number of values, the mean of the two in the middle. */
export function median(list) {
  const sorted = list.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
