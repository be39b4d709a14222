// A chart of whole runs, as SVG that can be read on light and on dark ground.

const colors = { extract: '#8b949e', normalize: '#d4a72c', load: '#2f81f7', all: '#8b949e' }
const ink = '#768390'
const [width, left, barHeight, gap] = [760, 150, 22, 10]

/** @param results  of one document that `npm run bench -- --save` wrote; the parts that loaded a file as a whole */
export function chartOf({ results, node, dlt }) {
  const runs = results.filter(({ part }) => part === 'run')
  const parts = []
  let top = 26
  for (const { data, costs } of runs) {
    const gantry = costs['gantry run'].seconds
    const longest = Math.max(...Object.values(costs).map(({ seconds }) => seconds))
    parts.push(
      text(0, top, `${data.name}: ${data.rows.toLocaleString('en')} rows, ${data.megabytes.toFixed(0)} MB`, 'bold'),
    )
    top += 14
    for (const [who, { seconds, stages }] of Object.entries(costs)) {
      const toWidth = (taken) => (taken / longest) * (width - left - 150)
      let x = left
      for (const [stage, taken] of Object.entries(stages ?? { all: seconds })) {
        parts.push(
          `<rect x="${round(x)}" y="${top}" width="${round(toWidth(taken))}" height="${barHeight}" fill="${colors[stage]}"/>`,
        )
        x += toWidth(taken)
      }
      // Of Gantry, what is no stage's is the start of its processes.
      if (stages !== undefined) x = Math.max(x, left + toWidth(seconds))
      const times = who === 'gantry run' ? '' : `, ${(seconds / gantry).toPrecision(2)} ×`
      parts.push(text(left - 8, top + 15, who, 'end'), text(x + 8, top + 15, `${seconds.toFixed(1)} s${times}`))
      top += barHeight + gap
    }
    top += 24
  }
  for (const [at, stage] of ['extract', 'normalize', 'load'].entries()) {
    parts.push(`<rect x="${left + at * 110}" y="${top - 14}" width="14" height="14" fill="${colors[stage]}"/>`)
    parts.push(text(left + at * 110 + 20, top - 2, stage))
  }
  const versions = `Node ${node}${dlt === undefined ? '' : `, dlt ${dlt}`}`
  parts.push(text(left + 340, top - 2, versions))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + 10}" font-family="system-ui, sans-serif" font-size="14" fill="${ink}" role="img">
<title>Seconds to load a file of JSON lines into DuckDB</title>
${parts.join('\n')}
</svg>
`
}

function text(x, y, content, look = '') {
  const style = { bold: ' font-weight="bold"', end: ' text-anchor="end"' }[look] ?? ''
  return `<text x="${round(x)}" y="${y}"${style}>${content}</text>`
}

const round = (number) => Math.round(number * 10) / 10
