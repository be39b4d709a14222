import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import {
  jobId,
  LoadPackage,
  namingConvention,
  newSchema,
  newTable,
  parseJobFileName,
  updateTable,
  DestinationState,
  JsonObject,
} from '@gantry/common'
import type { Column, Job, Schema, Table } from '@gantry/common'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOptions, silentContext } from './support.ts'
import { openDestination } from '../src/destinations/registry.ts'
import { JobKeeper } from '../src/job-keeper.ts'

let folder: string
let connection: DuckDBConnection
let instance: DuckDBInstance
let package_: LoadPackage
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-duckdb-files-'))
  // DuckDB would take the name of such a folder for a column.
  package_ = LoadPackage.create(join(folder, 'id=77', '1700000000.5'))
  instance = await DuckDBInstance.create(':memory:', { memory_limit: '400MiB', threads: '1' })
  connection = await instance.connect()
})
afterEach(() => {
  connection.closeSync()
  instance.closeSync()
  rmSync(folder, { recursive: true })
})

/** A file of the package; the name says table and format. */
function file(name: string, content: string | Buffer = ''): Job {
  const path = package_.newJobPath(name)
  if (content.length > 0) writeFileSync(path, content)
  const parsed = parseJobFileName(name)
  return { id: jobId(parsed), name: parsed, fileName: name, folder: 'new_jobs', path }
}

async function parquet(name: string, query: string): Promise<Job> {
  const job = file(name)
  await connection.run(`COPY (${query}) TO '${job.path}' (FORMAT parquet)`)
  return job
}

function tableOf(columns: Record<string, Omit<Column, 'name'>>): Table {
  const named = Object.entries(columns).map(([name, column]) => [name, { name, ...column }] as const)
  return { ...newTable('t'), columns: new Map(named) }
}

/** Loads files into table `t`. @returns its rows in order of `id`, values as text */
async function load(columns: Record<string, Omit<Column, 'name'>>, jobs: readonly Job[]): Promise<unknown[][]> {
  const table = tableOf(columns)
  const schema: Schema = updateTable(newSchema('test', namingConvention('snake_case')), table)
  const insertedAt = '2024-01-01T00:00:00+00:00'
  await using destination = await openDestination(openOptions('duckdb', 'ds', connection, { folder }))
  const { loadId } = package_
  const tables = [...schema.tables.values()]
  await destination.migrate({ loadId, schema, tables, dropped: [], truncated: [], insertedAt })
  const unit = {
    loadId,
    schema,
    chains: [{ root: table, strategy: 'append', tables: [{ table, jobs }] }],
    state: [],
    createdAt: insertedAt,
    insertedAt,
    rowsOf: () => 1,
    notes: DestinationState.of(package_, new JsonObject()),
  } as const
  const settings = { workers: 1, raiseOnFailedJobs: true, raiseOnMaxRetries: 5, deleteCompletedJobs: false }
  const context = silentContext()
  await destination.load(
    unit,
    new JobKeeper(package_, jobs.length, new Map(), settings, context, destination.capabilities),
  )
  const list = Object.keys(columns).map((name) => `"${name}"::VARCHAR`)
  return (await connection.runAndReadAll(`SELECT ${list.join(', ')} FROM ds.t ORDER BY id`)).getRowsJson()
}

const id = { data_type: 'bigint' } as const
const text = { data_type: 'text' } as const

describe('DuckDB loads', () => {
  it('files of all formats, some gzipped, into one table', async () => {
    const rows = await load({ id, t: text }, [
      file('t.01.0.jsonl', '{"id":1,"t":"a"}\n{"id":2}\n'),
      file('t.02.0.csv', '"id","t"\n3,""\n'),
      file('t.03.0.insert_values', `INSERT INTO {}("t","id")\nVALUES\n(E'x',4),\n(NULL,5);`),
      await parquet('t.04.0.parquet', `SELECT 6::TINYINT AS id, 'p' AS t`),
      file('t.05.0.jsonl.gz', gzipSync('{"id":7}\n')),
      file('t.06.0.csv.gz', Buffer.concat([gzipSync('"id","t"\n8,'), gzipSync('"z"\n')])),
      file('t.07.0.insert_values.gz', gzipSync('INSERT INTO {}("id")\nVALUES\n(9);')),
      await parquet('t.08.0.parquet', `SELECT 10::HUGEINT AS id, 'q' AS t`),
      file('t.09.0.insert_values', 'INSERT INTO {}("id")\nVALUES\n'),
      file('t.10.0.csv', '"id"\n'),
    ])
    const texts = ['a', null, '', 'x', null, 'p', null, 'z', null, 'q']
    expect(rows).toEqual(texts.map((value, index) => [String(index + 1), value]))
  })

  it('gzip by its content, whatever the name says, as dlt does', async () => {
    const rows = await load({ id }, [
      file('t.01.0.jsonl', gzipSync('{"id":1}\n')),
      file('t.02.0.jsonl.gz', '{"id":2}\n'),
      file('t.03.0.csv', gzipSync('"id"\n3\n')),
      file('t.04.0.csv.gz', '"id"\n4\n'),
      file('t.05.0.insert_values', gzipSync('INSERT INTO {}("id")\nVALUES\n(5);')),
      file('t.06.0.insert_values.gz', 'INSERT INTO {}("id")\nVALUES\n(6);'),
    ])
    expect(rows.flat()).toEqual(['1', '2', '3', '4', '5', '6'])
  })

  const long = 'line\n'.repeat(3_500_000)
  const longRows: Record<string, string> = {
    jsonl: `{"id":1,"t":${JSON.stringify(long)}}\n{"id":2,"t":"y"}\n`,
    csv: `"id","t"\n1,"${long}"\n2,"y"\n`,
    insert_values: `INSERT INTO {}("id","t")\nVALUES\n(1,E'${long}'),\n(2,E'y');`,
  }

  it.each(Object.keys(longRows))('rows longer than DuckDB allows by itself, gzipped or not: %s', async (format) => {
    const jobs = [file(`t.01.0.${format}`, longRows[format]!), file(`t.02.0.${format}.gz`, gzipSync(longRows[format]!))]
    const rows = await load({ id, t: text }, jobs)
    expect(rows.map(([, value]) => (value as string).length)).toEqual([long.length, long.length, 1, 1])
  })
})

