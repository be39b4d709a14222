// npm run test:crash -- [--kills N] [--seed S]
// SIGKILLs real stage processes of `gantry run`, at every durable step and at random instants, gives the same command
// again until it ends well, and compares the database with one that nobody disturbed.
import { readFileSync, readdirSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { durableSteps, processState } from '@gantry/common'
import { readDataset, withoutIds } from '../support/duckdb.mjs'
import { run, testFolder } from '../support/gantry.mjs'

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
})
const random = randomOf(Number(values.seed))
const input = await writeInput()
const args = ['run', 'rows.jsonl', '--pipeline-name', 'crash', '--workers', '2']
const expected = await undisturbed()
const totals = { kills: 0, lost: 0, doubled: 0, wrongLoads: 0, broken: 0 }

for (const at of durableSteps) await check(`at ${at}`, (home) => runToEnd(home, { GANTRY_CRASH_AT: at }))
// A stage that has ended before its moment came was not killed: another moment is drawn, until N kills have landed.
const wanted = totals.kills + Number(values.kills)
for (let tries = 0; totals.kills < wanted; tries++) {
  if (tries > 10 * Number(values.kills)) throw new Error(`only ${totals.kills} of ${wanted} kills landed`)
  const stage = ['extract', 'normalize', 'load'][Math.floor(random() * 3)]
  const afterMs = Math.floor(random() * (stage === 'load' ? 2500 : 700))
  await check(`${stage} ${afterMs} ms after its start`, (home) => runToEnd(home, {}, { stage, afterMs }))
}

console.log(
  `kills ${totals.kills}, lost rows ${totals.lost}, duplicate rows ${totals.doubled}, wrong loads ${totals.wrongLoads}`,
)
process.exitCode = totals.lost + totals.doubled + totals.wrongLoads + totals.broken === 0 ? 0 : 1

async function writeInput() {
  const rows = Array.from({ length: 30_000 }, (_, id) =>
    JSON.stringify({
      id,
      name: `row ${id}`,
      at: '2024-01-01T00:00:00Z',
      nested: { x: id / 2 },
      list: [{ a: id }, { a: -id }],
    }),
  )
  return rows.join('\n')
}

async function undisturbed() {
  const home = await testFolder('crash')
  await writeFile(join(home, 'rows.jsonl'), input)
  const { code, stderr } = await run('gantry', args, home)
  if (code !== 0) throw new Error(stderr)
  const tables = withoutIds(await readDataset(join(home, 'crash.duckdb'), 'crash_dataset'), { rows: 'id' })
  await rm(home, { recursive: true })
  return tables
}

/** One scenario in a folder of its own: it must end with the rows of the run that nobody disturbed. */
async function check(what, disturb) {
  const home = await testFolder('crash')
  await writeFile(join(home, 'rows.jsonl'), input)
  const { kills, problem } = await disturb(home)
  totals.kills += kills
  const problems = problem === undefined ? [] : [problem]
  if (problem !== undefined) totals.broken++
  else {
    const tables = await readDataset(join(home, 'crash.duckdb'), 'crash_dataset')
    const found = withoutIds(tables, { rows: 'id' })
    for (const [name, rows] of Object.entries(expected)) {
      const lost = countMissing(rows, found[name] ?? [])
      const doubled = countMissing(found[name] ?? [], rows)
      totals.lost += lost
      totals.doubled += doubled
      if (lost + doubled > 0) problems.push(`${name}: ${lost} lost, ${doubled} too many`)
    }
    const loads = tables._dlt_loads.rows.map((row) => row.load_id)
    const carried = new Set(tables.rows.rows.map((row) => row._dlt_load_id))
    const wrong = loads.length - new Set(loads).size + [...carried].filter((id) => !loads.includes(id)).length
    totals.wrongLoads += wrong
    if (wrong > 0) problems.push(`${wrong} wrong loads`)
    const rubbish = leftovers(join(home, 'pipelines/crash'))
    if (rubbish.length > 0) {
      totals.broken++
      problems.push(`left behind: ${rubbish.join(', ')}`)
    }
  }
  console.log(
    `${problems.length === 0 ? 'ok  ' : 'FAIL'} ${what}${problems.length === 0 ? '' : `: ${problems.join('; ')} (${home})`}`,
  )
  if (problems.length === 0) await rm(home, { recursive: true })
}

/** The same command again and again, the first time disturbed, until it ends well. */
async function runToEnd(home, env, target) {
  let kills = 0
  for (let attempt = 0; attempt < 6; attempt++) {
    let killer
    const { code, stderr } = await run('gantry', args, home, {
      env: attempt === 0 ? env : {},
      onStart(child) {
        if (attempt === 0 && target !== undefined) killer = killStage(child.pid, target)
      },
    })
    killer?.stop()
    // At a step the process kills itself for certain; the command may still find that the work was done.
    if (attempt === 0) kills = target === undefined ? 1 : Number(killer.hasKilled())
    if (code === 0) return { kills }
    if (code !== 75) return { kills, problem: `exit code ${code}: ${stderr.trim().split('\n').at(-1)}` }
  }
  return { kills, problem: 'does not come to an end' }
}

/** Kills the process of one stage some time after it has appeared. */
function killStage(parent, { stage, afterMs }) {
  let killed = false
  const watch = setInterval(() => {
    const pid = childrenOf(parent).find((child) => commandLine(child).includes(`/${stage}/dist/worker.js`))
    if (pid === undefined) return
    clearInterval(watch)
    setTimeout(() => {
      try {
        // One that has ended and only waits to be collected can be sent a signal, too.
        killed = !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
        process.kill(pid, 'SIGKILL')
      } catch {
        killed = false
      }
    }, afterMs)
  }, 5)
  return { stop: () => clearInterval(watch), hasKilled: () => killed }
}

function childrenOf(parent) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(parent)
      } catch {
        return false
      }
    })
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** Entries of `a` that `b` has not, counted with repetition; both sorted. */
function countMissing(a, b) {
  const counts = new Map()
  for (const row of b) counts.set(row, (counts.get(row) ?? 0) + 1)
  let missing = 0
  for (const row of a) {
    const left = counts.get(row) ?? 0
    if (left === 0) missing++
    else counts.set(row, left - 1)
  }
  return missing
}

/**
 * What should not be in a working folder when all is done. Locks and folders of dead owners do not count: whoever comes
 * next to that stage takes or sweeps them.
 */
function leftovers(folder) {
  const names = (path) => {
    try {
      return readdirSync(join(folder, path)).map((name) => join(path, name))
    } catch {
      return []
    }
  }
  const isDead = (path) => {
    try {
      return processState(JSON.parse(readFileSync(join(folder, path), 'utf8'))) === 'dead'
    } catch {
      return false
    }
  }
  return [
    ...names('normalize').filter(
      (name) => !['normalize/extracted', 'normalize/.version'].includes(name) && !isDead(join(name, 'owner.json')),
    ),
    ...names('normalize/extracted'),
    ...names('load/new'),
    ...names('load/normalized'),
    ...names('.gantry').filter((name) => !isDead(name)),
  ]
}

function randomOf(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 0) / 4294967296
  }
}
