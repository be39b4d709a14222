// npm run test:scenarios -- [folder] [--engine duckdb,postgres,filesystem] [--only <glob or text>]
// Plays end-to-end scenarios (the form is in test/scenarios/vectors/README.md, the default folder) through the library as
// users have it, and holds what is there afterwards against what dlt left. Prints a line per file, failing cases with what
// differs, a summary by topic, and at the end `N passed, N failed`; N counts scenarios, once for each engine. Those that ask
// for what the library does not have yet are skipped aloud. PostgreSQL is the server of GANTRY_TEST_POSTGRES_URL, else one of
// the run's own.
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../support/gantry.mjs'
import { startPostgres } from '../support/postgres.mjs'
import { readScenarios } from './scenario.mjs'
import { playAll } from './workers.mjs'

const { values, positionals } = parseArgs({
  options: { engine: { type: 'string' }, only: { type: 'string' } },
  allowPositionals: true,
})
const known = ['duckdb', 'postgres', 'filesystem']
const engines = values.engine?.split(',') ?? known
const unknown = engines.filter((engine) => !known.includes(engine))
if (unknown.length > 0) fail(`There is no engine ${unknown.join(', ')}. Engines: ${known.join(', ')}.`)
const folder = resolve(positionals[0] ?? join(root, 'test/scenarios/vectors'))
const scenarios = readScenarios(folder).filter(({ name }) => isWanted(name, values.only))
if (scenarios.length === 0) fail(`${folder} has no scenario${values.only === undefined ? '' : ` like ${values.only}`}.`)

const tasks = scenarios.flatMap((scenario) =>
  engines.filter((one) => scenario.destinations.includes(one)).map((engine) => ({ scenario, engine })),
)
const server = engines.includes('postgres') ? await startPostgres() : undefined
const topics = new Map()
const totals = { passed: 0, failed: 0, skipped: 0 }
const results = new Map()
let printed = 0
try {
  if (server !== undefined) process.env.GANTRY_TEST_POSTGRES_URL = server.url
  // A scenario waits for disk and database most of the time.
  await playAll(tasks, 2 * availableParallelism(), (number, result) => {
    results.set(number, result)
    // In the order of their names, whoever ends first.
    while (isThrough(printed)) printed = printScenario(printed)
  })
} finally {
  await server?.stop()
}
console.log('')
for (const [topic, counts] of topics) console.log(`${topic}: ${countsText(counts)}`)
if (totals.skipped > 0) console.log(`${totals.skipped} skipped: they ask for what the library does not have yet`)
console.log(`${totals.passed} passed, ${totals.failed} failed`)
process.exitCode = totals.failed === 0 ? 0 : 1

/** Numbers of the tasks of a scenario, one for each engine, the first given. */
function tasksFrom(first) {
  const end = tasks.findLastIndex(({ scenario }) => scenario === tasks[first]?.scenario) + 1
  return Array.from({ length: end - first }, (_, at) => first + at)
}

function isThrough(first) {
  return first < tasks.length && tasksFrom(first).every((number) => results.has(number))
}

/** Prints what came of a scenario. @returns the number of the next one's first task */
function printScenario(first) {
  const { scenario } = tasks[first]
  const numbers = tasksFrom(first)
  const counts = topics.get(scenario.topic) ?? { passed: 0, failed: 0, skipped: 0 }
  topics.set(scenario.topic, counts)
  const ended = numbers.map((number) => ({ engine: tasks[number].engine, ...results.get(number) }))
  const line = ended.map(({ engine, problems, notYet }) => {
    const ending = notYet !== undefined ? 'skipped' : problems.length === 0 ? 'passed' : 'failed'
    counts[ending]++
    totals[ending]++
    return `${engine} ${ending === 'failed' ? 'FAILED' : ending}${notYet === undefined ? '' : ` (${notYet})`}`
  })
  console.log(`${scenario.name}: ${line.join(', ')}`)
  for (const { engine, problems } of ended) {
    for (const { step, key, text } of problems.slice(0, 12)) {
      console.log(`    ${engine}, step ${step}, ${key}: ${text.length > 600 ? `${text.slice(0, 600)}…` : text}`)
    }
  }
  return first + numbers.length
}

function countsText({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`
}

function isWanted(name, only) {
  if (only === undefined) return true
  if (!only.includes('*')) return name.includes(only)
  const pattern = only.split('*').map((part) => part.replaceAll(/[\\^$.+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${pattern.join('.*')}$`).test(name)
}

function fail(message) {
  console.error(message)
  process.exit(2)
}
