import { differencesOf } from '../differences.mjs'
import { shop } from '../rows.mjs'

/*
 * One implementation begins a run, the other one finishes it; a copy of the same folder is finished by the one that began.
 * Twice in a row: the second run meets tables, and brings columns and variants that are new.
 */

export const handOver = {
  'dlt loads what Gantry normalized': (place) => handOverAt('load', place, 'gantry', 'dlt'),
  'dlt normalizes and loads what Gantry extracted': (place) => handOverAt('normalize', place, 'gantry', 'dlt'),
  'Gantry loads what dlt normalized': (place) => handOverAt('load', place, 'dlt', 'gantry'),
  'Gantry normalizes and loads what dlt extracted': (place) => handOverAt('normalize', place, 'dlt', 'gantry'),
}

async function handOverAt(stage, place, beginner, finisher) {
  const problems = []
  const before = stage === 'load' ? ['normalize'] : []
  const after = stage === 'load' ? ['load'] : ['normalize', 'load']
  for (const [at, { run }] of shop.entries()) {
    await place[beginner]({ stage: 'extract', run })
    for (const step of before) await place[beginner]({ stage: step })
    const undisturbed = await place.copy()
    for (const step of after) {
      await undisturbed[beginner]({ stage: step })
      await place[finisher]({ stage: step })
    }
    const ids = stage === 'load' ? 'same' : 'linked'
    const found = differencesOf(await undisturbed.inspect(), await place.inspect(), { ids })
    problems.push(...found.map((text) => `run ${at + 1}: ${text}`))
  }
  return problems
}
