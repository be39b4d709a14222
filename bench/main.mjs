// npm run bench -- [--orders N] [--events N] [--rounds N] [--json]
// Runs the same files through `gantry run` and, in the same session, through `JSON.parse` per line, and prints ratios
// of medians. Absolute figures are this machine's at this moment.
import { spawn } from 'node:child_process'
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeEvents, writeOrders } from './generate.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '200000' },
    events: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'gantry-bench-'))
const results = []
for (const [name, write, rows] of [
  ['orders', writeOrders, Number(values.orders)],
  ['events', writeEvents, Number(values.events)],
]) {
  if (rows === 0) continue
  const file = join(folder, `${name}.jsonl`)
  write(file, rows)
  const megabytes = statSync(file).size / 1e6
  const rounds = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const parse = await secondsOfParse(file)
    const stages = {}
    const peaks = {}
    for (const [stage, bin, args] of [
      ['extract', 'extract/dist/bin.js', [file]],
      ['normalize', 'normalize/dist/bin.js', []],
      ['load', 'load/dist/bin.js', []],
    ]) {
      const { seconds, peakMb } = await timed(
        bin,
        [...args, '--pipeline-name', name, '--progress', 'off'],
        join(folder, String(round)),
      )
      stages[stage] = seconds
      peaks[stage] = peakMb
    }
    rounds.push({ parse, ...stages, peaks })
  }
  const median = (pick) => rounds.map(pick).toSorted((a, b) => a - b)[Math.floor(rounds.length / 2)]
  const result = { name, rows, megabytes: Number(megabytes.toFixed(1)) }
  for (const key of ['parse', 'extract', 'normalize', 'load'])
    result[key] = Number(median((round) => round[key]).toFixed(3))
  result.peakMb = Object.fromEntries(
    ['extract', 'normalize', 'load'].map((stage) => [stage, Math.max(...rounds.map((round) => round.peaks[stage]))]),
  )
  result.normalizePerParse = Number((result.normalize / result.parse).toFixed(2))
  results.push(result)
}
rmSync(folder, { recursive: true, force: true })
if (values.json) console.log(JSON.stringify(results))
else {
  for (const result of results) {
    console.log(`${result.name}: ${result.rows} rows, ${result.megabytes} MB`)
    for (const key of ['parse', 'extract', 'normalize', 'load']) {
      const peak = result.peakMb[key] === undefined ? '' : `, peak ${result.peakMb[key]} MB`
      const label = key === 'parse' ? 'JSON.parse per line' : key
      console.log(
        `  ${label.padEnd(20)}${result[key].toFixed(2).padStart(8)} s  ${(result.megabytes / result[key]).toFixed(0).padStart(5)} MB/s${peak}`,
      )
    }
    console.log(`  normalize / JSON.parse = ${result.normalizePerParse}`)
  }
}

async function secondsOfParse(file) {
  const start = performance.now()
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) JSON.parse(line)
  return (performance.now() - start) / 1000
}

/** Wall seconds from spawn to end, and the highest resident memory seen (Linux only). */
function timed(bin, args, home) {
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const child = spawn(process.execPath, [join(root, 'packages', bin), ...args], {
      env: { ...process.env, DLT_DATA_DIR: home, DLT_LOCAL_DIR: home, LOG_LEVEL: 'error' },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    let peakMb = 0
    const watch = setInterval(() => {
      peakMb = Math.max(peakMb, residentPeak(child.pid))
    }, 20)
    child.on('error', reject)
    child.on('exit', (code) => {
      clearInterval(watch)
      if (code === 0) resolve({ seconds: (performance.now() - start) / 1000, peakMb })
      else reject(new Error(`${bin} ended with exit code ${code}`))
    })
  })
}

function residentPeak(pid) {
  try {
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024)
  } catch {
    return 0
  }
}
