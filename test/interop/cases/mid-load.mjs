import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DltFailed } from '../dlt-process.mjs'
import { differencesOf } from '../differences.mjs'
import { shop } from '../rows.mjs'
import { dispositionStep } from './dispositions.mjs'

/* Gantry finishes what dlt has begun to load and did not end, with what a load that nobody disturbed would have brought. */

export const midLoadCases = [
  {
    name: 'Gantry loads its package after dlt, which got no answer from the destination',
    play: (place) => finish(place, 'gantry', { action: 'load_until_retry' }),
  },
  {
    name: 'Gantry finishes the load of its package in whose midst dlt was killed',
    play: (place) => finish(place, 'gantry', { action: 'load_until_killed', given: { jobs: 3 } }),
  },
  {
    name: 'Gantry finishes the load of a package of dlt in whose midst dlt was killed',
    play: (place) => finish(place, 'dlt', { action: 'load_until_killed', given: { jobs: 3 } }),
  },
  {
    name: 'Gantry finishes the load in which dlt was killed while it merged',
    play: finishMerges,
  },
]

/** Append: a file that is loaded twice would double its rows. */
async function finish(place, maker, { action, given }) {
  const [first, second] = shop
  await place[maker](first)
  await place[maker]({ ...second, stage: 'extract' })
  await place[maker]({ stage: 'normalize' })
  return judge(place, action, given)
}

/** Merges and replaces: after more and more files, until all of them were taken and the merges have begun. */
async function finishMerges(place) {
  const problems = []
  const tables = ['replaced', 'merged_by_key', 'upserted', 'added']
  await place.gantry(dispositionStep(1, tables))
  await place.gantry({ stage: 'extract', ...dispositionStep(2, tables) })
  await place.gantry({ stage: 'normalize' })
  const files = readdirSync(join(place.workingDir, 'load/normalized', loadIdOf(place), 'new_jobs')).length
  for (const jobs of [5, files + 1]) {
    const copy = await place.copy()
    const found = await judge(copy, 'load_until_killed', { jobs })
    problems.push(...found.map((text) => `killed after ${jobs} of ${files} files: ${text}`))
  }
  return problems
}

function loadIdOf({ workingDir }) {
  return readdirSync(join(workingDir, 'load/normalized'))[0]
}

/** @param action  of dlt, which fails */
async function judge(place, action, given) {
  const undisturbed = await place.copy()
  await undisturbed.gantry({ stage: 'load' })
  const error = await place.askDlt(action, given).catch((thrown) => thrown)
  if (!(error instanceof DltFailed)) throw error instanceof Error ? error : new Error(`dlt ended by itself: ${error}`)
  await place.gantry({ stage: 'load' })
  return differencesOf(await undisturbed.inspect(), await place.inspect())
}
