// npm run bench -- [--stage normalize|load] [--orders N] [--events N] [--rounds N] … : see bench/README.md.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchLoad } from './bench-load.mjs'
import { benchNormalize } from './bench-normalize.mjs'
import { benchStages } from './bench-stages.mjs'
import { writeEvents, writeOrders } from './data.mjs'
import { printResult } from './report.mjs'

const { values } = parseArgs({
  options: {
    stage: { type: 'string', default: 'all' },
    orders: { type: 'string', default: '200000' },
    events: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    workers: { type: 'string', default: '1' },
    'file-format': { type: 'string' },
    dlt: { type: 'string' },
    memory: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

const count = (name) => {
  if (/^\d{1,9}$/.test(values[name])) return Number(values[name])
  throw new Error(`--${name} takes a whole number, not "${values[name]}".`)
}
const benches = { all: benchStages, normalize: benchNormalize, load: benchLoad }
const bench = Object.hasOwn(benches, values.stage) ? benches[values.stage] : undefined
if (bench === undefined) throw new Error(`--stage takes ${Object.keys(benches).join(' or ')}, not "${values.stage}".`)

for (const flag of ['dlt', 'memory', 'file-format', 'workers']) {
  const isGiven = process.argv.some((argument) => argument === `--${flag}` || argument.startsWith(`--${flag}=`))
  if (isGiven && values.stage !== 'normalize') throw new Error(`--${flag} goes with --stage normalize.`)
}

const folder = mkdtempSync(join(tmpdir(), 'gantry-bench-'))
const results = []
try {
  for (const [name, write] of [
    ['orders', writeOrders],
    ['events', writeEvents],
  ]) {
    const rows = count(name)
    if (rows === 0) continue
    /** A file of so many rows, and its size. */
    const dataOf = (wanted) => {
      const path = join(folder, `${name}.jsonl`)
      write(path, wanted)
      return { path, megabytes: statSync(path).size / 1e6 }
    }
    const result = await bench({
      name,
      rows,
      dataOf,
      folder,
      rounds: Math.max(1, count('rounds')),
      workers: Math.max(1, count('workers')),
      fileFormat: values['file-format'],
      python: values.dlt,
      isMemory: values.memory,
    })
    results.push(result)
    if (!values.json) printResult(result)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (values.json) console.log(JSON.stringify(results))
