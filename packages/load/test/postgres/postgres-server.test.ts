import { spawnSync } from 'node:child_process'
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jobId, newTable, parseJobFileName, type Column, type Job } from '@gantry/common'
import { Client, Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startPostgres, type OwnPostgres, type TestPostgres } from '../../../../test/support/postgres.mjs'
import { openOptions } from '../support.ts'
import { openPostgres } from '../../src/destinations/postgres/postgres-engine.ts'
import {
  DatabaseTerminalError,
  DatabaseUndefinedRelation,
  DestinationConnectionError,
  DestinationLocked,
  InvalidCredentials,
} from '../../src/errors.ts'
import type { SqlConnection, SqlEngine } from '../../src/sql/engine.ts'

let server: TestPostgres
let admin: Client
beforeAll(async () => {
  server = await startPostgres()
  admin = new Client(server.url)
  await admin.connect()
})
afterAll(async () => {
  await admin.end()
  await server.stop()
})

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gantry-postgres-'))))

function open(credentials: unknown = server.url, datasetName = 'public'): Promise<SqlEngine> {
  return openPostgres(openOptions('postgres', datasetName, credentials))
}

async function withConnection<Result>(
  work: (connection: SqlConnection, engine: SqlEngine) => Promise<Result>,
  credentials?: unknown,
): Promise<Result> {
  await using engine = await open(credentials)
  await using connection = await engine.connect()
  return await work(connection, engine)
}

function job(path: string, content?: string): Job {
  if (content !== undefined) writeFileSync(path, content)
  const fileName = path.slice(path.lastIndexOf('/') + 1)
  const parsed = parseJobFileName(fileName)
  return { id: jobId(parsed), name: parsed, fileName, folder: 'started_jobs', path }
}

let serial = 0

/** A new table in the schema `public`, and what copies into it. */
async function newTableOf(
  connection: SqlConnection,
  columns: readonly Column[],
): Promise<{ readonly name: string; copy(jobs: readonly Job[]): Promise<number> }> {
  const name = `t_${process.pid}_${++serial}`
  const list = columns.map((column) => `"${column.name}" ${column.data_type === 'text' ? 'varchar' : 'bigint'}`)
  await connection.run(`CREATE TABLE public.${name} (${list.join(', ')})`)
  const table = { ...newTable(name), columns: new Map(columns.map((column) => [column.name, column])) }
  return { name, copy: (jobs) => connection.copy({ table, columns, jobs, into: `public.${name}` }) }
}

const id: Column = { name: 'id', data_type: 'bigint' }
const text: Column = { name: 't', data_type: 'text' }

/** The error of a connection that cannot be. */
async function refusal(url: string): Promise<Error> {
  await using engine = await open(url)
  return await engine.connect().then(
    () => new Error('connected'),
    (error: unknown) => error as Error,
  )
}

function changed(change: (url: URL) => void): string {
  const url = new URL(server.url)
  change(url)
  return url.href
}

describe('a connection that cannot be', () => {
  it('tells of a wrong password, and not the password', async () => {
    const error = await refusal(changed((url) => (url.password = 'wrong-secret')))
    expect(error).toBeInstanceOf(InvalidCredentials)
    expect(error.message).toMatch(/password authentication failed for user.*Correct the user name or the password/)
    expect(error.message).not.toContain('wrong-secret')
  })

  it('tells of a missing password', async () => {
    const error = await refusal(changed((url) => (url.password = '')))
    expect(error).toBeInstanceOf(InvalidCredentials)
  })

  it('tells of a database that is not there', async () => {
    const error = await refusal(changed((url) => (url.pathname = '/none')))
    expect(error).toBeInstanceOf(InvalidCredentials)
    expect(error.message).toContain('database "none" does not exist. Create the database')
  })

  it('tells of a server that is not there', async () => {
    const error = await refusal('postgres://u:secret@127.0.0.1:1/d')
    expect(error).toBeInstanceOf(DestinationConnectionError)
    expect(error.message).toContain('127.0.0.1:1 (database "d", user "u")')
    expect(error.message).toContain('Does the server run there')
    expect(error.message).not.toContain('secret')
  })

  it('tells of a host that nobody knows', async () => {
    const error = await refusal('postgres://u:secret@no-such-host.invalid/d')
    expect(error).toBeInstanceOf(DestinationConnectionError)
    expect(error.message).toContain('no-such-host.invalid')
  })

  it('is given up after its time where the server says nothing', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const error = await refusal(`postgres://u:secret@127.0.0.1:${port}/d?connect_timeout=1`)
    silent.close()
    expect(error).toBeInstanceOf(DestinationConnectionError)
    expect(error.message).toContain('timeout')
  })

  it('tells of a server without TLS where TLS is required', async () => {
    const error = await refusal(changed((url) => url.searchParams.set('sslmode', 'require')))
    expect(error).toBeInstanceOf(DestinationConnectionError)
    expect(error.message).toContain('does not support SSL')
  })
})

