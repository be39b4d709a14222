import { cp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { destinations, pipeline } from 'gantry'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { run, testFolder, type Ended } from '../support/gantry.mjs'
import { startPostgres, type TestPostgres } from '../support/postgres.mjs'

let server: TestPostgres
let client: Client
beforeAll(async () => {
  server = await startPostgres()
  client = new Client(server.url)
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await server.stop()
})

let serial = 0
let dataset: string
let home: string
beforeEach(async () => {
  dataset = `together_${process.pid}_${++serial}`
  home = await testFolder('together')
})

function gantry(args: readonly string[], folder = home, env: Record<string, string> = {}): Promise<Ended> {
  return run('gantry', args, folder, {
    env: {
      DESTINATION__POSTGRES__CREDENTIALS: server.url,
      DESTINATION_TYPE: 'postgres',
      DATASET_NAME: dataset,
      ...env,
    },
  })
}

async function well(ended: Promise<Ended>): Promise<void> {
  const { code, stderr } = await ended
  expect(code, stderr).toBe(0)
}

async function rowsOf(sql: string): Promise<unknown[][]> {
  const text = sql.replaceAll('ds.', `${dataset}.`)
  return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows
}

const isWaiting = async (count = 1): Promise<boolean> =>
  ((await client.query('SELECT 1 FROM pg_locks WHERE NOT granted')).rowCount ?? 0) >= count

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

it('a deadlock with another session is tried again', async () => {
  const p = pipeline({
    pipelineName: 'deadlock',
    pipelinesDir: home,
    destination: destinations.postgres(server.url),
    datasetName: dataset,
  })
  const columns = { id: { dataType: 'bigint', unique: true } } as const
  await p.run([{ id: 0 }], { tableName: 't', columns })
  const other = new Client(server.url)
  await other.connect()
  try {
    // Who has waited for longer than this looks for a deadlock, and is the one to give way.
    await other.query(`SET deadlock_timeout = '1min'; BEGIN`)
    const insert = (id: number): string =>
      `INSERT INTO ${dataset}.t (id, _dlt_load_id, _dlt_id) VALUES (${id}, 'other', 'other ${id}')`
    await other.query(insert(2))
    const loading = p.run([{ id: 1 }, { id: 2 }], { tableName: 't', columns })
    await until(isWaiting)
    await other.query(insert(1))
    await other.query('ROLLBACK')
    expect(String(await loading)).toContain('LOADED and contains no failed jobs')
  } finally {
    await other.end()
  }
  expect(await rowsOf('SELECT id::int FROM ds.t ORDER BY id')).toEqual([[0], [1], [2]])
  const [, loaded] = (await readdir(join(home, 'deadlock/load/loaded'))).toSorted()
  const [file] = await readdir(join(home, 'deadlock/load/loaded', String(loaded), 'completed_jobs'))
  // The attempt that was given up is counted in the file's name.
  expect(file).toMatch(/^t\.[0-9a-f]{10}\.1\.csv/)
})

it('of two machines that load copies of one package at once, one brings the rows', async () => {
  await writeFile(join(home, 't.jsonl'), '{"id":1}\n{"id":2}\n')
  await well(gantry(['extract', 't.jsonl']))
  await well(gantry(['normalize']))
  const copy = await testFolder('together-copy')
  await cp(home, copy, { recursive: true })
  const both = await Promise.all([gantry(['load']), gantry(['load'], copy)])
  // The second comes while the first is at work, or after it.
  expect(
    both.some(({ code }) => code === 0),
    both.map(({ stderr }) => stderr).join('\n'),
  ).toBe(true)
  for (const folder of [home, copy]) await well(gantry(['load'], folder))
  expect(await rowsOf('SELECT id::int FROM ds.t ORDER BY id')).toEqual([[1], [2]])
  expect(await rowsOf('SELECT count(*)::int FROM ds._dlt_loads')).toEqual([[1]])
})

it('two pipelines load to one dataset at once, new tables and merges included', async () => {
  const loads = ['one', 'two'].map(async (name) => {
    const folder = await testFolder(`together-${name}`)
    await writeFile(join(folder, 'rows.jsonl'), `{"id":1,"by":"${name}","tags":[1,2]}\n`)
    const flags = ['rows.jsonl', '--pipeline-name', name, '--write-disposition', 'merge', '--primary-key', 'id']
    for (let round = 0; round < 3; round++) {
      let ended = await gantry(['run', ...flags, '--table', `of_${name}`], folder)
      // Who finds the tables being changed by the other may be told to come again.
      while (ended.code === 75) ended = await gantry(['load', '--pipeline-name', name], folder)
      expect(ended.code, ended.stderr).toBe(0)
    }
  })
  await Promise.all(loads)
  for (const name of ['one', 'two']) {
    expect(await rowsOf(`SELECT id::int, by FROM ds.of_${name}`)).toEqual([[1, name]])
    expect(await rowsOf(`SELECT value::int FROM ds.of_${name}__tags ORDER BY value`)).toEqual([[1], [2]])
  }
  expect(await rowsOf('SELECT count(*)::int FROM ds._dlt_loads')).toEqual([[6]])
})

describe('staging tables that a killed load has left', () => {
  const merge = ['--write-disposition', 'merge', '--primary-key', 'id']
  const staging = (): Promise<unknown[][]> =>
    rowsOf(`SELECT table_name FROM information_schema.tables WHERE table_schema = '${dataset}_staging' ORDER BY 1`)

  async function killed(name: string): Promise<void> {
    await writeFile(join(home, `${name}.jsonl`), '{"id":1}\n')
    const { code } = await gantry(['run', `${name}.jsonl`, '--pipeline-name', name, ...merge], home, {
      GANTRY_CRASH_AT: 'load:staged',
    })
    expect(code).toBe(75)
  }

  async function giveUp(name: string): Promise<void> {
    const place = join(home, 'pipelines', name, 'load/normalized')
    for (const loadId of await readdir(place)) await rm(join(place, loadId), { recursive: true })
  }

  it('go with the next load of the pipeline once the package is given up; those of others stay', async () => {
    await killed('mine')
    await killed('other')
    expect(await staging()).toHaveLength(2)
    await client.query(`CREATE TABLE ${dataset}_staging.mine_0123456789 (id bigint)`)
    await giveUp('mine')
    await well(gantry(['run', 'mine.jsonl', '--pipeline-name', 'mine', ...merge]))
    expect(await staging()).toEqual([['mine_0123456789'], [expect.stringMatching(/^other_[0-9a-f]{10}$/)]])
    await well(gantry(['load', '--pipeline-name', 'other']))
    expect(await staging()).toEqual([['mine_0123456789']])
    for (const table of ['mine', 'other']) expect(await rowsOf(`SELECT id::int FROM ds.${table}`)).toEqual([[1]])
  })

  it('stay while another process is at that load', async () => {
    await killed('mine')
    const copy = await testFolder('together-copy')
    await cp(home, copy, { recursive: true })
    await client.query(`BEGIN; LOCK TABLE ${dataset}.mine IN SHARE ROW EXCLUSIVE MODE`)
    const loading = gantry(['load', '--pipeline-name', 'mine'], copy)
    await until(isWaiting)
    await giveUp('mine')
    await writeFile(join(home, 'more.jsonl'), '{"id":7}\n')
    await well(gantry(['run', 'more.jsonl', '--pipeline-name', 'mine', ...merge]))
    expect(await staging()).toHaveLength(1)
    await client.query('ROLLBACK')
    await well(loading)
    expect(await staging()).toEqual([])
    expect(await rowsOf('SELECT id::int FROM ds.mine')).toEqual([[1]])
  })
})