describe('CSV', () => {
  it('keeps null from empty text, and both apart in a file of one column', async () => {
    const jobs = [file('t.01.0.csv', '"id","t"\n1,\n2,""\n3,"NULL"\n'), file('t.02.0.csv', '"t"\n"x"\n\n""\n')]
    const rows = await load({ id, t: text }, jobs)
    expect(rows.slice(0, 3)).toEqual([
      ['1', null],
      ['2', ''],
      ['3', 'NULL'],
    ])
    expect(rows).toHaveLength(6)
    expect(new Set(rows.slice(3).map(([, value]) => value))).toEqual(new Set(['', 'x', null]))
  })

  it('has rows of nulls where a file has no column', async () => {
    expect(await load({ id, t: text }, [file('t.01.0.csv', '\n\n\n')])).toEqual([
      [null, null],
      [null, null],
    ])
  })

  it('gives each file its own columns, by name', async () => {
    const jobs = [file('t.01.0.csv', '"t","id"\n"a",1\n'), file('t.02.0.csv', '"id","u"\n2,"b"\n')]
    expect(await load({ id, t: text, u: text, v: text }, jobs)).toEqual([
      ['1', 'a', null, null],
      ['2', null, 'b', null],
    ])
  })

  it('reads each type as it is written', async () => {
    const columns = {
      id,
      b: { data_type: 'binary' },
      f: { data_type: 'bool' },
      d: { data_type: 'double' },
      p: { data_type: 'decimal' },
      j: { data_type: 'json' },
      at: { data_type: 'timestamp' },
      wall: { data_type: 'timestamp', timezone: false },
      day: { data_type: 'date' },
      time: { data_type: 'time' },
    } as const
    const header = '"id","b","f","d","p","j","at","wall","day","time"\n'
    const rows = [
      String.raw`1,"\x00ff",True,0.30000000000000004,1E+2,"{""a"":""\""""}","2024-02-29 12:00:00.000001+00:00",` +
        '"0001-01-01 00:00:00","9999-12-31","23:59:59.999999"\n',
      '2,"as dlt writes it",False,1e-05,-0.5,"""x""",,,,\n',
    ]
    await connection.run("SET TimeZone = 'UTC'")
    expect(await load(columns, [file('t.01.0.csv', header + rows.join(''))])).toEqual([
      [
        '1',
        '\\x00\\xFF',
        'true',
        '0.30000000000000004',
        '100.000000000',
        '{"a":"\\""}',
        '2024-02-29 12:00:00.000001+00',
        '0001-01-01 00:00:00',
        '9999-12-31',
        '23:59:59.999999',
      ],
      ['2', 'as dlt writes it', 'false', '1e-05', '-0.500000000', '"x"', null, null, null, null],
    ])
  })
})

describe('insert_values', () => {
  it('keeps what cannot stand in a literal', async () => {
    const dlt = String.raw`(1,E'NUL ${'\0'} it''s \\ back\nslash\r')`
    const gantry = "(2,E'NUL '||chr(0)||E' here')"
    const rows = await load({ id, t: text }, [
      file('t.01.0.insert_values', `INSERT INTO {}("id","t")\nVALUES\n${dlt},\n${gantry};`),
    ])
    expect(rows).toEqual([
      ['1', "NUL \0 it's \\ back\nslash\r"],
      ['2', 'NUL \0 here'],
    ])
  })

  it('comes in statements that end between rows', async () => {
    const lines = Array.from({ length: 20_000 }, (_, row) => `(${row},E'),\\n(''${'x'.repeat(row % 90)}')`)
    const rows = await load({ id, t: text }, [
      file('t.01.0.insert_values', `INSERT INTO {}("id","t")\nVALUES\n${lines.join(',\n')};`),
    ])
    expect(rows).toHaveLength(20_000)
    expect(rows.every(([row, value]) => value === `),\n('${'x'.repeat(Number(row) % 90)}`)).toBe(true)
  })

  it('has rows of nulls where a file has no column', async () => {
    const job = file('t.01.0.insert_values', 'INSERT INTO {}()\nVALUES\n(),\n();')
    expect(await load({ id, t: text }, [job])).toEqual([
      [null, null],
      [null, null],
    ])
  })
})