it('a dataset whose name would be cut is refused', async () => {
  await expect(open(server.url, 'x'.repeat(56))).rejects.toThrow('has 64 bytes of 63')
  await using _engine = await open(server.url, 'x'.repeat(55))
})

describe.skipIf(spawnSync('openssl', ['version']).status !== 0)('over TLS', () => {
  let own: OwnPostgres
  let certificates: string
  beforeAll(async () => {
    certificates = mkdtempSync(join(tmpdir(), 'gantry-certificates-'))
    const made = spawnSync(
      'openssl',
      'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout key -out crt'.split(
        ' ',
      ),
      { cwd: certificates, encoding: 'utf8' },
    )
    expect(made.status, made.stderr).toBe(0)
    const [key, cert] = ['key', 'crt'].map((name) => readFileSync(join(certificates, name), 'utf8')) as [string, string]
    own = await startPostgres({ own: true, tls: { key, cert } })
  })
  afterAll(() => own.stop())

  async function isEncrypted(host: string, query: Record<string, string>): Promise<unknown> {
    const url = new URL(own.url)
    url.hostname = host
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    return withConnection(async (connection) => {
      const [[ssl] = []] = await connection.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
      return ssl
    }, url.href)
  }

  it.each<[string, Record<string, string>, boolean]>([
    ['127.0.0.1', {}, true],
    ['127.0.0.1', { sslmode: 'disable' }, false],
    ['127.0.0.1', { sslmode: 'require' }, true],
    ['127.0.0.1', { sslmode: 'verify-ca', sslrootcert: 'crt' }, true],
    ['127.0.0.1', { sslmode: 'require', sslrootcert: 'crt' }, true],
    ['localhost', { sslmode: 'verify-full', sslrootcert: 'crt' }, true],
  ])('a connection to %s with %j is encrypted: %s', async (host, query, expected) => {
    expect(await isEncrypted(host, inFolder(query))).toBe(expected)
  })

  it.each([
    ['127.0.0.1', { sslmode: 'verify-full', sslrootcert: 'crt' }],
    ['localhost', { sslmode: 'verify-full' }],
    ['localhost', { sslmode: 'verify-ca', sslrootcert: 'system' }],
  ])('a connection to %s with %j is refused', async (host, query) => {
    await expect(isEncrypted(host, inFolder(query))).rejects.toThrow(DestinationConnectionError)
  })

  function inFolder(query: Record<string, string>): Record<string, string> {
    return query['sslrootcert'] === 'crt' ? { ...query, sslrootcert: join(certificates, 'crt') } : query
  }
})

describe('a session', () => {
  it('is in UTC, finds the dataset first, and says who it is', async () => {
    await using engine = await open(server.url, 'my "data"')
    await using connection = await engine.connect()
    expect(
      await connection.query(
        `SELECT current_setting('TimeZone'), current_setting('search_path'), current_setting('application_name'), ` +
          `current_setting('standard_conforming_strings')`,
      ),
    ).toEqual([['UTC', '"my ""data""", public', 'gantry', 'on']])
  })

  it('runs statements that come at once one after the other', async () => {
    await withConnection(async (connection) => {
      const results = await Promise.all([1, 2, 3].map((n) => connection.query(`SELECT ${n}::bigint`)))
      expect(results).toEqual([[[1n]], [[2n]], [[3n]]])
    })
  })

  it('tells of a table that is not there', async () => {
    await withConnection(async (connection) => {
      await expect(connection.query('SELECT 1 FROM public.none')).rejects.toThrow(DatabaseUndefinedRelation)
      await expect(connection.query('SELECT 1 FROM nowhere.none')).rejects.toThrow(DatabaseUndefinedRelation)
    })
  })

  it('ends a statement after its time', async () => {
    const url = changed((given) => given.searchParams.set('statement_timeout', '50'))
    const sleeping = withConnection((connection) => connection.query('SELECT pg_sleep(10)'), url)
    await expect(sleeping).rejects.toMatchObject({ code: 'database_transient_error', details: { sqlState: '57014' } })
  })

  it('notices that the server rolled back instead of committing', async () => {
    await withConnection(async (connection) => {
      const committed = connection.transaction('writing', async () => {
        await connection.query('SELECT 1/0').catch(() => undefined)
      })
      await expect(committed).rejects.toThrow('rolled back instead of committing after writing')
    })
  })
})

