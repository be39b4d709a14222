import { InvalidUsage, TerminalError, type ExtractDataInfo } from '@gantry/common'
import { describeInput, tableOfPath, type Input } from './sources/files/input.ts'
import type { Hints } from './hints/hints.ts'

/** Rows that a user hands over, in the forms that can be iterated: row by row, or in pages of rows. */
export type Rows<Row = unknown> = Iterable<Row | readonly Row[]> | AsyncIterable<Row | readonly Row[]>

/** Something that yields rows. Without a name of its own, each of its tables counts as a resource. */
export type Resource =
  | { readonly kind: 'rows'; readonly name: string | undefined; readonly hints: Hints; readonly rows: Rows }
  | { readonly kind: 'file'; readonly name: string; readonly hints: Hints; readonly input: Input }

/** Rows were given without saying which table they go to. */
export class ResourceNameMissing extends TerminalError {
  override readonly code = 'resource_name_missing'
  override get exitCode(): number {
    return 2
  }
}

/** Data that cannot be a set of rows. */
export class InvalidResourceData extends TerminalError {
  override readonly code = 'invalid_resource_data'
  override get exitCode(): number {
    return 2
  }
}

/**
 * A resource of what the user gave: an array, an iterable or an async iterable of rows.
 *
 * @throws {ResourceNameMissing} no `tableName`
 * @throws {InvalidResourceData} a single object, text or anything else that is no set of rows
 */
export function resourceOf(data: unknown, hints: Hints): Resource {
  if (typeof data === 'object' && data !== null && (Symbol.iterator in data || Symbol.asyncIterator in data)) {
    if (!(data instanceof Uint8Array) && !(data instanceof Map)) {
      if (hints.tableName === undefined) {
        throw new ResourceNameMissing("The rows need a table to go to: pass { tableName: '…' } with them.")
      }
      const name = typeof hints.tableName === 'string' ? hints.tableName : undefined
      return { kind: 'rows', name, hints, rows: data as Rows }
    }
  }
  const what = data === null ? 'null' : typeof data === 'object' ? 'a single object' : `a ${typeof data}`
  throw new InvalidResourceData(`Expected rows, got ${what}. Put it in a list: [row], or pass an iterable.`)
}

/** What a resource was made of, for the step's info: `Array`, `AsyncGenerator`, `file`, …; bare rows have no name. */
export function describeResource(resource: Resource): ExtractDataInfo {
  if (resource.kind === 'file') return { name: resource.name, dataType: 'file' }
  return { name: '', dataType: Object.prototype.toString.call(resource.rows).slice('[object '.length, -1) }
}

/** A resource of an input file; the table is `--table`, else the stem of its name. @throws {InvalidUsage} */
export function fileResource(path: string, hints: Hints): Resource {
  if (typeof hints.tableName === 'function') {
    throw new InvalidUsage(`The rows of ${path} are copied unread, so their table must be a name, not a function.`)
  }
  const name = hints.tableName ?? tableOfPath(path)
  if (name.trim() === '') throw new InvalidUsage('A table name must not be empty.')
  return { kind: 'file', name, hints: { ...hints, tableName: name }, input: describeInput(path) }
}