describe('Parquet', () => {
  it('is cast from the types of the file to those of the table', async () => {
    const columns = {
      id,
      small: { data_type: 'bigint', precision: 16 },
      j: { data_type: 'json' },
      nested: { data_type: 'json' },
      p: { data_type: 'decimal' },
      at: { data_type: 'timestamp' },
      zoned: { data_type: 'timestamp' },
      wall: { data_type: 'timestamp', timezone: false, precision: 3 },
      time: { data_type: 'time' },
      missing: { data_type: 'binary' },
    } as const
    // A connection of the user may have any time zone.
    await connection.run("SET TimeZone = 'Asia/Tokyo'")
    const job = await parquet(
      't.01.0.parquet',
      `SELECT 1::TINYINT AS id, 7::INTEGER AS small, '{"a":1}' AS j, {x: [1, NULL]} AS nested, 1.5::DECIMAL(4,1) AS p,
        '2024-01-01 00:00:00'::TIMESTAMP AS at, '2024-01-01 00:00:00+00'::TIMESTAMPTZ AS zoned,
        '2024-01-01 00:00:00+00'::TIMESTAMPTZ AS wall, '12:00:00'::TIME AS time, 'x' AS "not in the table"`,
    )
    const [row] = await load(columns, [job])
    expect(row).toEqual([
      '1',
      '7',
      '{"a":1}',
      '{"x":[1,null]}',
      '1.500000000',
      '2024-01-01 09:00:00+09',
      '2024-01-01 09:00:00+09',
      '2024-01-01 00:00:00',
      '12:00:00',
      null,
    ])
  })

  it('gives null where a file lacks a column, and where all do', async () => {
    const jobs = [
      await parquet('t.01.0.parquet', `SELECT 'a' AS t, 1 AS id`),
      await parquet('t.02.0.parquet', `SELECT 2 AS id, 'b' AS u`),
    ]
    expect(await load({ id, t: text, u: text, none: { data_type: 'date' } }, jobs)).toEqual([
      ['1', 'a', null, null],
      ['2', null, 'b', null],
    ])
  })
})

describe('a value that the table refuses', () => {
  const bad: Record<string, () => Promise<Job>> = {
    jsonl: async () => file('t.02.0.jsonl', '{"id":2,"n":300}\n'),
    csv: async () => file('t.02.0.csv', '"id","n"\n2,300\n'),
    insert_values: async () => file('t.02.0.insert_values', 'INSERT INTO {}("id","n")\nVALUES\n(2,300);'),
    parquet: () => parquet('t.02.0.parquet', 'SELECT 2 AS id, 300 AS n'),
  }
  const good = (format: string, number: string): Promise<Job> | Job =>
    ({
      jsonl: () => file(`t.${number}.0.jsonl`, '{"id":1,"n":1}\n'),
      csv: () => file(`t.${number}.0.csv`, '"id","n"\n1,1\n'),
      insert_values: () => file(`t.${number}.0.insert_values`, 'INSERT INTO {}("id","n")\nVALUES\n(1,1);'),
      parquet: () => parquet(`t.${number}.0.parquet`, 'SELECT 1 AS id, 1 AS n'),
    })[format]!()

  it.each(Object.keys(bad))('is found in its file: %s', async (format) => {
    const jobs = [await good(format, '01'), await bad[format]!(), await good(format, '03')]
    const columns = { id, n: { data_type: 'bigint', precision: 8 } } as const
    await expect(load(columns, jobs)).rejects.toMatchObject({
      code: 'load_client_job_failed',
      job: { id: jobs[1]!.id },
    })
    expect((await connection.runAndReadAll('SELECT count(*) FROM ds.t')).getRowsJson()).toEqual([['0']])
  })

  it('is found among files of several formats', async () => {
    const jobs = [await good('parquet', '01'), await good('csv', '03'), await bad['insert_values']!()]
    const columns = { id, n: { data_type: 'bigint', precision: 8 } } as const
    await expect(load(columns, jobs)).rejects.toMatchObject({ job: { id: jobs[2]!.id } })
  })

  it('may be a file that is cut off', async () => {
    const jobs = [await good('csv', '01'), file('t.02.0.insert_values', 'INSERT INTO {}("id","n")\nVALUES\n(2,1),\n(3')]
    const outcome = await load({ id, n: id }, jobs).catch((error: unknown) => error)
    expect(outcome).toMatchObject({ job: { id: jobs[1]!.id } })
    expect(String(outcome)).toContain('is cut off')
  })

  it('may be a column that the table does not have', async () => {
    const jobs = [file('t.01.0.insert_values', 'INSERT INTO {}("id","extra")\nVALUES\n(2,1);')]
    await expect(load({ id }, jobs)).rejects.toThrow('extra')
  })
})
