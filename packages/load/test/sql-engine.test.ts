import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { jobId, newTable, parseJobFileName, type Column, type Job } from '@gantry/common'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startPostgres, type TestPostgres } from '../../../test/support/postgres.mjs'
import { openOptions } from './support.ts'
import type { Row } from '../src/destinations/destination.ts'
import { openDuckdbEngine } from '../src/destinations/duckdb/duckdb-engine.ts'
import { openPostgres } from '../src/destinations/postgres/postgres-engine.ts'
import { DatabaseTerminalError, DatabaseTransientError, LoadFileMalformed } from '../src/errors.ts'
import { qualifiedName, quoteIdentifier } from '../src/sql/identifier.ts'
import type { SqlConnection, SqlEngine } from '../src/sql/engine.ts'

let server: TestPostgres
beforeAll(async () => (server = await startPostgres()))
afterAll(() => server.stop())

let serial = 0

engineContract('postgres', (datasetName) => openPostgres(openOptions('postgres', datasetName, server.url)))

const databases = mkdtempSync(join(tmpdir(), 'gantry-engines-'))
engineContract('duckdb', (datasetName) =>
  openDuckdbEngine(openOptions('duckdb', datasetName, join(databases, `${datasetName}_file.duckdb`))),
)

/** What every SQL engine does alike. @param open  the same database each time */
function engineContract(engineName: string, open: (datasetName: string) => Promise<SqlEngine>): void {
  describe(`the engine of ${engineName}`, () => {
    let dataset: string
    let folder: string
    let engine: SqlEngine
    let connection: SqlConnection

    beforeEach(async () => {
      dataset = `contract_${process.pid}_${++serial}`
      folder = mkdtempSync(join(tmpdir(), 'gantry-engine-'))
      engine = await open(dataset)
      connection = await engine.connect()
      await connection.run(`CREATE SCHEMA ${dataset}`)
    })
    afterEach(async () => {
      await connection.run(`DROP SCHEMA ${dataset} CASCADE`)
      await engine[Symbol.asyncDispose]()
    })

    function file(fileName: string, content: string | Buffer): Job {
      const path = join(folder, fileName)
      writeFileSync(path, content)
      const parsed = parseJobFileName(fileName)
      return { id: jobId(parsed), name: parsed, fileName, folder: 'started_jobs', path }
    }

    type Columns = Record<string, Omit<Column, 'name'>>

    /** Table `t`, made as a migration would make it. */
    async function create(columns: Columns): Promise<(jobs: readonly Job[]) => Promise<number>> {
      const list = Object.entries(columns).map(([name, column]): Column => ({ name, ...column }))
      const table = { ...newTable('t'), columns: new Map(list.map((column) => [column.name, column])) }
      const into = qualifiedName(dataset, 't', engine.dialect)
      const texts = list.map((column) => `${quoteIdentifier(column.name)} ${engine.dialect.typeOf(column)}`)
      await connection.run(`CREATE TABLE ${into} (${texts.join(', ')})`)
      return (jobs) => connection.transaction('loading', () => connection.copy({ table, columns: list, jobs, into }))
    }

    it('ends a long statement when it is interrupted, undoes its transaction, and takes no further one', async () => {
      await create({ a: { data_type: 'bigint' } })
      const count = `SELECT count(*) FROM ${dataset}.t`
      const loading = connection.transaction('loading', async () => {
        await connection.run(`INSERT INTO ${dataset}.t VALUES (1)`)
        await connection.query(
          'SELECT count(*) FROM generate_series(1, 1000000) AS a(x), generate_series(1, 1000000) AS b(y) WHERE x * y < 0',
        )
      })
      const interrupting = setTimeout(500).then(() => engine.interrupt())
      await expect(loading).rejects.toThrow(DatabaseTransientError)
      await interrupting
      await expect(connection.query(count)).rejects.toThrow(DatabaseTransientError)
      await engine[Symbol.asyncDispose]()
      engine = await open(dataset)
      connection = await engine.connect()
      expect((await connection.query(count)).map(([rows]) => Number(rows))).toEqual([0])
    })

    async function read(options?: { exact: boolean }): Promise<Row[]> {
      const found = await connection.query(
        `SELECT column_name, data_type FROM information_schema.columns WHERE ${engine.dialect.catalogFilter} ` +
          `AND table_schema = '${dataset}' AND table_name = 't' ORDER BY ordinal_position`,
      )
      const columns = found.map(([column, type]) => ({ name: String(column), type: String(type) }))
      const rows: Row[] = []
      for await (const row of connection.rows(qualifiedName(dataset, 't', engine.dialect), columns, options))
        rows.push(row)
      return rows
    }

    const id = { data_type: 'bigint' } as const
    const text = { data_type: 'text' } as const

    it('commits what a transaction does, or undoes it', async () => {
      await create({ id })
      const into = qualifiedName(dataset, 't', engine.dialect)
      await connection.transaction('one', () => connection.run(`INSERT INTO ${into} VALUES (1)`))
      const failing = connection.transaction('two', async () => {
        await connection.run(`INSERT INTO ${into} VALUES (2)`)
        throw new Error('no more')
      })
      await expect(failing).rejects.toThrow('no more')
      expect(await read()).toEqual([{ id: 1 }])
    })

    it('goes on after a statement that was refused', async () => {
      await create({ id })
      const refused = connection.transaction('one', () =>
        connection.run(`INSERT INTO ${qualifiedName(dataset, 't', engine.dialect)} VALUES ('x')`),
      )
      await expect(refused).rejects.toThrow(DatabaseTerminalError)
      expect(await connection.query('SELECT 1 AS one')).toEqual([[1]])
    })

    it('loads files of different columns, formats and compression, and counts their rows', async () => {
      const load = await create({ id, t: text })
      const count = await load([
        file('t.01.0.csv', '"id","t"\n1,""\n2,\n'),
        file('t.02.0.csv', '"t","id"\n"a ""b"",\n\\.\nc",3\n"\\.",4\n'),
        file('t.03.0.csv.gz', Buffer.concat([gzipSync('"id"\n5'), gzipSync('\n')])),
        file('t.04.0.csv', '"id"\n'),
        file('t.05.0.insert_values', `INSERT INTO {}("t","id")\nVALUES\n(E'it''s \\\\ \\n',6),\n(NULL,7);`),
        file('t.06.0.insert_values.gz', gzipSync('INSERT INTO {}("id")\nVALUES\n(8);')),
        file('t.07.0.insert_values', 'INSERT INTO {}("id")\nVALUES\n'),
      ])
      expect(count).toBe(8)
      const rows = await read()
      expect(rows.toSorted((one, other) => Number(one['id']) - Number(other['id'])).map(({ t }) => t)).toEqual([
        '',
        null,
        'a "b",\n\\.\nc',
        '\\.',
        null,
        "it's \\ \n",
        null,
        null,
      ])
    })

    it('loads rows without any column', async () => {
      const load = await create({ id, t: text })
      const jobs = [file('t.01.0.csv', '\n\n\n'), file('t.02.0.insert_values', 'INSERT INTO {}()\nVALUES\n(),\n();')]
      expect(await load(jobs)).toBe(4)
      expect(await read()).toEqual(Array.from({ length: 4 }, () => ({ id: null, t: null })))
    })

    const typed: Record<string, [column: Omit<Column, 'name'>, csv: string, value: unknown, exact?: unknown]> = {
      text: [{ data_type: 'text' }, '"\ufeffé😀 \t"', '\ufeffé😀 \t'],
      yes: [{ data_type: 'bool' }, 'True', true],
      no: [{ data_type: 'bool' }, 'False', false],
      small: [{ data_type: 'bigint', precision: 16 }, '-3', -3],
      safe: [{ data_type: 'bigint' }, '9007199254740991', 9007199254740991],
      large: [{ data_type: 'bigint' }, '9223372036854775807', 9223372036854775807n],
      double: [{ data_type: 'double' }, '0.30000000000000004', 0.30000000000000004],
      tiny: [{ data_type: 'double' }, '5e-324', 5e-324],
      decimal: [
        { data_type: 'decimal' },
        '-12345678901234567890123456789.123456789',
        '-12345678901234567890123456789.123456789',
      ],
      short: [{ data_type: 'decimal', precision: 10, scale: 4 }, '1.50', '1.5'],
      wei: [{ data_type: 'wei' }, '12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
      instant: [
        { data_type: 'timestamp' },
        '"2024-02-29 23:59:59.120000+02:00"',
        new Date('2024-02-29T21:59:59.120Z'),
        '2024-02-29T21:59:59.120000+00:00',
      ],
      early: [
        { data_type: 'timestamp' },
        '"1931-05-06 07:08:09.000001+00:00"',
        new Date('1931-05-06T07:08:09.001Z'),
        '1931-05-06T07:08:09.000001+00:00',
      ],
      naive: [
        { data_type: 'timestamp', timezone: false },
        '"2024-02-29 23:59:59.123456"',
        new Date('2024-02-29T23:59:59.123Z'),
        '2024-02-29T23:59:59.123456',
      ],
      round: [
        { data_type: 'timestamp' },
        '"2024-01-01 00:00:00+00:00"',
        new Date('2024-01-01T00:00:00Z'),
        '2024-01-01T00:00:00+00:00',
      ],
      day: [{ data_type: 'date' }, '"0099-12-31"', '0099-12-31'],
      time: [{ data_type: 'time' }, '"23:59:59.5"', '23:59:59.5'],
      bytes: [{ data_type: 'binary' }, '"\\x00ff"', new Uint8Array([0, 255])],
      json: [{ data_type: 'json' }, '"{""a"":[1,null]}"', { a: [1, null] }, '{"a":[1,null]}'],
      string: [{ data_type: 'json' }, '"""a"""', 'a', '"a"'],
    }

    it.each([false, true])('gives back values of every type, exact: %s', async (exact) => {
      const load = await create(Object.fromEntries(Object.entries(typed).map(([key, [column]]) => [key, column])))
      const cells = Object.values(typed).map(([, csv]) => csv)
      await load([file('t.01.0.csv', `${Object.keys(typed).join(',')}\n${cells.join(',')}\n`)])
      const [row] = await read({ exact })
      // The text of json may have other spaces.
      if (exact) row!['json'] = (row!['json'] as string).replaceAll(' ', '')
      expect(row).toEqual(
        Object.fromEntries(
          Object.entries(typed).map(([key, [, , value, precise = value]]) => [key, exact ? precise : value]),
        ),
      )
    })

    it('streams rows, few or many, and stops where the reader does', async () => {
      const load = await create({ id, t: text })
      const lines = Array.from({ length: 10_000 }, (_, at) => `${at},"${'x'.repeat(1000)}"\n`)
      await load([file('t.01.0.csv', `"id","t"\n${lines.join('')}`)])
      expect((await read()).length).toBe(10_000)
      const columns = [{ name: 'id', type: 'bigint' }]
      for await (const { id: first } of connection.rows(qualifiedName(dataset, 't', engine.dialect), columns)) {
        expect(typeof first).toBe('number')
        break
      }
      expect(await connection.query('SELECT 1 AS one')).toEqual([[1]])
    })

    it('keeps names of all kinds', async () => {
      const strange = 'say "x", \'y\'; --'
      const load = await create({ __proto__x: id, [strange]: text })
      await load([file('t.01.0.csv', `"__proto__x","${strange.replaceAll('"', '""')}"\n1,"a"\n`)])
      expect(await read()).toEqual([{ __proto__x: 1, [strange]: 'a' }])
    })

    it('refuses data that a column cannot hold, and loads nothing of the transaction', async () => {
      const load = await create({ id })
      const good = file('t.01.0.csv', '"id"\n1\n')
      await expect(load([good, file('t.02.0.csv', '"id"\n"x"\n')])).rejects.toThrow(DatabaseTerminalError)
      await expect(load([good, file('t.03.0.insert_values', `INSERT INTO {}("id")\nVALUES\n(E'x');`)])).rejects.toThrow(
        DatabaseTerminalError,
      )
      expect(await read()).toEqual([])
    })

    it('refuses files that are no load files of the table', async () => {
      const load = await create({ id })
      const whole = gzipSync(`"id"\n${Array.from({ length: 50_000 }, (_, at) => `${at}\n`).join('')}`)
      const cut = file('t.01.0.csv.gz', whole.subarray(0, whole.length / 2))
      await expect(load([cut])).rejects.toThrow(LoadFileMalformed)
      await expect(load([file('t.02.0.csv', '"id","other"\n1,2\n')])).rejects.toThrow(LoadFileMalformed)
      expect(await read()).toEqual([])
    })
  })
}
