// The tables of docs/performance.md, each from the documents of a few Nodes.

const cell = (value) => (value === undefined ? '' : value.toFixed(value >= 100 ? 0 : 2))

/** Each figure that has a target, a column for each Node. */
function targets(documents) {
  const names = [...new Set(documents.flatMap((document) => judged(document).map(({ name }) => name)))]
  const rows = names.map((name) => {
    const found = documents.map((document) => judged(document).find((figure) => figure.name === name))
    const { stretch } = found.find((figure) => figure !== undefined)
    const cells = found.map((figure) =>
      figure === undefined ? '' : `${cell(figure.value)} (${figure.target}: ${figure.verdict})`,
    )
    return [name, ...cells, stretch ?? '']
  })
  return table(['Figure', ...documents.map(nodeOf), 'Could be'], rows)
}

/** Seconds of whole runs. */
function runs(documents) {
  const who = ['gantry run', 'gantry run of a program', 'DuckDB itself', 'dlt tuned', 'dlt']
  const rows = documents.flatMap((document) =>
    document.results
      .filter(({ part }) => part === 'run')
      .map(({ data, costs }) => [nodeOf(document), data.name, ...who.map((one) => cell(costs[one]?.seconds))]),
  )
  return table(['Node', 'Data', ...who], rows)
}

/** Where the time of a run goes. */
function stages([document]) {
  const rows = document.results
    .filter(({ part }) => part === 'run')
    .flatMap(({ data, costs }) => {
      const { stages: taken, processes, seconds } = costs['gantry run']
      return Object.entries(taken).map(([stage, wall]) => {
        const { cpuSeconds, peakMb } = processes[stage]
        const share = `${((100 * wall) / seconds).toFixed(0)} %`
        return [data.name, stage, share, cell(data.megabytes / cpuSeconds), `${peakMb.toFixed(0)} MB`]
      })
    })
  return table(['Data', 'Stage', 'Of the wall time', 'MB/s a core', 'Peak memory'], rows)
}

/** CPU a value by shape. */
function growth([document]) {
  const figures = document.results.find(({ part }) => part === 'growth')?.figures ?? []
  const shapes = [...new Set(figures.map(({ name }) => name.split(': ')[0]))]
  const of = (shape, stage) => cell(figures.find(({ name }) => name.startsWith(`${shape}: ${stage},`))?.value)
  return table(
    ['Shape', 'normalize, µs of CPU a value', 'load, µs of CPU a value'],
    shapes.map((shape) => [shape, of(shape, 'normalize'), of(shape, 'load')]),
  )
}

/** What was measured, and on what. */
function surroundings(documents) {
  const rows = documents.flatMap(({ node, dlt, cores, cpu, memoryGb, results }) =>
    results
      .filter(({ data }) => data.name !== undefined)
      .map(({ part, rounds, data }) => [
        nodeOf({ node }),
        part,
        `${data.name}: ${data.rows.toLocaleString('en')} rows, ${data.megabytes.toFixed(0)} MB`,
        rounds,
        `${cores} × ${cpu}, ${memoryGb} GB`,
        dlt ?? '',
      ]),
  )
  return table(['Node', 'Part', 'Data', 'Rounds', 'Machine', 'dlt'], rows)
}

function judged({ results }) {
  return results.flatMap(({ figures }) => figures.filter(({ verdict }) => verdict))
}

function nodeOf({ node }) {
  return `Node ${node.slice(1).split('.')[0]}`
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

export const tables = { targets, runs, stages, growth, surroundings }
