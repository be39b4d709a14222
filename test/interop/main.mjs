// npm run test:interop -- [--python <path>] [--engine duckdb,postgres] [--only <text>]
// Gantry and Python dlt take turns on the same working folders and datasets. Prints a line per case, what differs below
// it, and at the end `N passed, N failed`. Without --python or GANTRY_DLT_PYTHON, dlt is installed once in a cache folder.
import { parseArgs } from 'node:util'
import { startPostgres } from '../support/postgres.mjs'
import { testFolder } from '../support/gantry.mjs'
import { dispositionCases } from './cases/dispositions.mjs'
import { guideCases } from './cases/guide.mjs'
import { handOverCases } from './cases/hand-over.mjs'
import { lookCases } from './cases/look.mjs'
import { midLoadCases } from './cases/mid-load.mjs'
import { turnsCases } from './cases/turns.mjs'
import { DltProcess } from './dlt-process.mjs'
import { Place } from './place.mjs'
import { NoPython, pythonWithDlt } from './python.mjs'

const { values } = parseArgs({
  options: { python: { type: 'string' }, engine: { type: 'string' }, only: { type: 'string', default: '' } },
})
process.env.LOG_LEVEL ??= 'error'
const known = ['duckdb', 'postgres']
const engines = values.engine?.split(',') ?? known
const unknown = engines.filter((engine) => !known.includes(engine))
if (unknown.length > 0) fail(`There is no engine ${unknown.join(', ')}. Engines: ${known.join(', ')}.`)
const cases = [
  ...handOverCases,
  ...dispositionCases,
  ...turnsCases,
  ...midLoadCases,
  ...lookCases,
  ...guideCases,
].filter(({ name }) => name.includes(values.only))
if (cases.length === 0) fail(`There is no case like ${values.only}.`)

const python = findPython()
const server = engines.includes('postgres') ? await startPostgres() : undefined
if (server !== undefined) process.env.GANTRY_TEST_POSTGRES_URL = server.url
const count = { passed: 0, failed: 0 }
try {
  await Promise.all(engines.map(playOn))
} finally {
  await server?.stop()
}
console.log(`${count.passed} passed, ${count.failed} failed`)
process.exitCode = count.failed === 0 ? 0 : 1

/** The cases of an engine one after the other, beside those of others. */
async function playOn(engine) {
  const dlt = new DltProcess(python, await testFolder('interop-dlt'))
  try {
    for (const { name, play } of cases.filter((one) => one.engines?.includes(engine) ?? true)) {
      await judge(await Place.create(engine, dlt), `${engine}: ${name}`, play)
    }
  } finally {
    await dlt.close()
  }
}

async function judge(place, name, play) {
  const startedAtMs = performance.now()
  const problems = await play(place).catch((error) => [error.stack])
  count[problems.length === 0 ? 'passed' : 'failed']++
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1)
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`)
  for (const text of problems.slice(0, 12)) console.log(`     ${text.length > 700 ? `${text.slice(0, 700)}…` : text}`)
  // What a failing case leaves can be looked at.
  if (problems.length === 0) await place.close()
  else console.log(`     left in ${place.folder}`)
}

function findPython() {
  try {
    return pythonWithDlt(values.python ?? process.env.GANTRY_DLT_PYTHON)
  } catch (error) {
    if (!(error instanceof NoPython)) throw error
    return fail(error.message)
  }
}

function fail(message) {
  console.error(message)
  process.exit(2)
}
