import { readFileSync } from 'node:fs'
import { ConfigFieldMissing, flagOf, textOf, type Configuration, type DestinationReference } from '@gantry/common'
import { InvalidCredentials } from '../../errors.ts'
import type { OpenDestination } from '../destination.ts'
import { isPgClient, isPgPool, type PgClient, type PgPool } from './postgres-driver.ts'

/** Where the database is, and who asks; or the program's own connection or pool. */
export type PostgresTarget =
  { readonly server: PostgresServer } | { readonly client: PgClient } | { readonly pool: PgPool }

/** A server, resolved: nothing is left to defaults of the driver but a password, which it may find in `PGPASSWORD`. */
export interface PostgresServer {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly username: string
  readonly password: string | undefined
  readonly applicationName: string
  readonly connectTimeoutMs: number
  /** Milliseconds a statement may take; undefined: what the server says. */
  readonly statementTimeoutMs: number | undefined
  /** Command line options of the session, such as `-c work_mem=64MB`. */
  readonly options: string | undefined
  readonly tls: PostgresTls
}

/** libpq's `sslmode`; `allow` and `prefer` go on without TLS where the server has none. */
export interface PostgresTls {
  readonly mode: 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** What is known of a server, by the names of its settings. */
type Parts = Map<string, string>

const needed = ['host', 'database', 'username'] as const
const settings = [
  ...needed,
  'port',
  'password',
  'connect_timeout',
  'statement_timeout',
  'application_name',
  'options',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
] as const

type Paths = readonly (readonly string[])[]

/** Sections of the credentials as a whole, and of their parts. */
function sectionsOf({ name }: DestinationReference): { readonly whole: Paths; readonly part: Paths } {
  const whole = [['destination', name], ['destination'], []]
  return { whole, part: whole.map((path) => [...path, 'credentials']) }
}

/**
 * Credentials given in code, else `DESTINATION__POSTGRES__CREDENTIALS`, `DESTINATION__CREDENTIALS` or `CREDENTIALS`: a
 * URL (`postgresql://user:password@host:5432/db?sslmode=require`), `{ host, port, database, username, password, query }`,
 * or an open Client or Pool of `pg`. What they lack is looked for one by one, as in
 * `DESTINATION__POSTGRES__CREDENTIALS__PASSWORD` (dlt `dlt/destinations/impl/postgres/configuration.py`).
 *
 * @throws {ConfigFieldMissing} host, database or user name are nowhere; lists what was looked for
 * @throws {InvalidCredentials}
 */
export function postgresTarget({ reference, configuration }: OpenDestination): PostgresTarget {
  const { credentials: given } = reference
  if (isPgPool(given)) return { pool: given }
  if (isPgClient(given)) return { client: given }
  const parts: Parts = new Map()
  const sections = sectionsOf(reference)
  const whole = configuration.find('credentials', sections.whole, true)
  if (given !== undefined && given !== null && given !== '') addCredentials(parts, given, 'the credentials')
  // Of what comes from the environment, the single settings go first.
  for (const name of settings) {
    const found = configuration.find(name, sections.part, name === 'password')
    if (found !== undefined && !parts.has(name)) parts.set(name, textOf(found) as string)
  }
  if (parts.size < settings.length && whole !== undefined && !isComplete(given)) {
    const rest: Parts = new Map()
    addCredentials(rest, whole.value, whole.key)
    for (const [name, text] of rest) if (!parts.has(name)) parts.set(name, text)
  }
  return { server: serverOf(parts, reference, configuration) }
}

/** @throws {InvalidUsage} neither true nor false */
export function createsIndexes({ reference, configuration }: OpenDestination): boolean {
  return flagOf(configuration.find('create_indexes', sectionsOf(reference).whole)) ?? true
}

/** `postgres://user:***@host:5432/db` */
export function serverLocation({ host, port, database, username, password }: PostgresServer): string {
  const secret = password === undefined ? '' : ':***'
  const place = host.includes('/') ? encodeURIComponent(host) : host.includes(':') ? `[${host}]` : host
  return `postgres://${encodeURIComponent(username)}${secret}@${place}:${port}/${encodeURIComponent(database)}`
}

/** `host:5432 (database "db", user "u")`, for messages. */
export function serverPlace({ host, port, database, username }: PostgresServer): string {
  return `${host}:${port} (database "${database}", user "${username}")`
}

function isComplete(given: unknown): boolean {
  return typeof given === 'string' && given !== ''
}

/** @param origin  for messages; the credentials themselves hold a secret */
function addCredentials(parts: Parts, given: unknown, origin: string): void {
  if (typeof given === 'string') {
    addUrl(parts, given, origin)
    return
  }
  if (typeof given !== 'object' || given === null) throw invalid(origin)
  for (const [name, value] of Object.entries(given)) {
    if (name === 'query') addQuery(parts, value, origin)
    else if (name === 'drivername') continue
    else if (typeof value === 'string' || typeof value === 'number') parts.set(name, String(value))
    else if (value !== undefined && value !== null) throw invalid(origin)
  }
}

function addUrl(parts: Parts, text: string, origin: string): void {
  const rest = /^postgres(?:ql)?(?:\+\w+)?:(\/\/.*)$/s.exec(text.trim())?.[1]
  if (rest === undefined) throw invalid(origin)
  let url: URL
  try {
    url = new URL(`postgres:${rest}`)
    add('host', decodeURIComponent(url.hostname.replace(/^\[(.*)\]$/, '$1')))
    add('port', url.port)
    add('database', decodeURIComponent(url.pathname.slice(1)))
    add('username', decodeURIComponent(url.username))
    add('password', decodeURIComponent(url.password))
  } catch (cause) {
    // The cause repeats the URL with its password.
    const why = cause instanceof URIError ? 'A % in it begins no escape' : 'It is no URL'
    throw new InvalidCredentials(
      `PostgreSQL's URL in ${origin} cannot be read. ${why}; in user name and password, write % as %25, / as %2F, ? as ` +
        '%3F and # as %23.',
      { origin },
    )
  }
  addQuery(parts, Object.fromEntries(url.searchParams), origin)

  function add(name: string, value: string): void {
    if (value !== '') parts.set(name, value)
  }
}

function addQuery(parts: Parts, query: unknown, origin: string): void {
  if (query === undefined || query === null) return
  if (typeof query !== 'object') throw invalid(origin)
  for (const [name, value] of Object.entries(query)) parts.set(name === 'user' ? 'username' : name, String(value))
}

function serverOf(parts: Parts, reference: DestinationReference, configuration: Configuration): PostgresServer {
  const missing = needed.filter((name) => parts.get(name) === undefined)
  if (missing.length > 0) throw configMissing(missing, reference, configuration)
  // Spaces around a password come from copying it.
  const password = parts.get('password')?.trim()
  return {
    host: parts.get('host') as string,
    port: numberOf(parts, 'port') ?? 5432,
    database: parts.get('database') as string,
    username: parts.get('username') as string,
    password: password === '' ? undefined : password,
    applicationName: parts.get('application_name') ?? 'gantry',
    // As dlt; 0 waits without end, as in libpq.
    connectTimeoutMs: (numberOf(parts, 'connect_timeout') ?? 15) * 1000,
    statementTimeoutMs: numberOf(parts, 'statement_timeout'),
    options: parts.get('options'),
    tls: tlsOf(parts),
  }
}

function numberOf(parts: Parts, name: string): number | undefined {
  const text = parts.get(name)
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidCredentials(`Credentials of postgres: ${name} is a whole number, not "${text}".`, { name })
}

const tlsModes: Readonly<Record<string, PostgresTls['mode']>> = {
  disable: 'disable',
  allow: 'prefer',
  prefer: 'prefer',
  require: 'require',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
}

/** https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION */
function tlsOf(parts: Parts): PostgresTls {
  const given = parts.get('sslmode') ?? 'prefer'
  const known = Object.hasOwn(tlsModes, given) ? tlsModes[given] : undefined
  if (known === undefined) {
    throw new InvalidCredentials(
      `Credentials of postgres: there is no sslmode "${given}". It is one of ${Object.keys(tlsModes).join(', ')}.`,
      { sslmode: given },
    )
  }
  if (parts.get('host')?.startsWith('/') === true) return { mode: 'disable' }
  const ca = readPart(parts, 'sslrootcert')
  const cert = readPart(parts, 'sslcert')
  const key = readPart(parts, 'sslkey')
  return {
    // A certificate that was given is there to be checked.
    mode: known === 'require' && ca !== undefined ? 'verify-ca' : known,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

/** `system` are the certificates that Node knows. */
function readPart(parts: Parts, name: string): string | undefined {
  const path = parts.get(name)
  if (path === undefined || path === '' || path === 'system') return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new InvalidCredentials(
      `Credentials of postgres: the file of ${name}, ${path}, cannot be read: ${(cause as Error).message}.`,
      { name, path },
      { cause },
    )
  }
}

function invalid(origin: string): InvalidCredentials {
  return new InvalidCredentials(
    `Credentials of postgres in ${origin} are a URL such as postgresql://user:password@host:5432/database, ` +
      '{ host, port, database, username, password, query }, or an open Client or Pool of the package pg.',
    { origin },
  )
}

function configMissing(
  missing: readonly string[],
  reference: DestinationReference,
  configuration: Configuration,
): ConfigFieldMissing {
  const { whole, part } = sectionsOf(reference)
  return new ConfigFieldMissing(
    `Destination ${reference.name}`,
    [
      { name: 'credentials', isSecret: true, paths: whole },
      ...missing.map((name) => ({ name, isSecret: false, paths: part })),
    ],
    configuration,
    'The credentials are a URL such as postgresql://user:password@host:5432/database, and can also be given in code: destinations.postgres(url).',
  )
}
