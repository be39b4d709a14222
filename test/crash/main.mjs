// npm run test:crash -- [--kills N] [--seed S] [--engine duckdb,postgres]
// SIGKILLs real stage processes of `gantry run`, at every durable step and at random instants, gives the same command
// again until it ends well, and compares the database with one that nobody disturbed.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { run, testFolder } from '../support/gantry.mjs'
import { files, keys, writeData, writeSchema } from './data.mjs'
import { engines } from './engines.mjs'
import { comparable, judge, leftovers } from './judge.mjs'
import { killStage } from './processes.mjs'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'duckdb' },
  },
})
const args = ['run', ...files, '--pipeline-name', 'crash', '--workers', '2', '--import-schema-path', 'import']
const random = randomOf(Number(values.seed))
const totals = { kills: 0, lost: 0, doubled: 0, wrongLoads: 0, broken: 0 }

for (const name of values.engine.split(',')) {
  const open = engines[name]
  if (open === undefined) throw new Error(`--engine takes ${Object.keys(engines).join(', ')}, not "${name}".`)
  const engine = await open()
  try {
    await crash(name, engine)
  } finally {
    await engine.stop()
  }
}
console.log(
  `kills ${totals.kills}, lost rows ${totals.lost}, duplicate rows ${totals.doubled}, wrong loads ${totals.wrongLoads}`,
)
process.exitCode = totals.lost + totals.doubled + totals.wrongLoads + totals.broken === 0 ? 0 : 1

async function crash(name, engine) {
  const home = await testFolder(`crash-${name}`)
  await engine.create?.(home)
  await writeSchema(home)
  await writeData(home, 1)
  await runWell(engine, home)
  await writeData(home, 2)
  const undisturbed = await copyOf(engine, home)
  await runWell(engine, undisturbed)
  const expected = comparable(await engine.read(undisturbed), keys)
  await remove(engine, undisturbed)

  const killed = {}
  /** One run in a folder and a database of its own: it must end with the rows of the run that nobody disturbed. */
  const check = async (what, stage, env, target) => {
    const place = await copyOf(engine, home)
    const { kills, problem } = await runToEnd(engine, place, env, target)
    totals.kills += kills
    killed[stage] = (killed[stage] ?? 0) + kills
    const problems = []
    if (problem === undefined) {
      const found = judge(expected, await engine.read(place), keys)
      totals.lost += found.lost
      totals.doubled += found.doubled
      totals.wrongLoads += found.wrongLoads
      const rubbish = leftovers(join(place, 'pipelines/crash'))
      problems.push(...found.problems, ...(rubbish.length > 0 ? [`left behind: ${rubbish.join(', ')}`] : []))
    } else problems.push(problem)
    if (problems.length > 0) totals.broken++
    const verdict = problems.length === 0 ? 'ok  ' : 'FAIL'
    console.log(`${verdict} ${name}: ${what}${problems.length === 0 ? '' : `: ${problems.join('; ')} (${place})`}`)
    if (problems.length === 0) await remove(engine, place)
  }

  for (const step of engine.steps) await check(`at ${step}`, step.split(':')[0], { GANTRY_CRASH_AT: step })
  // A stage that has ended before its moment came was not killed: another moment is drawn, until N kills have landed.
  const wanted = totals.kills + Number(values.kills)
  for (let tries = 0; totals.kills < wanted; tries++) {
    if (tries > 10 * Number(values.kills)) throw new Error(`only ${totals.kills} of ${wanted} kills landed`)
    const stage = ['extract', 'normalize', 'load'][Math.floor(random() * 3)]
    const afterMs = Math.floor(random() * (stage === 'load' ? 4000 : 900))
    await check(`${stage} ${afterMs} ms after its start`, stage, {}, { stage, afterMs })
  }
  const places = Object.entries(killed).map(([stage, count]) => `${stage} ${count}`)
  console.log(`${name}: killed in ${places.join(', ')}`)
  await remove(engine, home)
}

async function runWell(engine, home) {
  const { code, stderr } = await run('gantry', args, home, { env: engine.env(home) })
  if (code !== 0) throw new Error(stderr)
}

async function copyOf(engine, home) {
  const copy = await testFolder('crash')
  await engine.copy(home, copy)
  return copy
}

async function remove(engine, home) {
  await engine.drop(home)
  await rm(home, { recursive: true })
}

/** The same command again and again, the first time disturbed, until it ends well. */
async function runToEnd(engine, home, env, target) {
  let kills = 0
  for (let attempt = 0; attempt < 6; attempt++) {
    let killer
    const { code, stderr } = await run('gantry', args, home, {
      env: { ...engine.env(home), ...(attempt === 0 ? env : {}) },
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

function randomOf(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 0) / 4294967296
  }
}
