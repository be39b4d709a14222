// From measurements to what is printed.

/** The median of each figure; of an even number the higher one in the middle. Peak memory is the highest seen. */
export function medianCost(costs) {
  const median = (key) => costs.map((cost) => cost[key]).toSorted((a, b) => a - b)[Math.floor(costs.length / 2)]
  return {
    seconds: median('seconds'),
    cpuSeconds: median('cpuSeconds'),
    peakMb: Math.max(...costs.map(({ peakMb }) => peakMb)),
  }
}

const labels = { parse: 'JSON.parse per line', duckdb: 'DuckDB by itself' }

export function printResult({ name, rows, megabytes, rounds, workers, costs, ratios, memory }) {
  const with_ = workers === undefined ? '' : `, ${workers} worker${workers === 1 ? '' : 's'}`
  console.log(`${name}: ${rows} rows, ${megabytes.toFixed(1)} MB, median of ${rounds}${with_}`)
  for (const [what, { seconds, cpuSeconds, peakMb }] of Object.entries(costs)) {
    const speed = (megabytes / seconds).toFixed(0)
    console.log(
      `  ${(labels[what] ?? what).padEnd(20)}${seconds.toFixed(2).padStart(8)} s  ${cpuSeconds.toFixed(2).padStart(8)} s CPU` +
        `  ${speed.padStart(5)} MB/s  peak ${peakMb} MB`,
    )
  }
  for (const [what, ratio] of Object.entries(ratios)) console.log(`  ${what} = ${ratio.toFixed(2)}`)
  if (memory === undefined) return
  for (const { megabytes, peakMb, seconds } of memory.measured) {
    console.log(`  normalize of ${megabytes.toFixed(0)} MB: peak ${peakMb} MB, ${seconds.toFixed(1)} s`)
  }
  console.log(`  peak memory of ten times the input / peak memory = ${memory.growth.toFixed(2)}`)
}
