import {
  DatabaseTerminalError,
  DatabaseTransientError,
  DatabaseUndefinedRelation,
  DestinationConnectionError,
  DestinationDiskFull,
  DestinationLocked,
  DestinationOutOfMemory,
  InvalidCredentials,
} from '../../errors.ts'

/** What an error of PostgreSQL, or of the way to it, means. */
export type PostgresErrorKind =
  'connection' | 'credentials' | 'diskFull' | 'locked' | 'memory' | 'terminal' | 'transient' | 'undefinedRelation'

/**
 * By SQLSTATE, or by its class of two characters where the code itself is not listed
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html). In which family a class is follows dlt
 * (`dlt/destinations/impl/postgres/sql_client.py`); where nothing can ever change by trying again, it is terminal.
 */
const bySqlState: Readonly<Record<string, PostgresErrorKind>> = {
  '08': 'connection',
  '0A': 'terminal', // feature not supported
  '20': 'terminal', // case not found
  '21': 'terminal', // cardinality violation: MERGE met a row twice, for one
  '22': 'terminal', // data exception
  '23': 'terminal', // integrity constraint violation
  '28': 'credentials', // invalid authorization, wrong password
  '3D': 'credentials', // no such database
  '3F': 'undefinedRelation', // no such schema
  '42': 'terminal', // access rule violation, names and types
  '42601': 'transient', // syntax error, as in dlt
  '42883': 'transient', // undefined function, as in dlt
  '42P01': 'undefinedRelation', // undefined table
  '44': 'terminal', // WITH CHECK OPTION
  '53100': 'diskFull',
  '53200': 'memory',
  '53300': 'connection', // too many connections
  '54': 'terminal', // program limit: too many columns, a row too large
  '55006': 'locked', // object in use
  '55P03': 'locked', // lock not available
  '57P01': 'connection', // the server is shut down
  '57P02': 'connection', // the server has crashed
  '57P03': 'connection', // the server starts up
  '57P04': 'connection', // the database was dropped
  '57P05': 'connection', // idle session timeout
}

/** Of Node's network, DNS and TLS; no SQLSTATE looks like one. */
const nodeCode = /^(?:E[A-Z]{3,}|EAI_[A-Z]+|ERR_(?:SSL|TLS)_\w+|[A-Z_]*CERT[A-Z_]*|UNABLE_TO_[A-Z_]+)$/

/** What pg says, without any code, where the connection is gone or never came to be. */
const connectionMessage =
  /^(?:Connection terminated|timeout expired|timeout exceeded|Client (?:was closed|has encountered)|Cannot use a pool|There was an error establishing an SSL|The server does not support SSL)/

/** The server wants a password, and there is none. */
const passwordMessage = /client password must be a (?:non-empty )?string/

/**
 * Unknown errors count as transient: trying again harms nothing, giving up does.
 *
 * @param code     SQLSTATE, or a code of Node's
 * @param message  of the error; asked where there is no code
 */
export function classifyPostgresError(code: string | undefined, message = ''): PostgresErrorKind {
  if (code === undefined && passwordMessage.test(message)) return 'credentials'
  if (code === undefined) return connectionMessage.test(message) ? 'connection' : 'transient'
  const found = bySqlState[code] ?? bySqlState[code.slice(0, 2)]
  if (found !== undefined && /^[0-9A-Z]{5}$/.test(code)) return found
  return nodeCode.test(code) ? 'connection' : 'transient'
}

/** The fields that PostgreSQL sends with an error, and Node with its own. */
interface ErrorFields {
  readonly message: string
  readonly code?: string
  readonly detail?: string
  readonly hint?: string
  readonly where?: string
}

/** What was being done, and where; for messages, so without secrets. */
export interface ErrorContext {
  /** `loading a package` */
  readonly doing: string
  /** Such as `host:5432, database "db", user "u"`. */
  readonly place: string
  /** Joins `details` of the error. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** The error of ours for one of PostgreSQL's or of its driver; the cause is kept. */
export function wrapPostgresError(error: unknown, { doing, place, details = {} }: ErrorContext): Error {
  const fields = fieldsOf(error)
  const { code } = fields
  const options = { cause: error }
  const known = { place, ...details, ...(code === undefined ? {} : { sqlState: code }) }
  const failed = `PostgreSQL failed while ${doing}: ${describe(fields)}`
  switch (classifyPostgresError(code, fields.message)) {
    case 'connection':
      return new DestinationConnectionError(
        `The connection to PostgreSQL at ${place} failed while ${doing}: ${describe(fields)} ` +
          `${connectionHint(code)}What is pending is kept; run the command again.`,
        known,
        options,
      )
    case 'credentials':
      return new InvalidCredentials(
        `PostgreSQL at ${place} refuses the connection: ${describe(fields)} ${credentialsHint(code)}`,
        known,
        options,
      )
    case 'diskFull':
      return new DestinationDiskFull(
        `${failed} The disk of the server at ${place} is full. Make room there, then run the command again; the package is kept.`,
        known,
        options,
      )
    case 'memory':
      return new DestinationOutOfMemory(
        `${failed} The server at ${place} has no memory left. The package is kept; run the command again when the ` +
          'server has more, or with fewer jobs at once.',
        known,
        options,
      )
    case 'locked':
      return new DestinationLocked(`${failed} Another session holds it. Run the command again later.`, known, options)
    case 'undefinedRelation':
      return new DatabaseUndefinedRelation(failed, known, options)
    case 'terminal':
      return new DatabaseTerminalError(`${failed}${terminalHint(code)}`, known, options)
    case 'transient':
      return new DatabaseTransientError(`${failed} Run the command again.`, known, options)
  }
}

/** A connection to several addresses of a name fails with one error for each; the first tells enough. */
function fieldsOf(error: unknown): ErrorFields {
  if (error instanceof AggregateError && error.message === '' && error.errors.length > 0) {
    return fieldsOf(error.errors[0])
  }
  if (error instanceof Error) return error
  return { message: String(error) }
}

/** The message with what PostgreSQL adds to it: the value, the file's line, its own hint. */
function describe({ message, detail, hint, where }: ErrorFields): string {
  const parts = [message, detail, where === undefined ? undefined : `(${shortened(where)})`, hint]
  return parts
    .filter((part) => part !== undefined && part !== '')
    .map((part) => (/[.!?)]$/.test(part as string) ? part : `${part}.`))
    .join(' ')
}

/** `where` repeats the line of a file, which may be of any length. */
function shortened(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 300)}…`
}

function connectionHint(code: string | undefined): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'Is the host name right? '
  if (code === 'ECONNREFUSED' || code === 'ETIMEDOUT')
    return 'Does the server run there, and does it listen on that port? '
  return ''
}

function credentialsHint(code: string | undefined): string {
  if (code === '3D000') return 'Create the database (CREATE DATABASE …), or correct its name in the credentials.'
  return 'Correct the user name or the password, for example DESTINATION__POSTGRES__CREDENTIALS__PASSWORD.'
}

function terminalHint(code: string | undefined): string {
  if (code === '42501') return ' Grant the user of the credentials that right, or give other credentials.'
  if (code === '22021' || code === '22P05') {
    return ' PostgreSQL stores no NUL character in text or json: take it out of the data, for example in a map step.'
  }
  return ''
}
