import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigFieldMissing } from '@gantry/common'
import { describe, expect, it } from 'vitest'
import { openOptions } from '../support.ts'
import {
  createsIndexes,
  postgresTarget,
  serverLocation,
  serverPlace,
  type PostgresServer,
} from '../../src/destinations/postgres/postgres-config.ts'
import { InvalidCredentials } from '../../src/errors.ts'

function server(credentials: unknown, env: Record<string, string> = {}): PostgresServer {
  const target = postgresTarget(openOptions('postgres', 'd', credentials, { env }))
  if (!('server' in target)) throw new Error('no server')
  return target.server
}

function failure(credentials: unknown, env: Record<string, string> = {}): Error & { exitCode?: number } {
  try {
    server(credentials, env)
  } catch (error) {
    return error as Error
  }
  throw new Error('taken')
}

const url = 'postgresql://loader:s%40crt@db.example:6543/shop?sslmode=require&connect_timeout=3'

describe('credentials of postgres', () => {
  it('are a URL', () => {
    expect(server(url)).toEqual({
      host: 'db.example',
      port: 6543,
      database: 'shop',
      username: 'loader',
      password: 's@crt',
      applicationName: 'gantry',
      connectTimeoutMs: 3000,
      statementTimeoutMs: undefined,
      options: undefined,
      tls: { mode: 'require' },
    })
  })

  it.each([
    ['postgres://u@[::1]/d', { host: '::1', port: 5432, password: undefined }],
    ['postgresql+psycopg2://u:p@h/d', { host: 'h', password: 'p' }],
    [
      'postgres:///d?host=/var/run/postgresql&user=u',
      { host: '/var/run/postgresql', username: 'u', tls: { mode: 'disable' } },
    ],
    ['postgres://u:a@b@h/d', { password: 'a@b' }],
    [
      'postgres://u@h/d?application_name=me&statement_timeout=500&options=-c%20work_mem%3D8MB',
      { applicationName: 'me', statementTimeoutMs: 500, options: '-c work_mem=8MB' },
    ],
  ])('%s', (text, expected) => {
    expect(server(text)).toMatchObject(expected)
  })

  it('are an object', () => {
    const given = {
      host: 'h',
      port: 5433,
      database: 'd',
      username: 'u',
      password: ' p\n',
      query: { sslmode: 'disable' },
    }
    expect(server(given)).toMatchObject({ host: 'h', port: 5433, password: 'p', tls: { mode: 'disable' } })
  })

  it.each(['DESTINATION__POSTGRES__CREDENTIALS', 'DESTINATION__CREDENTIALS', 'CREDENTIALS', 'TEST__CREDENTIALS'])(
    'come from %s',
    (variable) => {
      expect(server(undefined, { [variable]: url })).toMatchObject({ host: 'db.example' })
    },
  )

  it('come in parts, which go ahead of a URL in the environment, and behind what code gives', () => {
    const env = {
      DESTINATION__POSTGRES__CREDENTIALS__HOST: 'other',
      CREDENTIALS__PASSWORD: 'q',
      CREDENTIALS: url,
    }
    expect(server(undefined, env)).toMatchObject({ host: 'other', port: 6543, database: 'shop', password: 'q' })
    expect(server({ host: 'mine', database: 'd', username: 'u' }, env)).toMatchObject({ host: 'mine', password: 'q' })
    expect(server('postgres://u@h/d', env)).toMatchObject({ host: 'h', port: 5432, password: 'q' })
  })

  it('are missed with a list of all that was looked for, exit code 2', () => {
    const error = failure(undefined, { DESTINATION__POSTGRES__CREDENTIALS__HOST: 'h' })
    expect(error).toBeInstanceOf(ConfigFieldMissing)
    expect(error.exitCode).toBe(2)
    for (const key of [
      'postgres lacks credentials, database, username',
      'DESTINATION__POSTGRES__CREDENTIALS,',
      'DESTINATION__CREDENTIALS,',
      'DESTINATION__POSTGRES__CREDENTIALS__DATABASE, DESTINATION__CREDENTIALS__DATABASE, CREDENTIALS__DATABASE',
      'CREDENTIALS__USERNAME',
      'TEST__DESTINATION__POSTGRES__CREDENTIALS',
    ]) {
      expect(error.message).toContain(key)
    }
  })

  it.each<[string, unknown, string]>([
    ['of another kind', 42, 'are a URL such as'],
    ['of another database', 'mysql://u:secret@h/d', 'are a URL such as'],
    ['with a stray %', 'postgres://u:secret%zz@h/d', 'write % as %25'],
    ['with a strange port', 'postgres://u:secret@h:x/d', 'cannot be read'],
    ['with a strange timeout', 'postgres://u:secret@h/d?connect_timeout=soon', 'connect_timeout is a whole number'],
    ['with a strange sslmode', 'postgres://u:secret@h/d?sslmode=always', 'verify-full'],
    ['with a file that is not there', 'postgres://u:secret@h/d?sslrootcert=/none.crt', '/none.crt, cannot be read'],
  ])('%s are refused, without their password', (_, given, text) => {
    const error = failure(given)
    expect(error).toBeInstanceOf(InvalidCredentials)
    expect(error.exitCode).toBe(2)
    expect(error.message).toContain(text)
    expect(JSON.stringify([error.message, error.stack, error, error.cause ?? null])).not.toContain('secret')
  })

  it('name files for TLS; a root certificate is there to be checked', () => {
    const ca = join(mkdtempSync(join(tmpdir(), 'gantry-tls-')), 'ca.crt')
    writeFileSync(ca, 'CA')
    const query = { sslrootcert: ca, sslcert: ca, sslkey: ca }
    const given = { host: 'h', database: 'd', username: 'u' }
    expect(server({ ...given, query: { ...query, sslmode: 'require' } }).tls).toEqual({
      mode: 'verify-ca',
      ca: 'CA',
      cert: 'CA',
      key: 'CA',
    })
    expect(server({ ...given, query: { sslmode: 'verify-full', sslrootcert: 'system' } }).tls).toEqual({
      mode: 'verify-full',
    })
    expect(server(given).tls).toEqual({ mode: 'prefer' })
  })

  it('are shown without the password', () => {
    expect(serverLocation(server(url))).toBe('postgres://loader:***@db.example:6543/shop')
    expect(serverLocation(server('postgres://u@[::1]/d'))).toBe('postgres://u@[::1]:5432/d')
    expect(serverPlace(server(url))).toBe('db.example:6543 (database "shop", user "loader")')
  })

  it('say whether unique columns get an index', () => {
    const env = { DESTINATION__POSTGRES__CREATE_INDEXES: 'false' }
    expect(createsIndexes(openOptions('postgres', 'd', undefined))).toBe(true)
    expect(createsIndexes(openOptions('postgres', 'd', undefined, { env }))).toBe(false)
  })
})