describe('files', () => {
  it('of Python dlt have null where a column may be null, and Gantry the empty text', async () => {
    await withConnection(async (connection) => {
      const table = await newTableOf(connection, [id, text, { ...text, name: 'u', nullable: false }])
      const lines = '"id","t","u"\n"","",""\n'
      for (const [name, hasManifest] of [['python', false] as const, ['gantry', true] as const]) {
        const started = join(folder, name, 'started_jobs')
        mkdirSync(started, { recursive: true })
        if (hasManifest) writeFileSync(join(folder, name, 'manifest.json'), '{}')
        const rows = hasManifest ? lines.replace('\n""', '\n') : lines
        await table.copy([job(join(started, 't.01.0.csv'), rows)])
      }
      expect(await connection.query(`SELECT id, t, u FROM public.${table.name} ORDER BY t NULLS FIRST`)).toEqual([
        [null, null, ''],
        [null, '', ''],
      ])
    })
  })

  it('tell where a value is that was refused', async () => {
    await withConnection(async (connection) => {
      const table = await newTableOf(connection, [id])
      const path = join(folder, 't.01.0.csv')
      const error: Error = (await table
        .copy([job(path, '"id"\n1\n"x"\n')])
        .catch((reason: unknown) => reason as Error)) as Error
      expect(error).toBeInstanceOf(DatabaseTerminalError)
      expect(error.message).toContain(`loading ${path} into public.${table.name}`)
      expect(error.message).toContain('line 3, column id: "x"')
      expect(error).toMatchObject({ details: { jobId: 't.01.csv', path, sqlState: '22P02' } })
    })
  })

  it.each([
    ['csv', '"t"\n"a\0b"\n'],
    ['insert_values', `INSERT INTO {}("t")\nVALUES\n(E'a\0b');`],
    ['insert_values', `INSERT INTO {}("t")\nVALUES\n(E'a\\x00b');`],
  ])('with a NUL in a text are refused, with what to do: %s', async (format, content) => {
    await withConnection(async (connection) => {
      const table = await newTableOf(connection, [text])
      const copied = table.copy([job(join(folder, `t.01.0.${format}`), content)])
      await expect(copied).rejects.toThrow('PostgreSQL stores no NUL character')
      await expect(copied).rejects.toThrow(DatabaseTerminalError)
    })
  })

  it('with the literals of PostgreSQL keep their bytes', async () => {
    await withConnection(async (connection) => {
      await connection.run('CREATE TEMPORARY TABLE b (b bytea, j jsonb)')
      const columns: Column[] = [
        { name: 'b', data_type: 'binary' },
        { name: 'j', data_type: 'json' },
      ]
      const table = { ...newTable('b'), columns: new Map(columns.map((column) => [column.name, column])) }
      const file = job(
        join(folder, 'b.01.0.insert_values'),
        `INSERT INTO {}("b","j")\nVALUES\n('\\x00ff',E'{"a":"\\\\n"}');`,
      )
      await connection.copy({ table, columns, jobs: [file], into: 'b' })
      expect(await connection.query(`SELECT b, j->>'a' FROM b`)).toEqual([[new Uint8Array([0, 255]), '\n']])
    })
  })
})

