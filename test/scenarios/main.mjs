// npm run test:scenarios -- [folder] [--engine duckdb,postgres,filesystem] [--only <glob or text>]
// Plays end-to-end scenarios (the form is in test/scenarios/vectors/README.md, the default folder) through the library as
// users have it, and holds what is there afterwards against what dlt left. Prints a line per file, failing cases with what
// differs, a summary by topic, and at the end `N passed, N failed`; N counts scenarios, once for each engine.
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../support/gantry.mjs'
import { play } from './play.mjs'
import { readScenarios } from './scenario.mjs'

const { values, positionals } = parseArgs({
  options: { engine: { type: 'string' }, only: { type: 'string' } },
  allowPositionals: true,
})
// The library keeps quiet about what is tested here.
process.env.LOG_LEVEL ??= 'error'

const known = ['duckdb', 'postgres', 'filesystem']
const engines = values.engine?.split(',') ?? known
const unknown = engines.filter((engine) => !known.includes(engine))
if (unknown.length > 0) fail(`There is no engine ${unknown.join(', ')}. Engines: ${known.join(', ')}.`)
if (values.engine === undefined && process.env.GANTRY_TEST_POSTGRES_URL === undefined) {
  engines.splice(engines.indexOf('postgres'), 1)
  console.log('GANTRY_TEST_POSTGRES_URL is not set: PostgreSQL is left out')
}
const folder = resolve(positionals[0] ?? join(root, 'test/scenarios/vectors'))
const scenarios = readScenarios(folder).filter(({ name }) => isWanted(name, values.only))
if (scenarios.length === 0) fail(`${folder} has no scenario${values.only === undefined ? '' : ` like ${values.only}`}.`)

const topics = new Map()
let passed = 0
let failed = 0
for (const scenario of scenarios) {
  const results = []
  for (const engine of engines.filter((one) => scenario.destinations.includes(one))) {
    const problems = await judge(scenario, engine)
    const topic = topics.get(scenario.topic) ?? { passed: 0, failed: 0 }
    topics.set(scenario.topic, topic)
    const isGood = problems.length === 0
    if (isGood) passed++
    else failed++
    topic[isGood ? 'passed' : 'failed']++
    results.push({ engine, problems })
  }
  if (results.length === 0) continue
  const line = results.map(({ engine, problems }) => `${engine} ${problems.length === 0 ? 'passed' : 'FAILED'}`)
  console.log(`${scenario.name}: ${line.join(', ')}`)
  for (const { engine, problems } of results) {
    for (const { step, key, text } of problems.slice(0, 12)) {
      console.log(`    ${engine}, step ${step}, ${key}: ${text.length > 600 ? `${text.slice(0, 600)}…` : text}`)
    }
  }
}
console.log('')
for (const [topic, counts] of topics) console.log(`${topic}: ${counts.passed} passed, ${counts.failed} failed`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

async function judge(scenario, engine) {
  try {
    return await play(scenario, engine)
  } catch (error) {
    return [{ step: '?', key: 'the runner', text: error.stack ?? String(error) }]
  }
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
