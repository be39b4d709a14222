import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { JobFolder, LoadPackage, Table } from '@gantry/common'
import { startPostgres, type TestPostgres } from '../../../test/support/postgres.mjs'
import { openDestination } from '../src/destinations/registry.ts'
import { loadPackage, type LoadedPackage, type LoadRules } from '../src/load-package.ts'
import { makePackage, queryFile, seenTable, silentContext } from './support.ts'

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

let folder: string
let serial = 0
/** Where the rows are; each test has its own. */
let dataset: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-load-package-'))
  dataset = `ds_${process.pid}_${++serial}`
})
afterEach(() => rmSync(folder, { recursive: true }))

const usual: LoadRules = {
  settings: { workers: 20, raiseOnFailedJobs: true, raiseOnMaxRetries: 5, deleteCompletedJobs: false },
  replaceStrategy: 'truncate-and-insert',
}
const tolerant: LoadRules = { ...usual, settings: { ...usual.settings, raiseOnFailedJobs: false } }

describe.each(['duckdb', 'postgres'])('%s', (engine) => {
  async function load(package_: LoadPackage, rules: LoadRules = usual): Promise<LoadedPackage> {
    await using destination = await openDestination(engine, {
      datasetName: dataset,
      credentials: engine === 'duckdb' ? join(folder, 'test.duckdb') : server.url,
      pipelineName: 'test',
      workingFolder: folder,
      localDir: folder,
      access: 'load',
    })
    return await loadPackage(package_, destination, rules, await silentContext())
  }

  /** The rows of a query, values as text; `ds` is the dataset. */
  async function query(text: string): Promise<(string | null)[][]> {
    const sql = text.replaceAll('ds.', `${dataset}.`)
    const rows =
      engine === 'duckdb'
        ? await queryFile(join(folder, 'test.duckdb'), sql)
        : (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows
    return rows.map((row) => row.map((value) => (value === null ? null : String(value))))
  }
  const names = async (package_: LoadPackage, where: JobFolder): Promise<string[]> =>
    (await package_.jobs(where)).map(({ fileName }) => fileName)

  const id = { data_type: 'bigint', precision: 8 } as const
  const append: Table = seenTable('log', { id })
  const good = { 'log.01.0.csv': '"id"\n1\n2\n', 'log.02.0.csv': '"id"\n3\n' }

  describe('a load package', () => {
    it('is written down job by job, and once as a whole', async () => {
      const package_ = await makePackage(folder, '1700000000.5', [append], good)
      expect(await load(package_)).toMatchObject({ outcome: 'loaded' })
      expect(await query('SELECT id FROM ds.log ORDER BY id')).toEqual([['1'], ['2'], ['3']])
      expect(
        await query(
          'SELECT load_id, job_id, table_name, rows FROM ds._dlt_load_jobs ORDER BY length(job_id), job_id DESC',
        ),
      ).toEqual([
        ['1700000000.5', 'log.02.csv', 'log', '1'],
        ['1700000000.5', 'log.01.csv', 'log', '2'],
        ['1700000000.5', '_dlt_loads', '_dlt_loads', null],
      ])
      expect(await query('SELECT load_id, status FROM ds._dlt_loads')).toEqual([['1700000000.5', '0']])
      expect(await names(package_, 'completed_jobs')).toEqual(['log.01.0.csv', 'log.02.0.csv'])
    })

    it.each([usual, tolerant])('that was loaded before is only marked as such', async (rules) => {
      const package_ = await makePackage(folder, '1700000000.5', [append], good)
      await load(package_, rules)
      rmSync(join(package_.dir, 'package_completed.json'))
      for (const job of await package_.jobs('completed_jobs')) await package_.move(job, 'started_jobs')
      expect(await load(package_, rules)).toMatchObject({ outcome: 'loaded' })
      expect(await query('SELECT count(*) FROM ds.log')).toEqual([['3']])
    })

    it('is aborted by a job that is refused, and is not recorded', async () => {
      const files = { ...good, 'log.03.0.csv': '"id"\n70000\n' }
      const package_ = await makePackage(folder, '1700000000.5', [append], files)
      const { outcome, failure } = await load(package_)
      expect([outcome, failure?.job.id]).toEqual(['aborted', 'log.03.csv'])
      if (engine === 'duckdb') {
        expect(await query('SELECT count(*) FROM ds.log')).toEqual([['0']])
        expect(await query('SELECT count(*) FROM ds._dlt_load_jobs')).toEqual([['0']])
      }
      expect(await query('SELECT count(*) FROM ds._dlt_loads')).toEqual([['0']])
      expect(await names(package_, 'failed_jobs')).toEqual(['log.03.0.csv'])
      const others = [...(await names(package_, 'new_jobs')), ...(await names(package_, 'completed_jobs'))]
      expect(others.toSorted()).toEqual(['log.01.0.csv', 'log.02.0.csv'])
    })

    it('goes on without the jobs that are refused, where failed jobs are tolerated', async () => {
      const files = { ...good, 'log.03.0.csv': '"id"\n70000\n' }
      const package_ = await makePackage(folder, '1700000000.5', [append], files)
      expect(await load(package_, tolerant)).toMatchObject({ outcome: 'loaded' })
      expect(await query('SELECT count(*) FROM ds.log')).toEqual([['3']])
      expect(await names(package_, 'failed_jobs')).toEqual(['log.03.0.csv'])
      expect(await query('SELECT count(*) FROM ds._dlt_loads')).toEqual([['1']])
    })

    it('may have a file that no destination of this kind takes', async () => {
      const package_ = await makePackage(folder, '1700000000.5', [append], { 'log.01.0.model': 'SELECT 1' })
      await expect(load(package_)).rejects.toThrow(
        `has format model, which destination ${engine} does not load; it takes `,
      )
      expect(await names(package_, 'new_jobs')).toEqual(['log.01.0.model'])
    })
  })

  describe.each([
    ['truncate-and-insert', usual],
    ['insert-from-staging', { ...usual, replaceStrategy: 'insert-from-staging' }],
    ['truncate-and-insert, failed jobs tolerated', tolerant],
    ['insert-from-staging, failed jobs tolerated', { ...tolerant, replaceStrategy: 'insert-from-staging' }],
  ] as const)('a table that is replaced by %s', (_, rules) => {
    const root = seenTable('root', { id, _dlt_id: { data_type: 'text' } }, { write_disposition: 'replace' })
    const nested = seenTable('root__list', { id }, { parent: 'root' })
    const tables = [root, nested, append]

    it('has the rows of the last load, and so have the tables below', async () => {
      const first = { 'root.01.0.csv': '"id"\n1\n2\n', 'root__list.02.0.csv': '"id"\n9\n', ...good }
      await load(await makePackage(folder, '1700000000.5', tables, first), rules)
      const second = { 'root.01.0.csv': '"id"\n3\n', 'log.03.0.csv': '"id"\n4\n' }
      await load(await makePackage(folder, '1700000001.5', tables, second), rules)
      expect(await query('SELECT id FROM ds.root')).toEqual([['3']])
      expect(await query('SELECT count(*) FROM ds.root__list')).toEqual([['0']])
      expect(await query('SELECT count(*) FROM ds.log')).toEqual([['4']])
      expect(await query("SELECT count(*) FROM ds._dlt_load_jobs WHERE load_id = '1700000001.5'")).toEqual([
        // Files, the load, and what ended the chain, where that is a step of its own.
        [engine === 'duckdb' && rules === usual ? '3' : '4'],
      ])
      expect(
        await query(
          `SELECT count(*) FROM information_schema.tables WHERE table_schema LIKE '${dataset}%' AND table_name LIKE 'root%'`,
        ),
      ).toEqual([['2']])
    })

    it('keeps its rows when new ones are refused, or has those that are not', async () => {
      await load(await makePackage(folder, '1700000000.5', tables, { 'root.01.0.csv': '"id"\n1\n' }), rules)
      const files = { 'root.01.0.csv': '"id"\n2\n', 'root.02.0.csv': '"id"\n70000\n' }
      const package_ = await makePackage(folder, '1700000001.5', tables, files)
      const { outcome } = await load(package_, rules)
      expect(outcome).toBe(rules.settings.raiseOnFailedJobs ? 'aborted' : 'loaded')
      expect(await query('SELECT id FROM ds.root')).toEqual([[rules.settings.raiseOnFailedJobs ? '1' : '2']])
      expect(await names(package_, 'failed_jobs')).toEqual(['root.02.0.csv'])
      const staging = `SELECT count(*) FROM information_schema.tables WHERE table_schema = '${dataset}_staging'`
      expect(await query(staging)).toEqual([['0']])
    })
  })

  describe('a package that Python dlt had begun to load', () => {
    const root = seenTable('root', { id }, { write_disposition: 'replace' })

    it('has files of a replaced table loaded again that were done, and those of others not', async () => {
      const files = { 'root.01.0.csv': '"id"\n1\n', 'root.02.0.csv': '"id"\n2\n', ...good }
      const package_ = await makePackage(folder, '1700000000.5', [root, append], files)
      for (const name of ['root.01.0.csv', 'log.01.0.csv']) {
        await rename(package_.newJobPath(name), join(package_.dir, 'completed_jobs', name))
      }
      await load(package_)
      expect(await query('SELECT id FROM ds.root ORDER BY id')).toEqual([['1'], ['2']])
      expect(await query('SELECT id FROM ds.log')).toEqual([['3']])
    })

    it('has nothing done for a chain that was brought to its end', async () => {
      const package_ = await makePackage(folder, '1700000000.5', [root, append], {
        'root.01.0.csv': '"id"\n1\n',
        ...good,
      })
      await rename(package_.newJobPath('root.01.0.csv'), join(package_.dir, 'completed_jobs', 'root.01.0.csv'))
      writeFileSync(join(package_.dir, 'completed_jobs', 'root.ab.0.sql'), 'SELECT 1;')
      await load(package_)
      expect(
        await query(
          `SELECT table_name FROM information_schema.tables WHERE table_schema = '${dataset}' AND table_name = 'root'`,
        ),
      ).toEqual([])
      expect(await query('SELECT count(*) FROM ds.log')).toEqual([['3']])
    })
  })
})
