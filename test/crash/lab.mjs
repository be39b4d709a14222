// Trials: a pipeline's folder and database are copied, its command is disturbed and given again until it ends well, and
// what is there then is held against what a run has left that nobody disturbed.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { testFolder } from '../support/gantry.mjs'
import { keys } from './data.mjs'
import { comparable, judge, leftovers } from './judge.mjs'
import { passed } from './processes.mjs'
import { ways } from './ways.mjs'

/** An engine, and what trials in it begin from: for each way, an empty database and one that was loaded before. */
export async function openLab(name, engine) {
  const starts = []
  for (const [way, { prepare }] of Object.entries(ways)) {
    let home = await testFolder(`crash-${name}`)
    await engine.create(home)
    for (const load of [1, 2]) {
      await prepare(home, load)
      const start = { what: `${way}, load ${load}`, way, home, load }
      const { place, ...observed } = await observe(engine, start)
      starts.push({ ...start, ...observed })
      home = place
    }
    await remove(engine, home)
  }
  return {
    name,
    engine,
    starts,
    async close() {
      for (const { home } of starts) await remove(engine, home)
      await engine.stop()
    },
  }
}

/** Runs a copy that nobody disturbs. @returns it, its tables, the steps it has passed, and for how long each stage was at work */
async function observe(engine, { way, home, load }) {
  const place = await copyOf(engine, home)
  const log = logOf(place)
  const { code, stderr } = await ways[way].run(place, load, { ...engine.env(place), GANTRY_STEP_LOG: log })
  if (code !== 0) throw new Error(stderr)
  const steps = passed(log)
  await rm(log)
  const lasting = {}
  for (const stage of ['extract', 'normalize', 'load']) {
    const own = steps.filter(({ step }) => step.startsWith(`${stage}:`))
    lasting[stage] = own.at(-1).atMs - own[0].atMs
  }
  const expected = comparable(await engine.read(place), keys)
  return { place, expected, lasting, steps: new Set(steps.map(({ step }) => step)) }
}

/**
 * Gives the command until it ends well, disturbed once by each of the disturbances, and judges what is there.
 *
 * @param disturbances  each with `what` it is, and `start(log, place)`, which gives the `env` of the command, and
 *                      `end({ code, stderr })`, which says where it has hit, if it has
 * @returns the folder, where the disturbances have hit, what the runs that failed have said, and what is wrong
 */
export async function trial({ engine }, start, disturbances, env = {}) {
  const place = await copyOf(engine, start.home)
  const { hits, failures, problem } = await runToEnd(engine, start, place, disturbances, env)
  const { problems, ...counts } =
    problem === undefined ? await judgeAll(engine, place, start) : { ...nothing, problems: [problem] }
  if (problems.length === 0) await remove(engine, place)
  return { place, hits, failures, ...counts, problems }
}

const nothing = { lost: 0, doubled: 0, wrongLoads: 0 }

/** What is wrong in the database and in the working folder. */
async function judgeAll(engine, place, { expected }) {
  const found = judge(expected, await engine.read(place), keys)
  const rubbish = leftovers(join(place, 'pipelines/crash'))
  return {
    ...found,
    problems: [...found.problems, ...(rubbish.length > 0 ? [`left behind: ${rubbish.join(', ')}`] : [])],
  }
}

async function runToEnd(engine, { way, load }, place, disturbances, env) {
  const hits = []
  const failures = []
  const log = logOf(place)
  for (let attempt = 0; attempt < disturbances.length + 3; attempt++) {
    const disturbance = disturbances[attempt]
    await rm(log, { force: true })
    const under = await disturbance?.start(log, place)
    const { code, signal, stderr } = await ways[way].run(place, load, {
      ...engine.env(place),
      ...env,
      ...under?.env,
      GANTRY_STEP_LOG: log,
    })
    const hit = await under?.end({ code, stderr })
    if (hit !== undefined) hits.push(hit)
    if (code === 0) return { hits, failures }
    failures.push(messageOf(stderr))
    if (code !== 75 && signal !== 'SIGKILL') return { hits, failures, problem: `exit code ${code}: ${failures.at(-1)}` }
  }
  return { hits, failures, problem: 'does not come to an end' }
}

/** The first line of what a command says besides its log. */
function messageOf(stderr) {
  return stderr.split('\n').find((line) => line !== '' && !line.startsWith('{')) ?? 'it said nothing'
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

const logOf = (home) => join(home, 'steps.log')
