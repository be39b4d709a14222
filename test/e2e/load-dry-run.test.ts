import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { query } from '../support/duckdb.mjs'
import { run, testFolder, type Ended } from '../support/gantry.mjs'
import { startPostgres, type TestPostgres } from '../support/postgres.mjs'

interface Plan {
  readonly packages: readonly {
    readonly loadId: string
    readonly isLoaded: boolean
    readonly tables: readonly { readonly name: string; readonly strategy: string; readonly jobs: readonly object[] }[]
    readonly newColumns: Readonly<Record<string, readonly string[]>>
    readonly statements: readonly string[]
  }[]
}

let home: string
let server: TestPostgres
let client: Client
beforeAll(async () => {
  home = await testFolder('dry-run')
  server = await startPostgres()
  client = new Client(server.url)
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await server.stop()
  await rm(home, { recursive: true, force: true })
})

/** Everything below a folder: paths, times of change, contents. */
function contentOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const { mtimeMs } = statSync(join(folder, name))
      const isFile = statSync(join(folder, name)).isFile()
      const hash = isFile
        ? createHash('sha256')
            .update(readFileSync(join(folder, name)))
            .digest('hex')
        : 'folder'
      return `${name} ${mtimeMs} ${hash}`
    })
}

describe.each(['duckdb', 'postgres'])('gantry load --dry-run on %s', (engine) => {
  const dataset = `dry_${engine}_${process.pid}`
  const file = (): string => join(home, 'dry.duckdb')
  const env = (): Record<string, string> => ({
    DLT_DATA_DIR: join(home, engine),
    DESTINATION__DUCKDB__CREDENTIALS: file(),
    DESTINATION__POSTGRES__CREDENTIALS: server.url,
    DATASET_NAME: dataset,
  })
  const flags = ['--pipeline-name', 'dry', '--destination', engine]

  async function gantry(...args: string[]): Promise<Ended> {
    const ended = await run('gantry', [...args, ...flags], home, { env: env() })
    expect(ended.code, ended.stderr).toBe(0)
    return ended
  }

  async function normalized(rows: readonly object[], ...hints: string[]): Promise<void> {
    await writeFile(join(home, 'orders.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'))
    await gantry('extract', 'orders.jsonl', '--table', 'orders', ...hints)
    await gantry('normalize')
  }

  async function plan(): Promise<Plan> {
    return JSON.parse((await gantry('load', '--dry-run', '--json')).stdout) as Plan
  }

  /** What is at the destination, as far as a load could change it. */
  async function destination(): Promise<unknown> {
    if (engine === 'duckdb') return existsSync(file()) ? [statSync(file()).mtimeMs, statSync(file()).size] : 'no file'
    const { rows } = await client.query<{ text: string }>(
      `SELECT concat_ws(' ', n.nspname, c.relname, a.attname, c.xmin) AS text FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid ` +
        `LEFT JOIN pg_attribute a ON a.attrelid = c.oid WHERE n.nspname LIKE '${dataset}%' ORDER BY 1`,
    )
    return rows.map(({ text }) => text)
  }

  async function unchanged(work: () => Promise<void>): Promise<void> {
    const before = [contentOf(join(home, engine)), await destination()]
    await work()
    expect([contentOf(join(home, engine)), await destination()]).toEqual(before)
  }

  it('says what a load would do, package after package, and writes nothing', async () => {
    await normalized([{ id: 1, lines: [{ sku: 'a' }] }])
    await normalized(
      [{ id: 2, note: 'x', lines: [{ sku: 'b' }] }],
      '--write-disposition',
      'merge',
      '--primary-key',
      'id',
    )
    await unchanged(async () => {
      const { packages } = await plan()
      const [first, second] = packages
      expect(first?.tables).toMatchObject([
        { name: 'orders', strategy: 'append', jobs: [{ rows: 1 }] },
        { name: 'orders__lines', strategy: 'append', jobs: [{ rows: 1 }] },
        { name: '_dlt_pipeline_state', strategy: 'append', jobs: [{ rows: 1 }] },
      ])
      expect(first?.statements.filter((sql) => sql.startsWith('CREATE TABLE'))).toHaveLength(6)
      // As it will be once the first is loaded.
      expect(second?.newColumns).toEqual({ orders: ['note'], orders__lines: ['_dlt_root_id'] })
      expect(second?.tables[0]).toMatchObject({ name: 'orders', strategy: 'delete-insert' })
      const own = second?.statements.map((sql) => sql.replace(/"dry"\./, '')).filter((sql) => !sql.startsWith('CREATE'))
      expect(own).toEqual([
        `ALTER TABLE "${dataset}"."orders" ADD COLUMN "note" ${engine === 'duckdb' ? 'VARCHAR' : 'varchar'}`,
        `ALTER TABLE "${dataset}"."orders__lines" ADD COLUMN "_dlt_root_id" ${engine === 'duckdb' ? 'VARCHAR' : 'varchar'}`,
        `UPDATE "${dataset}"."orders__lines" SET "_dlt_root_id" = "_dlt_parent_id"`,
        `ALTER TABLE "${dataset}"."orders__lines" ALTER COLUMN "_dlt_root_id" SET NOT NULL`,
      ])
    })
    await unchanged(async () => {
      const { stdout } = await gantry('load', '--dry-run')
      expect(stdout).toContain(
        `Pipeline dry: 2 load package(s) would be loaded to destination ${engine} and into dataset ${dataset}`,
      )
      expect(stdout).toMatch(/\n {2}orders: merge by delete-insert, job orders\.[0-9a-f]{10}\.\w+ with 1 row\(s\)\n/)
      expect(stdout).toMatch(/\nNothing was written\.\n$/)
      expect(stdout).not.toContain(new URL(server.url).password + '@')
    })
  })

  it('has nothing to migrate where the tables are there, and no package once all are loaded', async () => {
    await gantry('load')
    await normalized([{ id: 3, note: 'y' }], '--write-disposition', 'merge', '--primary-key', 'id')
    await unchanged(async () => {
      const [only, ...others] = (await plan()).packages
      expect([others.length, only?.newColumns]).toEqual([0, {}])
      expect(only?.statements.filter((sql) => !sql.startsWith('CREATE SCHEMA'))).toEqual([])
    })
    await gantry('load')
    expect((await plan()).packages).toEqual([])
    const count = `SELECT count(*)::integer AS n FROM ${dataset}.orders`
    if (engine === 'duckdb') expect(await query(file(), count)).toEqual([[3]])
    else expect((await client.query(count)).rows).toEqual([{ n: 3 }])
  })

  it('refuses what a load would refuse, and writes nothing either', async () => {
    await normalized([{ id: 4 }], '--write-disposition', 'merge', '--primary-key', 'id')
    const folder = join(home, engine, 'pipelines/dry/load/normalized')
    const jobs = join(folder, readdirSync(folder)[0] as string, 'new_jobs')
    const job = readdirSync(jobs).find((name) => name.startsWith('orders.')) as string
    await writeFile(join(jobs, job), 'cut')
    await unchanged(async () => {
      const { code, stderr } = await run('gantry', ['load', '--dry-run', ...flags], home, { env: env() })
      expect([code, stderr.includes(job.split('.')[1] as string)]).toEqual([1, true])
    })
    const both = await run('gantry', ['load', '--dry-run', '--sync', ...flags], home, { env: env() })
    expect(both.code).toBe(2)
  })
})
