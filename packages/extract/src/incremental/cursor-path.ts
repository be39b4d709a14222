import { JsonObject } from '@gantry/common'
import { JsonPath } from '../json-path.ts'

/** Where the cursor stands in a row. */
export interface CursorPath {
  /** The field, where the path is the name of one: that is a column, too. Undefined for any other JSONPath. */
  readonly field: string | undefined
  /** The value in a row; undefined where there is none. */
  read(row: unknown): unknown
}

/**
 * The name of a field, in quotes where it holds other characters than names do (`"due.on"`), or a JSONPath, of which the
 * first match counts (`meta.at`, `$.items[-1].at`).
 *
 * @throws {InvalidJsonPath}
 */
export function cursorPath(path: string): CursorPath {
  const field = plainField(path)
  if (field !== undefined) return { field, read: (row) => fieldOf(row, field) }
  const jsonPath = new JsonPath(path)
  return { field: undefined, read: (row) => jsonPath.findFirst(plainView(row)) }
}

/** The value of a field in a row of any form; undefined where there is none. */
export function fieldOf(row: unknown, field: string): unknown {
  if (typeof row !== 'object' || row === null) return undefined
  if (row instanceof JsonObject || row instanceof Map) return (row as ReadonlyMap<string, unknown>).get(field)
  return (row as Readonly<Record<string, unknown>>)[field]
}

function plainField(path: string): string | undefined {
  const quoted = /^"([^"]+)"$|^'([^']+)'$/.exec(path)
  if (quoted !== null) return quoted[1] ?? quoted[2]
  return /^[\p{L}\p{N}_@][\p{L}\p{N}_@-]*$/u.test(path) ? path : undefined
}

/** The row with plain objects for maps, as paths know nothing else. */
function plainView(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainView)
  if (!(value instanceof JsonObject || value instanceof Map)) return value
  const entries = [...(value as ReadonlyMap<string, unknown>).entries()]
  return Object.fromEntries(entries.map(([key, item]) => [key, plainView(item)]))
}