describe('a connection that is lost in the midst of a COPY', () => {
  /** A file that takes a while. */
  async function longFile(): Promise<Job> {
    const path = join(folder, 't.01.0.csv')
    const out = createWriteStream(path)
    out.write('"id","t"\n')
    const lines = `1,"${'x'.repeat(1000)}"\n`.repeat(1000)
    for (let at = 0; at < 200; at++) if (!out.write(lines)) await once(out, 'drain')
    out.end()
    await once(out, 'finish')
    return job(path)
  }

  async function untilCopying(): Promise<number> {
    for (;;) {
      const { rows } = await admin.query(
        `SELECT pid FROM pg_stat_progress_copy WHERE bytes_processed > 1000000 AND datname = current_database()`,
      )
      if (rows.length > 0) return (rows[0] as { pid: number }).pid
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  it('says so, leaves nothing behind, and the next connection goes on', async () => {
    await using engine = await open()
    const connection = await engine.connect()
    const table = await newTableOf(connection, [id, text])
    const copying = connection.transaction('loading', async () => table.copy([await longFile()]))
    const outcome = copying.catch((error: unknown) => error)
    await admin.query(`SELECT pg_terminate_backend(${await untilCopying()})`)
    expect(await outcome).toBeInstanceOf(DestinationConnectionError)
    await expect(connection.query('SELECT 1')).rejects.toThrow(DestinationConnectionError)
    await connection[Symbol.asyncDispose]()
    await using next = await engine.connect()
    expect(await next.query(`SELECT count(*) FROM public.${table.name}`)).toEqual([[0n]])
  })

  it('because the loader closes, ends too', async () => {
    const engine = await open()
    const connection = await engine.connect()
    const table = await newTableOf(connection, [id, text])
    const outcome = table.copy([await longFile()]).catch((error: unknown) => error)
    await untilCopying()
    await engine[Symbol.asyncDispose]()
    expect(await outcome).toBeInstanceOf(DestinationConnectionError)
  })
})

it('survives a crash of the server: what was committed is there, what was not is not', async () => {
  const own = await startPostgres({ own: true, fsync: true })
  try {
    await using engine = await open(own.url)
    const connection = await engine.connect()
    await connection.run('CREATE TABLE public.t (id bigint)')
    await connection.transaction('one', () => connection.run('INSERT INTO public.t VALUES (1)'))
    const lost = connection.transaction('two', async () => {
      await connection.run('INSERT INTO public.t VALUES (2)')
      await own.crash()
    })
    await expect(lost).rejects.toThrow(DestinationConnectionError)
    await expect(engine.connect()).rejects.toThrow(DestinationConnectionError)
    await own.restart()
    await using next = await engine.connect()
    expect(await next.query('SELECT id FROM public.t')).toEqual([[1n]])
  } finally {
    await own.stop()
  }
})

describe('a lock', () => {
  it('tells who holds it', async () => {
    await using one = await open()
    await using two = await open()
    await using _held = await one.lock('dataset of a test')
    const error = await two.lock('dataset of a test').catch((reason: unknown) => reason as Error)
    expect(error).toBeInstanceOf(DestinationLocked)
    expect((error as DestinationLocked).exitCode).toBe(75)
    expect((error as Error).message).toMatch(
      /Server process \d+ \(application "gantry" of user \w+, from [\d.]+(\/32)?:\d+, connected since .*holds "dataset of a test"/,
    )
  })

  it('is of one name, and free when it is let go', async () => {
    await using one = await open()
    await using two = await open()
    const held = await one.lock('a')
    await (await two.lock('b'))[Symbol.asyncDispose]()
    await held[Symbol.asyncDispose]()
    await (await two.lock('a'))[Symbol.asyncDispose]()
  })

  it('is free once its holder is gone, however it went', async () => {
    await using one = await open(changed((url) => url.searchParams.set('application_name', 'to be gone')))
    await using two = await open()
    const held = await one.lock('dataset of another')
    await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to be gone'`)
    await using _next = await two.lock('dataset of another')
    await held[Symbol.asyncDispose]()
  })
})

describe("the program's own connection", () => {
  const own = 'SELECT current_setting($$TimeZone$$) AS zone, current_setting($$search_path$$) AS path'

  it('as a Client is one session for all, with its settings put back at the end', async () => {
    const client = new Client(server.url)
    await client.connect()
    await client.query(`SET TimeZone = 'Europe/Vienna'`)
    const { rows: before } = await client.query(own)
    const engine = await open(client)
    expect(engine.commits).toBe('package')
    expect(engine.location).toBe('a connection of the program')
    const [one, two] = [await engine.connect(), await engine.connect()]
    await one.run('CREATE TEMPORARY TABLE mine (id bigint)')
    await Promise.all([one.run('INSERT INTO mine VALUES (1)'), two.run('INSERT INTO mine VALUES (2)')])
    expect(await two.query(`SELECT count(*), current_setting('TimeZone') FROM mine`)).toEqual([[2n, 'UTC']])
    await expect(one.transaction('one', () => two.transaction('two', () => Promise.resolve()))).rejects.toThrow(
      'A transaction for two was asked for within one for one.',
    )
    await engine[Symbol.asyncDispose]()
    expect((await client.query(own)).rows).toEqual(before)
    await client.end()
  })

  it('as a Pool gives sessions and gets them back as they were', async () => {
    const pool = new Pool({ connectionString: server.url, max: 2 })
    const { rows: before } = await pool.query(own)
    const engine = await open(pool)
    expect(engine.commits).toBe('chain')
    await using held = await engine.lock('of a pool')
    await using connection = await engine.connect()
    expect(await connection.query(`SELECT current_setting('TimeZone')`)).toEqual([['UTC']])
    await connection[Symbol.asyncDispose]()
    await held[Symbol.asyncDispose]()
    expect((await pool.query(own)).rows).toEqual(before)
    await engine[Symbol.asyncDispose]()
    await pool.end()
  })
})
