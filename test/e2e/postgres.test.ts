import { join } from 'node:path'
import { DateValue, Double, parseDecimal, parseJson, Timestamp, TimeValue, Wei } from '@gantry/common'
import { destinations, pipeline } from 'gantry'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { root, run, testFolder } from '../support/gantry.mjs'
import { startPostgres, type TestPostgres } from '../support/postgres.mjs'

const events = join(root, 'examples/github-events/github_events.json')

let server: TestPostgres
let client: Client
beforeAll(async () => {
  server = await startPostgres()
  client = new Client(server.url)
  await client.connect()
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await client.end()
  await server.stop()
})

async function rowsOf(sql: string): Promise<unknown[][]> {
  return (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows
}

let serial = 0

function newDataset(): string {
  return `e2e_${process.pid}_${++serial}`
}

it('takes a package as any destination does: run, run again, replace', async () => {
  const home = await testFolder('postgres')
  const dataset = newDataset()
  const env = { DESTINATION__POSTGRES__CREDENTIALS: server.url }
  const flags = ['--table', 'events', '--destination', 'postgres', '--dataset-name', dataset]
  const first = await run('gantry', ['run', events, ...flags], home, { env })
  expect(first.code, first.stderr).toBe(0)
  expect(first.stdout).toMatch(/The postgres destination used postgres:\/\/gantry:\*\*\*@\S+ location to store data/)
  const [[count]] = (await rowsOf(`SELECT count(*)::int FROM ${dataset}.events`)) as [[number]]
  expect(count).toBeGreaterThan(20)
  expect((await run('gantry', ['run', events, ...flags], home, { env })).code).toBe(0)
  expect(await rowsOf(`SELECT count(*)::int FROM ${dataset}.events`)).toEqual([[2 * count]])
  const replaced = await run('gantry', ['run', events, ...flags, '--write-disposition', 'replace'], home, { env })
  expect(replaced.code, replaced.stderr).toBe(0)
  expect(await rowsOf(`SELECT count(*)::int FROM ${dataset}.events`)).toEqual([[count]])
  expect(await rowsOf(`SELECT count(*)::int FROM ${dataset}._dlt_loads`)).toEqual([[3]])
  // dlt makes a unique index for row ids.
  const indexes = `SELECT count(*)::int FROM pg_indexes WHERE schemaname = '${dataset}' AND tablename = 'events' AND indexdef LIKE 'CREATE UNIQUE INDEX%(_dlt_id)'`
  expect(await rowsOf(indexes)).toEqual([[1]])
})

it('says what is missing where no credentials are, and keeps what is pending', async () => {
  const home = await testFolder('postgres-none')
  const { code, stderr } = await run('gantry', ['run', events, '--table', 'events', '--destination', 'postgres'], home)
  expect(code).toBe(2)
  expect(stderr).toContain('DESTINATION__POSTGRES__CREDENTIALS__HOST')
  const later = { DESTINATION__POSTGRES__CREDENTIALS: server.url }
  const dataset = newDataset()
  const loaded = await run('gantry', ['load', '--dataset-name', dataset], home, { env: later })
  expect(loaded.code, loaded.stderr).toBe(0)
})

it('has a password that is wrong: exit code 2, and the package stays', async () => {
  const home = await testFolder('postgres-password')
  const url = new URL(server.url)
  url.password = 'not-this-one'
  const flags = ['--table', 'events', '--destination', 'postgres', '--dataset-name', newDataset()]
  const env = { DESTINATION__POSTGRES__CREDENTIALS: url.href }
  const wrong = await run('gantry', ['run', events, ...flags], home, { env })
  expect(wrong.code, wrong.stderr).toBe(2)
  expect(wrong.stdout + wrong.stderr).not.toContain('not-this-one')
  const right = { DESTINATION__POSTGRES__CREDENTIALS: server.url }
  const loaded = await run('gantry', ['load'], home, { env: right })
  expect(loaded.code, loaded.stderr).toBe(0)
})

const ugly = [
  '',
  ' ',
  'NULL',
  '\\N',
  '\\.',
  'a\n\\.\nb',
  '"',
  '""',
  "'",
  '\\',
  '\r\n',
  '\t',
  ',',
  "'),('",
  '\ufeffé',
  '😀',
]

const rows = [
  {
    n: 1,
    truth: true,
    small: -128,
    integer: 9007199254740993n,
    wei: new Wei(10n ** 38n - 1n),
    ratio: 0.30000000000000004,
    whole: new Double(1),
    price: parseDecimal('12345678901234567890123456789.123456789'),
    at: new Timestamp(19_000, 1, 0),
    wall: new Timestamp(0, 86_399_999_999),
    day: new DateValue(2_932_896),
    time: new TimeValue(1),
    bytes: new Uint8Array([0, 255, 39, 92, 10]),
    doc: parseJson('["it\'s \\"\\\\ \\n",2.5,null,true,9007199254740993]'),
    tags: ['a', "'b'", '),\n('],
  },
  { n: 2, integer: -(2n ** 63n), ratio: 5e-324, price: parseDecimal('-0.000000001'), bytes: new Uint8Array() },
  ...ugly.map((text, at) => ({ n: 10 + at, text, tags: [text], ratio: 1 / (at + 3) })),
]

const columns = {
  doc: { dataType: 'json' },
  wall: { dataType: 'timestamp', timezone: false },
  small: { dataType: 'bigint', precision: 16 },
} as const

it.each(['csv', 'insert_values'] as const)('gives the same values as DuckDB, by files of %s', async (format) => {
  const home = await testFolder(`postgres-values-${format}`)
  const read = async (destination: ReturnType<typeof destinations.postgres>): Promise<unknown[]> => {
    const name = `values_${destination.type}`
    const p = pipeline({ pipelineName: name, pipelinesDir: home, destination, datasetName: newDataset() })
    await p.run(rows, { tableName: 't', columns, loaderFileFormat: format })
    const found: unknown[] = []
    for (const table of ['t', 't__tags']) {
      for await (const row of p.dataset().table(table).rows({ exact: true })) {
        const { _dlt_id, _dlt_load_id, _dlt_parent_id, doc, ...data } = row as Record<string, unknown>
        // Each engine has spaces of its own between what json is made of.
        found.push({ ...data, ...(typeof doc === 'string' ? { doc: doc.replaceAll(/([[,]) /g, '$1') } : { doc }) })
      }
    }
    return found.toSorted((one, other) => (text(one) < text(other) ? -1 : 1))
  }
  const ours = await read(destinations.postgres(server.url))
  expect(ours).toEqual(await read(destinations.duckdb(join(home, 'values.duckdb'))))
  expect(ours.length).toBe(rows.length + 3 + ugly.length)
})

function text(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
}
