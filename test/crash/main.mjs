// npm run test:crash -- [--kills N] [--seed S] [--engine duckdb,postgres] [--fault all|few|<word>]
// SIGKILLs real stage processes, at every durable step and N times at random moments, gives the same
// command again until it ends well, and compares the database with one that nobody disturbed. With `--fault`, the same
// with full disks, cut connections, servers that go down and answers that are lost; a word chooses those that have it.
import { parseArgs } from 'node:util'
import { engines } from './engines.mjs'
import { faultsOf } from './faults.mjs'
import { killsAtRandom, killsAtSteps } from './kills.mjs'
import { openLab, trial } from './lab.mjs'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'duckdb' },
    fault: { type: 'string' },
  },
})
const stopping = new AbortController()
// Whoever has seen enough still gets the sums, and no server stays.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopping.abort())
const totals = { kills: 0, lost: 0, doubled: 0, wrongLoads: 0, broken: 0 }

for (const name of values.engine.split(',')) {
  const open = engines[name]
  if (open === undefined) throw new Error(`--engine takes ${Object.keys(engines).join(', ')}, not "${name}".`)
  const lab = await openLab(name, await open())
  try {
    if (Number(values.kills) > 0) await kill(lab)
    if (values.fault !== undefined) await disturb(lab, values.fault)
  } finally {
    await lab.close()
  }
}
console.log(
  `kills ${totals.kills}, lost rows ${totals.lost}, duplicate rows ${totals.doubled}, wrong loads ${totals.wrongLoads}`,
)
process.exitCode = totals.lost + totals.doubled + totals.wrongLoads + totals.broken === 0 ? 0 : 1

async function kill(lab) {
  const random = randomOf(Number(values.seed))
  const hits = {}
  let count = 0
  const check = async ({ start, disturbances }) => {
    const { replaceStrategies } = lab.engine
    const strategy = replaceStrategies[count++ % replaceStrategies.length]
    const outcome = await trial(lab, start, disturbances, { DESTINATION__REPLACE_STRATEGY: strategy })
    for (const hit of outcome.hits) hits[hit] = (hits[hit] ?? 0) + 1
    totals.kills += outcome.hits.length
    report(`${lab.name}: ${start.what}, ${disturbances.map(({ what }) => what).join(', then ')}`, outcome)
  }
  for (const one of killsAtSteps(lab)) await check(one)
  // A stage that has ended before its moment came was not killed: other moments are drawn, until N kills have landed.
  const wanted = totals.kills + Number(values.kills)
  for (let tries = 0; totals.kills < wanted && !stopping.signal.aborted; tries++) {
    if (tries > 10 * Number(values.kills)) throw new Error(`only ${totals.kills} of ${wanted} kills landed`)
    await check(killsAtRandom(lab, random))
  }
  for (const stage of ['extract', 'normalize', 'load']) {
    const own = Object.entries(hits).filter(([step]) => step.startsWith(`${stage}:`))
    const sum = own.reduce((total, [, number]) => total + number, 0)
    const places = own.map(([step, number]) => `${step.slice(stage.length + 1)} ${number}`)
    console.log(`${lab.name}: killed in ${stage} ${sum} times, behind ${places.join(', ')}`)
  }
}

/** Each fault once; it must have come to pass. */
async function disturb(lab, which) {
  const start = lab.starts.find(({ way, load }) => way === 'stage by stage' && load === 2)
  for (const fault of faultsOf(lab.engine, which)) {
    if (stopping.signal.aborted) return
    const outcome = await trial(lab, start, [fault])
    if (!outcome.hits.includes(fault.what)) outcome.problems.push(outcome.hits[0] ?? 'it did not come to pass')
    report(`${lab.name}: ${fault.what}`, outcome)
    for (const failure of outcome.failures) console.log(`       exit code 75: ${failure}`)
    if (outcome.failures.length === 0) console.log('       the run went on by itself')
  }
}

function report(what, { place, lost, doubled, wrongLoads, problems }) {
  totals.lost += lost
  totals.doubled += doubled
  totals.wrongLoads += wrongLoads
  if (problems.length > 0) totals.broken++
  const isGood = problems.length === 0
  console.log(`${isGood ? 'ok  ' : 'FAIL'} ${what}${isGood ? '' : `: ${problems.join('; ')} (${place})`}`)
}

function randomOf(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 0) / 4294967296
  }
}
