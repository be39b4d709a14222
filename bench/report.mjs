// What is printed.

export function printHead({ node, dlt, cores, cpu }, rounds) {
  const with_ = dlt === undefined ? '' : `, dlt ${dlt}`
  console.log(
    `Node ${node}${with_}, ${cores} cores (${cpu}); medians of ${rounds} alternating rounds, peaks are the highest`,
  )
}

export function printResult({ part, data, tables, costs, figures }) {
  const of = data.name === undefined ? '' : `: ${data.name}, ${data.rows} rows, ${data.megabytes.toFixed(1)} MB`
  console.log(`\n${part}${of}`)
  if (tables !== undefined) {
    const counts = Object.entries(tables).map(([table, rows]) => `${table} ${rows}`)
    console.log(`  the same tables by all, row by row: ${counts.join(', ')}`)
  }
  for (const [who, cost] of Object.entries(costs)) printCost(who, cost, data.megabytes)
  for (const figure of figures) console.log(`  ${figureText(figure)}`)
}

function printCost(who, { seconds, cpuSeconds, peakMb, stages, processes }, megabytes) {
  const speed = megabytes === undefined ? '' : `${(megabytes / seconds).toFixed(1).padStart(8)} MB/s`
  console.log(
    `  ${who.padEnd(28)}${seconds.toFixed(2).padStart(8)} s${cpuSeconds.toFixed(2).padStart(9)} s CPU${speed}  peak ${peakMb.toFixed(0)} MB`,
  )
  for (const [stage, taken] of Object.entries(stages ?? {})) {
    const own = processes[stage]
    const used =
      own === undefined
        ? ''
        : `${own.cpuSeconds.toFixed(2).padStart(9)} s CPU${' '.repeat(13)}  peak ${own.peakMb.toFixed(0)} MB`
    console.log(`    ${stage.padEnd(26)}${taken.toFixed(2).padStart(8)} s${used}`)
  }
}

/** Last, so that a long output ends with what counts. */
export function printVerdicts(results) {
  const judged = results.flatMap(({ figures }) => figures).filter(({ verdict }) => verdict !== undefined)
  if (judged.length === 0) return
  console.log('\nratios and targets')
  for (const figure of judged) console.log(`  ${figureText(figure)}`)
}

function figureText({ name, value, target, stretch, verdict }) {
  const shown = value.toFixed(value >= 100 ? 0 : 2)
  if (verdict === undefined) return `${name} = ${shown}`
  return `${name} = ${shown} (${target}${stretch === undefined ? '' : `, stretch ${stretch}`}): ${verdict}`
}
