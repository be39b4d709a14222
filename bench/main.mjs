// npm run bench -- [--orders N] [--events N] [--dlt <python>] [--only part,…] [--json] … : see bench/README.md.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeEvents, writeOrders } from './data.mjs'
import { measureClash } from './parts/clash.mjs'
import { measureGrowth } from './parts/growth.mjs'
import { measureHelp } from './parts/help.mjs'
import { measureLarge } from './parts/large.mjs'
import { measureLoad } from './parts/load.mjs'
import { measureNormalize } from './parts/normalize.mjs'
import { measureRun } from './parts/run.mjs'
import { measureSmall } from './parts/small.mjs'
import { measureWarmth } from './parts/warm.mjs'
import { run } from './processes.mjs'
import { printHead, printResult, printVerdicts } from './report.mjs'
import { saveResults } from './results.mjs'
import { judge, targetsFor } from './targets.mjs'

const parts = {
  help: measureHelp,
  small: measureSmall,
  normalize: measureNormalize,
  warm: measureWarmth,
  load: measureLoad,
  clash: measureClash,
  growth: measureGrowth,
  run: measureRun,
  large: measureLarge,
}

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '500000' },
    events: { type: 'string', default: '20000' },
    large: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '3' },
    dlt: { type: 'string', default: process.env.GANTRY_DLT_PYTHON || undefined },
    node: { type: 'string', default: process.execPath },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    save: { type: 'string' },
  },
})

const numberOf = (flag, pattern = /^\d{1,9}$/) => {
  if (pattern.test(values[flag])) return Number(values[flag])
  throw new Error(`--${flag} takes a number, not "${values[flag]}".`)
}
const largeGb = numberOf('large', /^\d+(\.\d+)?$/)
const chosen = values.only?.split(',') ?? Object.keys(parts).filter((part) => part !== 'large' || largeGb > 0)
for (const part of chosen) {
  if (!Object.hasOwn(parts, part)) throw new Error(`--only takes ${Object.keys(parts).join(', ')}, not "${part}".`)
}
if (chosen.includes('large') && largeGb === 0) throw new Error('The part "large" needs --large <GB>.')

const folder = mkdtempSync(join(tmpdir(), 'gantry-bench-'))
const bytesOfOrder = 404
const [orders, events] = [numberOf('orders'), numberOf('events')]
const large = Math.round((largeGb * 1e9) / bytesOfOrder)
const files = {
  orders: { rows: orders, write: (path) => writeOrders(path, orders) },
  events: { rows: events, write: (path) => writeEvents(path, events) },
  clash10: { rows: orders, write: (path) => writeOrders(path, orders, { clashEvery: 10 }) },
  clash1: { rows: orders, write: (path) => writeOrders(path, orders, { clashEvery: 1 }) },
  hundred: { rows: 100, write: (path) => writeOrders(path, 100) },
  large: { rows: large, write: (path) => writeOrders(path, large) },
}
const made = new Map()

/** A file of rows by its name, written when it is first asked for; undefined where it shall have none. */
function dataOf(name, { rows, write } = files[name]) {
  if (rows === 0) return undefined
  if (!made.has(name)) {
    const path = join(folder, `${name}.jsonl`)
    write(path)
    made.set(name, { name, path, rows, megabytes: statSync(path).size / 1e6 })
  }
  return made.get(name)
}

const { node, dlt: python } = values
const context = { folder, node, python, rounds: Math.max(1, numberOf('rounds')), dataOf }
const answer = async (command, code, flag) => (await run(command, [flag, code])).stdout.trim()
const surroundings = {
  node: await answer(node, 'console.log(process.version)', '--eval'),
  ...(python === undefined ? {} : { dlt: await answer(python, 'import dlt; print(dlt.__version__)', '-c') }),
  cores: availableParallelism(),
  cpu: cpus()[0]?.model ?? 'unknown',
  memoryGb: Math.round(totalmem() / 1e9),
}
const targets = targetsFor(Number(surroundings.node.slice(1).split('.')[0]))
const results = []
if (!values.json) printHead(surroundings, context.rounds)
try {
  for (const part of chosen) {
    for (const { figures, data, ...rest } of await parts[part](context)) {
      const { path: _path, ...described } = data ?? {}
      const result = {
        ...rest,
        rounds: context.rounds,
        data: described,
        figures: figures.map((figure) => judge(figure, targets)),
      }
      results.push(result)
      if (values.save !== undefined) saveResults(values.save, { ...surroundings, results })
      if (!values.json) printResult(result)
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (values.json) console.log(JSON.stringify({ ...surroundings, results }, null, 2))
else printVerdicts(results)
