import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { stableText } from '../../scenarios/forest.mjs'
import { shop } from '../rows.mjs'

/* Each looks into what the other has left: by the library into the dataset, by the command line into the working folder. */

export const lookCases = [
  {
    name: 'dlt reads the dataset that Gantry wrote, attached to its folder',
    play: (place) => lookByDlt(place, 'here'),
  },
  {
    name: 'dlt reads the dataset that Gantry wrote, from a fresh folder',
    play: (place) => lookByDlt(place, 'elsewhere'),
  },
  { name: 'Gantry reads the dataset that dlt wrote, from a fresh folder', play: lookByGantry },
  // These know nothing of the destination.
  { name: 'the command `dlt pipeline` looks into a folder of Gantry', engines: ['duckdb'], play: dltCommands },
  { name: 'the command `gantry pipeline` looks into a folder of dlt', engines: ['duckdb'], play: gantryCommands },
]

async function lookByDlt(place, where) {
  const [{ run }] = shop
  await place.gantry({ run })
  const here = where === 'here' ? place : await place.elsewhere()
  const { dataset, schemas } = await place.inspect()
  const { rows, hash, pending, loaded } = await here.askDlt('look', {}, 'attach')
  const counts = Object.entries(dataset.tables).map(([name, table]) => [name, table.rows.length])
  return [
    ...same('rows', Object.fromEntries(counts), rows),
    ...same('hash of the schema', schemas.shop.version_hash, hash),
    ...same('pending', false, pending),
    ...same('loaded packages', where === 'here' ? 1 : 0, loaded.length),
  ]
}

async function lookByGantry(place) {
  const [{ run }] = shop
  await place.dlt({ run })
  const { dataset, schemas } = await place.inspect()
  const pipeline = (await place.elsewhere()).pipeline()
  await pipeline.sync()
  const counts = {}
  for (const name of Object.keys(dataset.tables)) {
    counts[name] = 0
    for await (const _ of pipeline.dataset().table(name).rows()) counts[name]++
  }
  const expected = Object.entries(dataset.tables).map(([name, table]) => [name, table.rows.length])
  return [
    ...same('rows', Object.fromEntries(expected), counts),
    ...same('hash of the schema', schemas.shop.version_hash, pipeline.defaultSchema.version_hash),
  ]
}

async function dltCommands(place) {
  const { loadId } = await leavePackages(place, 'gantry')
  const problems = await judgeCommands([
    [() => place.dltCommand(['info']), [place.pipelineName, loadId, '1 extracted packages', '1 normalized packages']],
    [() => place.dltCommand(['load-package', loadId]), [loadId, 'orders__items']],
    [() => place.dltCommand(['schema']), ['orders__items']],
    // Asks before it drops anything, and nobody answers.
    [() => place.dltCommand(['drop', 'orders']), ['orders', 'About to drop']],
  ])
  const dropped = await place.askDlt('drop_pending')
  return [...problems, ...same('pending packages of which dlt removes all', 0, dropped)]
}

async function gantryCommands(place) {
  const { loadId, waiting } = await leavePackages(place, 'dlt')
  const problems = await judgeCommands([
    [() => place.gantryCommand(['info']), [place.pipelineName, loadId, ...waiting]],
    [() => place.gantryCommand(['trace']), ['no trace']],
    [() => place.gantryCommand(['load-package', loadId]), [loadId, 'orders__items']],
    [() => place.gantryCommand(['failed-jobs']), ['no failed jobs']],
  ])
  problems.push(...(await judgeCommands([[() => place.gantryCommand(['drop-pending-packages']), waiting]])))
  const { pending } = await place.inspect()
  return [...problems, ...same('pending', { extracted: 0, normalized: 0 }, pending)]
}

/** Two packages that are loaded, one that is normalized, and one that is extracted. */
async function leavePackages(place, maker) {
  const [first, second] = shop
  await place[maker](first)
  await place[maker](second)
  const { dataset } = await place.inspect()
  await place[maker]({ stage: 'extract', ...second })
  await place[maker]({ stage: 'normalize' })
  await place[maker]({ stage: 'extract', ...second })
  const waiting = ['load/normalized', 'normalize/extracted'].flatMap((name) =>
    readdirSync(join(place.workingDir, name)),
  )
  const loadId = dataset.dltTables._dlt_loads.rows
    .map((row) => row.load_id)
    .toSorted()
    .at(-1)
  return { loadId, waiting }
}

/** Each command has to go well, and to print some words. */
async function judgeCommands(commands) {
  const judged = commands.map(async ([command, words]) => {
    const { code, output } = await command()
    const missing = words.filter((word) => !output.includes(word))
    return code === 0 && missing.length === 0
      ? []
      : [`${command}: exit code ${code}, without "${missing.join('", "')}": ${output.slice(-400)}`]
  })
  return (await Promise.all(judged)).flat()
}

function same(what, wanted, found) {
  return stableText(wanted) === stableText(found)
    ? []
    : [`${what}: expected ${stableText(wanted)}, found ${stableText(found)}`]
}
