import { isAbsolute, join, resolve } from 'node:path'
import { textOf } from '@gantry/common'
import { InvalidCredentials } from '../../errors.ts'
import type { OpenDestination } from '../destination.ts'
import { isDuckdbConnection, type DuckdbConnection } from './duckdb-driver.ts'

/** Which database is meant: a file, or a connection that belongs to the user. */
export type DuckdbTarget = { readonly path: string } | { readonly connection: DuckdbConnection }

/**
 * Where the database is. Given in code, else `DESTINATION__DUCKDB__CREDENTIALS`, `DESTINATION__CREDENTIALS` or
 * `CREDENTIALS`: a path, a URL (`duckdb:///relative.db`, `duckdb:////absolute.db`), `{ database }`, or an open
 * connection. Relative paths are resolved against the pipeline's local folder; the default is `<pipeline name>.duckdb`
 * (`dlt/destinations/impl/duckdb/configuration.py`).
 *
 * @throws {InvalidCredentials}
 */
export function duckdbTarget(options: OpenDestination): DuckdbTarget {
  const { reference, configuration } = options
  const sections = [['destination', reference.name], ['destination'], []]
  const given =
    reference.credentials ??
    textOf(configuration.find('credentials', sections)) ??
    textOf(
      configuration.find(
        'database',
        sections.map((path) => [...path, 'credentials']),
      ),
    )
  if (isDuckdbConnection(given)) return { connection: given }
  const database = databaseOf(given)
  const defaultName = `${options.pipelineName}.duckdb`
  if (database === ':pipeline:') return { path: join(options.workingFolder, defaultName) }
  if (database === ':memory:') {
    throw new InvalidCredentials(
      'A database in memory would be gone with the load process. Give a path, or pass an open connection of your own.',
      { database },
    )
  }
  const path = database ?? defaultName
  return { path: isAbsolute(path) ? path : resolve(options.localDir, path) }
}

function databaseOf(given: unknown): string | undefined {
  if (given === undefined || given === null || given === '') return undefined
  if (typeof given === 'string') return pathOfUrl(given)
  if (typeof given === 'object' && 'database' in given && typeof given.database === 'string') return given.database
  throw new InvalidCredentials(
    'Credentials of duckdb are a path, a URL such as duckdb:///my.duckdb, { database: path } or an open connection.',
  )
}

/** As in SQLAlchemy's URLs, three slashes begin a relative path and four an absolute one. */
function pathOfUrl(text: string): string {
  const url = /^duckdb:(\/\/)?(.*)$/s.exec(text)
  if (url === null) return text
  const rest = url[2] ?? ''
  return url[1] === undefined ? rest : rest.replace(/^\//, '')
}
