// npm run test:crash -- [--kills N] [--seed S] [--engine duckdb,postgres]
// SIGKILLs real stage processes, at every durable step and N times at random moments, gives the same
// command again until it ends well, and compares the database with one that nobody disturbed.
import { parseArgs } from 'node:util'
import { engines } from './engines.mjs'
import { killsAtRandom, killsAtSteps } from './kills.mjs'
import { openLab, trial } from './lab.mjs'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'duckdb' },
  },
})
const totals = { kills: 0, lost: 0, doubled: 0, wrongLoads: 0, broken: 0 }

for (const name of values.engine.split(',')) {
  const open = engines[name]
  if (open === undefined) throw new Error(`--engine takes ${Object.keys(engines).join(', ')}, not "${name}".`)
  const lab = await openLab(name, await open())
  try {
    await kill(lab)
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
  const check = async ({ start, disturbances }, from) => {
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
  for (let tries = 0; totals.kills < wanted; tries++) {
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
