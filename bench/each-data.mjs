// The same part on several sets of data.

/** @returns the result for each set by its name that the run has */
export async function onEach(names, context, measureOn) {
  const results = []
  for (const name of names) {
    const data = context.dataOf(name)
    if (data !== undefined) results.push(await measureOn(data, context))
  }
  return results
}
