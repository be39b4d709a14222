// Loads real GitHub events through the three stages, each in a process of its own, into a DuckDB file, and shows what
// came out.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const home = join(root, '.gantry-data')
const gantry = join(root, 'packages/pipeline/dist/bin.js')
const input = join('examples', 'github-events', 'github_events.json')
mkdirSync(home, { recursive: true })
const env = { ...process.env, DLT_DATA_DIR: home, DLT_LOCAL_DIR: home, LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' }

const command = ['run', input, '--table', 'events', '--pipeline-name', 'quickstart']
console.log(`$ gantry ${command.join(' ')}\n`)
const before = await counts()
const { status, stdout } = spawnSync(process.execPath, [gantry, ...command, '--json', '--progress', 'off'], {
  cwd: root,
  env,
  encoding: 'utf8',
  stdio: ['inherit', 'pipe', 'inherit'],
})
if (status !== 0) process.exit(status ?? 1)

const info = JSON.parse(stdout)
console.log('Each stage ran in a process of its own:')
for (const { stage, pid, seconds } of info.stages) {
  console.log(`  ${stage.padEnd(10)} pid ${String(pid).padEnd(8)} ${seconds.toFixed(2)} s`)
}

const load = (await import('../packages/common/dist/index.js')).durationText(
  (Date.parse(info.finished_at) - Date.parse(info.started_at)) / 1000,
)
console.log(`\nPipeline quickstart load step completed in ${load}`)
console.log(
  `${info.load_packages.length} load package(s) were loaded to destination ${info.destination_name} and into dataset ${info.dataset_name}`,
)
console.log(
  `The ${info.destination_name} destination used ${info.destination_displayable_credentials} location to store data`,
)
for (const { load_id, state } of info.load_packages)
  console.log(`Load package ${load_id} is ${state.toUpperCase()} and contains no failed jobs`)

const after = await counts()
console.log('\nTables and their rows:')
for (const [table, rows] of after) {
  const earlier = before.get(table)
  console.log(
    `  ${table.padEnd(28)}${String(rows).padStart(6)}${earlier === undefined ? '' : `   (${earlier} before)`}`,
  )
}
if (info.skipped) {
  console.log(
    '\nAn earlier run was interrupted: its package was finished, the file was not loaded again. Run this once more.',
  )
} else if (before.size > 0) {
  console.log(
    '\nThe rows were appended to those of the call before: append is the default, and Gantry cannot know that they',
  )
  console.log('are the same. Add --write-disposition replace to put the new rows in place of the old ones.')
}

console.log('\nA few events:')
const dataset = await openDataset()
let shown = 0
for await (const row of dataset.table('events').rows()) {
  console.log(
    `  ${row.created_at.toISOString()}  ${String(row.event).padEnd(20)} ${row.actor__login} on #${row.issue__number} ${row.issue__title}`,
  )
  if (++shown === 3) break
}

const database = relative(root, join(home, 'quickstart.duckdb'))
console.log(`
What to try next:
  export DLT_DATA_DIR=$PWD/.gantry-data DLT_LOCAL_DIR=$PWD/.gantry-data
  npx gantry run ${input} --table events --pipeline-name quickstart --write-disposition replace
  npx gantry run --help
  The stages one by one: docs/stages.md
  The database is ${database}; the packages are in ${relative(root, join(home, 'pipelines', 'quickstart'))}.`)

/** Rows by table; empty before the first call. */
async function counts() {
  const dataset = await openDataset()
  const rows = new Map()
  let names
  try {
    names = await dataset.tableNames()
  } catch {
    return rows
  }
  for (const name of names) {
    let count = 0
    for await (const _ of dataset.table(name).rows()) count++
    rows.set(name, count)
  }
  return rows
}

async function openDataset() {
  Object.assign(process.env, { DLT_DATA_DIR: home, DLT_LOCAL_DIR: home })
  const { pipeline } = await import('../packages/pipeline/dist/index.js')
  return pipeline({ pipelineName: 'quickstart' }).dataset()
}
