// How CSV load files come into PostgreSQL: Gantry's engine beside psql's \copy, COPY from a file of the server, and the
// text and binary forms of the same rows. Needs psql and a server that may read the folder.
//
//   node bench/bench-postgres-copy.mjs postgres://user:password@host/db [--orders 400000] [--rounds 7]
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeOrders } from './data.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { Configuration } = await import('@gantry/common')
const { openPostgres } = await import(join(root, 'packages/load/dist/postgres-engine.js'))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { orders: { type: 'string', default: '400000' }, rounds: { type: 'string', default: '7' } },
})
const url = positionals[0]
const folder = mkdtempSync(join(tmpdir(), 'gantry-copy-'))
chmodSync(folder, 0o777)

const csv = makeCsv()
const rows = readFileSync(csv, 'latin1').split('\n').length - 2
const columns = [
  ['sku', 'text'],
  ['quantity', 'bigint'],
  ['price', 'double'],
  ['line', 'bigint'],
  ['_dlt_parent_id', 'text'],
  ['_dlt_list_idx', 'bigint'],
  ['_dlt_id', 'text'],
].map(([name, data_type]) => ({ name, data_type, nullable: true, unique: name === '_dlt_id' }))

const engine = await openPostgres({
  reference: { type: 'postgres', name: 'postgres', credentials: url },
  datasetName: 'public',
  stagingDatasetName: 'public_staging',
  pipelineName: 'bench',
  workingFolder: folder,
  localDir: folder,
  configuration: Configuration.ofEnvironment({}),
  access: 'load',
})
const connection = await engine.connect()
const table = { name: 'items', columns: new Map(columns.map((column) => [column.name, column])), hints: {} }
const forms = { text: join(folder, 'items.text'), binary: join(folder, 'items.binary') }
await fill(false)
await copyByEngine()
for (const [form, path] of Object.entries(forms)) psql(`\\copy items to '${path}' with (format ${form})`)

const ways = {
  'Gantry, csv': copyByEngine,
  'psql \\copy, csv': () => psql(`\\copy items from '${csv}' with (format csv, header)`),
  'psql \\copy, text': () => psql(`\\copy items from '${forms.text}' with (format text)`),
  'psql \\copy, binary': () => psql(`\\copy items from '${forms.binary}' with (format binary)`),
  "COPY FROM '/path', csv": () => connection.run(`COPY items FROM '${csv}' WITH (FORMAT csv, HEADER)`),
}
console.log(
  `${rows} rows, csv ${size(csv)}, text ${size(forms.text)}, binary ${size(forms.binary)}; medians of ${values.rounds}`,
)
for (const isIndexed of [false, true]) {
  const seconds = Object.fromEntries(Object.keys(ways).map((way) => [way, []]))
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [way, copy] of Object.entries(ways)) {
      await fill(isIndexed)
      await connection.run('CHECKPOINT')
      const startedMs = performance.now()
      await copy()
      seconds[way].push((performance.now() - startedMs) / 1000)
    }
  }
  console.log(isIndexed ? 'with a unique index' : 'without an index')
  const base = median(seconds['psql \\copy, csv'])
  for (const [way, list] of Object.entries(seconds)) {
    console.log(`  ${way.padEnd(24)} ${median(list).toFixed(2)} s  ${(median(list) / base).toFixed(2)}`)
  }
}
await connection.run('DROP TABLE items')
await engine[Symbol.asyncDispose]()
rmSync(folder, { recursive: true })

/** One file of all items, as normalize writes them. */
function makeCsv() {
  const input = join(folder, 'orders.jsonl')
  writeOrders(input, Number(values.orders))
  const env = { ...process.env, DLT_DATA_DIR: folder, LOG_LEVEL: 'warn' }
  const run = (stage, ...args) =>
    spawnSync(
      process.execPath,
      [join(root, `packages/${stage}/dist/bin.js`), ...args, '--pipeline-name', 'copy', '--destination', 'postgres'],
      { cwd: folder, env },
    )
  run('extract', input)
  run('normalize')
  const normalized = join(folder, 'pipelines/copy/load/normalized')
  const jobs = join(normalized, readdirSync(normalized)[0], 'new_jobs')
  const files = readdirSync(jobs).filter((name) => name.startsWith('orders__items.'))
  const path = join(folder, 'items.0000000000.0.csv')
  for (const [at, name] of files.toSorted().entries()) {
    const text = readFileSync(join(jobs, name))
    if (at === 0) writeFileSync(path, text)
    else appendFileSync(path, text.subarray(text.indexOf('\n') + 1))
  }
  return path
}

async function fill(isIndexed) {
  const list = columns.map((column) => {
    const constraint = isIndexed ? engine.dialect.constraintsOf(column) : ''
    return `"${column.name}" ${engine.dialect.typeOf(column)} ${constraint}`
  })
  await connection.run(`DROP TABLE IF EXISTS items`)
  await connection.run(`CREATE TABLE items (${list.join(', ')})`)
}

async function copyByEngine() {
  const name = { table: 'items', fileId: '0000000000', retry: 0, format: 'csv' }
  const job = { id: 'items.0000000000.csv', name, fileName: 'items.0000000000.0.csv', folder: 'new_jobs', path: csv }
  const count = await connection.transaction('copying', () =>
    connection.copy({ table, columns, jobs: [job], into: 'items' }),
  )
  if (count !== rows) throw new Error(`${count} rows instead of ${rows}`)
}

function psql(command) {
  const { status, stderr } = spawnSync('psql', ['-q', '-d', url, '-c', command], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

function median(list) {
  return list.toSorted((one, other) => one - other)[Math.floor(list.length / 2)]
}

function size(path) {
  return `${(statSync(path).size / 1e6).toFixed(0)} MB`
}
