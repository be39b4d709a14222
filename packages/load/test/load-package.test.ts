import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  addJobMetrics,
  readJobMetrics,
  writePackageState,
  type JobFolder,
  type LoadPackage,
  type Table,
  type TableHints,
} from '@gantry/common'
import { startPostgres, type TestPostgres } from '../../../test/support/postgres.mjs'
import { openDestination } from '../src/destinations/registry.ts'
import { loadPackage, type LoadedPackage } from '../src/load-package.ts'
import type { LoadRules } from '../src/package-work.ts'
import { makePackage, openOptions, queryFile, seenTable, silentContext } from './support.ts'

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
    const credentials = engine === 'duckdb' ? join(folder, 'test.duckdb') : server.url
    await using destination = await openDestination(openOptions(engine, dataset, credentials, { folder }))
    return await loadPackage(package_, destination, rules, silentContext())
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

    it('keeps metrics of its jobs, of those of an earlier process too', async () => {
      const package_ = await makePackage(folder, '1700000000.5', [append], good)
      await writePackageState(package_)
      const hash = async (): Promise<unknown> =>
        (JSON.parse((await package_.readText('load_package_state.json'))!) as Record<string, unknown>)['_version_hash']
      const before = await hash()
      const earlier = { jobId: 'log.01.csv', filePath: '/x', tableName: 'log', state: 'completed' } as const
      const times = { startedAt: new Date(0), finishedAt: new Date(1000) }
      const rest = { remoteUrl: null, retryCount: 3, followupJobs: [] }
      const [done] = await package_.jobs('new_jobs')
      await package_.move(done!, 'completed_jobs')
      await addJobMetrics(package_, [{ ...earlier, ...times, ...rest }])
      await load(package_)
      const metrics = await readJobMetrics(package_)
      expect(Object.keys(metrics).toSorted()).toEqual(['log.01.csv', 'log.02.csv'])
      expect(metrics['log.01.csv']).toEqual({ ...earlier, ...times, ...rest })
      expect(metrics['log.02.csv']).toMatchObject({ state: 'completed', retryCount: 0, followupJobs: [] })
      expect(before).toMatch(/=$/)
      expect(await hash()).toBe(before)
      const text = (await package_.readText('load_package_state.json'))!
      expect(JSON.parse(text)).toMatchObject({
        load_metrics: { 'log.01.csv': { finished_at: '1970-01-01T00:00:01+00:00', retry_count: 3 } },
      })
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

  describe('a merge', () => {
    const text = { data_type: 'text' } as const
    const key = { ...id, primary_key: true, nullable: false } as const
    const rowId = { ...text, row_key: true, nullable: false } as const

    /** A root table with a list below it. */
    function tables(strategy: string, more: Parameters<typeof seenTable>[1] = {}, hints: TableHints = {}): Table[] {
      const root = { id: key, v: text, ...more, _dlt_id: rowId }
      const below = { n: id, _dlt_root_id: { ...text, root_key: true }, _dlt_id: rowId } as const
      return [
        seenTable('root', root, { write_disposition: 'merge', 'x-merge-strategy': strategy, ...hints }),
        seenTable('root__list', below, { parent: 'root' }),
      ]
    }
    const csv = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('')
    let loads = 0
    const merge = async (of: readonly Table[], root: string, list?: string): Promise<LoadedPackage> => {
      const files = { 'root.01.0.csv': root, ...(list === undefined ? {} : { 'root__list.02.0.csv': list }) }
      return load(await makePackage(folder, `17000000${10 + ++loads}.5`, of, files))
    }
    const rootRows = (columns = 'id, v'): Promise<unknown[][]> => query(`SELECT ${columns} FROM ds.root ORDER BY 1, 2`)
    const listRows = (): Promise<unknown[][]> => query('SELECT n, _dlt_root_id FROM ds.root__list ORDER BY 1, 2')
    const heads = { root: 'id,v,_dlt_id', list: 'n,_dlt_root_id,_dlt_id' }

    it('is the job that follows those of its tables', async () => {
      const of = tables('delete-insert')
      const files = {
        'root.01.0.csv': csv(heads.root, '1,a,r1'),
        'root__list.02.0.csv': csv(heads.list, '1,r1,l1'),
      }
      const package_ = await makePackage(folder, '1700000000.5', of, files)
      await writePackageState(package_)
      await load(package_)
      const chains = await query(`SELECT job_id FROM ds._dlt_load_jobs WHERE job_id LIKE '%.sql'`)
      expect(chains.flat()).toEqual([expect.stringMatching(/^root\.[0-9a-f]{10}\.sql$/)])
      const followups = Object.values(await readJobMetrics(package_)).map(({ followupJobs }) => followupJobs)
      expect(followups).toEqual([chains.flat(), chains.flat()])
    })

    it('by delete-insert replaces rows with the key, and what is below them', async () => {
      const of = tables('delete-insert')
      await merge(of, csv(heads.root, '1,a,r1', '2,b,r2'), csv(heads.list, '1,r1,l1', '2,r2,l2'))
      await merge(of, csv(heads.root, '2,B,r3', '3,c,r4', '3,c2,r5'), csv(heads.list, '5,r3,l3'))
      expect((await query('SELECT id FROM ds.root ORDER BY id')).flat()).toEqual(['1', '2', '3'])
      expect(await query('SELECT v FROM ds.root WHERE id = 2')).toEqual([['B']])
      expect(await listRows()).toEqual([
        ['1', 'r1'],
        ['5', 'r3'],
      ])
    })

    it('by delete-insert without anything below goes by primary or merge key', async () => {
      const root = seenTable(
        'root',
        { id: key, day: { ...text, merge_key: true }, v: text, _dlt_id: rowId },
        { write_disposition: 'merge' },
      )
      await merge([root], csv('id,day,v,_dlt_id', '1,mon,a,r1', '2,mon,b,r2', '3,tue,c,r3'))
      await merge([root], csv('id,day,v,_dlt_id', '9,mon,n,r4', '3,wed,m,r5'))
      expect(await rootRows('id, day')).toEqual([
        ['3', 'wed'],
        ['9', 'mon'],
      ])
    })

    it('without keys adds rows', async () => {
      const root = seenTable('root', { id, v: text, _dlt_id: rowId }, { write_disposition: 'merge' })
      await merge([root], csv(heads.root, '1,a,r1'))
      await merge([root], csv(heads.root, '1,b,r2'))
      expect(await rootRows()).toEqual([
        ['1', 'a'],
        ['1', 'b'],
      ])
    })

    it.each(['delete-insert', 'upsert', 'insert-only'])(
      'by %s takes the first row of a key by dedup_sort',
      async (strategy) => {
        const of = tables(strategy, { at: { ...id, dedup_sort: 'desc' } })
        await merge(of, csv('id,v,at,_dlt_id', '1,old,1,r1', '1,new,3,r2', '1,middle,2,r3'))
        expect(await rootRows()).toEqual([['1', 'new']])
      },
    )

    it('by upsert updates rows, keeps columns that it does not know, and takes away what is gone below', async () => {
      const of = tables('upsert')
      await merge(of, csv(heads.root, '1,a,r1', '2,b,r2'), csv(heads.list, '1,r1,l1', '2,r2,l2', '3,r2,l3'))
      await query('ALTER TABLE ds.root ADD COLUMN theirs VARCHAR')
      await query("UPDATE ds.root SET theirs = 'x'")
      await merge(of, csv(heads.root, '2,B,r2', '3,c,r3'), csv(heads.list, '20,r2,l2', '4,r3,l4'))
      expect(await rootRows('id, v, theirs')).toEqual([
        ['1', 'a', 'x'],
        ['2', 'B', 'x'],
        ['3', 'c', null],
      ])
      expect(await listRows()).toEqual(
        [
          ['1', 'r1'],
          ['20', 'r2'],
          ['4', 'r3'],
        ].toSorted((a, b) => Number(a[0]) - Number(b[0])),
      )
    })

    it('by insert-only keeps what is there', async () => {
      const of = tables('insert-only')
      await merge(of, csv(heads.root, '1,a,r1'), csv(heads.list, '1,r1,l1'))
      await merge(of, csv(heads.root, '1,A,r1', '2,b,r2'), csv(heads.list, '9,r1,l1', '2,r2,l2'))
      expect(await rootRows()).toEqual([
        ['1', 'a'],
        ['2', 'b'],
      ])
      expect(await listRows()).toEqual([
        ['1', 'r1'],
        ['2', 'r2'],
      ])
    })

    const gone = { gone: { data_type: 'bool', hard_delete: true } } as const
    it.each([
      ['delete-insert', ['2'], ['2']],
      ['upsert', ['2'], ['2']],
      ['insert-only', ['1', '2'], ['1', '2']],
    ])('by %s never adds a row that says it is deleted, nor what is below it', async (strategy, roots, lists) => {
      const of = tables(strategy, gone)
      await merge(of, csv('id,v,_dlt_id,gone', '1,a,r1,', '2,b,r2,'), csv(heads.list, '1,r1,l1', '2,r2,l2'))
      await merge(of, csv('id,v,_dlt_id,gone', '1,,r1,True', '3,,r3,True'), csv(heads.list, '9,r1,l9', '3,r3,l3'))
      expect((await query('SELECT id FROM ds.root ORDER BY id')).flat()).toEqual(roots)
      expect((await query('SELECT n FROM ds.root__list ORDER BY 1')).flat()).toEqual(lists)
    })

    it('by scd2 keeps versions with the time in which they held', async () => {
      const history = {
        from: { data_type: 'timestamp', 'x-valid-from': true },
        to: { data_type: 'timestamp', 'x-valid-to': true },
      } as const
      const version = { ...text, 'x-row-version': true, nullable: false } as const
      const root = seenTable(
        'root',
        { ...history, id, v: text, _dlt_id: version },
        { write_disposition: 'merge', 'x-merge-strategy': 'scd2' },
      )
      await merge([root], csv(heads.root, '1,a,h1', '2,b,h2'))
      await merge([root], csv(heads.root, '1,A,h3', '2,b,h2'))
      await merge([root], csv(heads.root, '1,a,h1'))
      const epoch = (name: string): string => `CAST(FLOOR(EXTRACT(EPOCH FROM "${name}")) AS BIGINT) - 1700000010`
      const first = loads - 2
      expect(await query(`SELECT id, v, ${epoch('from')}, ${epoch('to')} FROM ds.root ORDER BY 1, 3`)).toEqual(
        [
          ['1', 'a', first, first + 1],
          ['1', 'A', first + 1, first + 2],
          ['1', 'a', first + 2, null],
          ['2', 'b', first, first + 2],
        ].map((row) => row.map((value) => (value === null ? null : String(value)))),
      )
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

    it('has started files not loaded again that are marked as taken by the destination', async () => {
      const package_ = await makePackage(folder, '1700000000.5', [append], { ...good, 'log.03.0.csv': '"id"\n4\n' })
      const marks = {
        'log.01.0.csv': '{"state":"completed","failed_message":null}',
        'log.02.0.csv': '{"state":"failed","failed_message":"no"}',
        'log.03.0.csv': '{"state":"comp',
      }
      for (const [name, mark] of Object.entries(marks)) {
        await rename(package_.newJobPath(name), join(package_.dir, 'started_jobs', name))
        writeFileSync(join(package_.dir, '.pending_transitions', name), mark)
      }
      await load(package_)
      expect(await query('SELECT id FROM ds.log ORDER BY id')).toEqual([['3'], ['4']])
      expect(await names(package_, 'completed_jobs')).toEqual(Object.keys(marks))
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
