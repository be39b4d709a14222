import type { Logger } from '@gantry/common'
import type { ApiResponse } from '../../http/api-response.ts'
import { isPlainObject } from '../../plain-values.ts'
import { JsonPath, pathOfNames } from '../../json-path.ts'

/** Keys under which APIs put their rows. */
const rowKeys = new Set('data items results entries records rows entities payload content objects values'.split(' '))

/** Keys are looked at this many levels deep. */
const maxLevels = 3

/**
 * The rows in an answer. One match is taken as it is if it is a list, several matches are the rows themselves; a single
 * value becomes the only row, null no row.
 */
export function selectRows(body: unknown, selector: JsonPath, response: ApiResponse, log: Logger): readonly unknown[] {
  const found = selector.findAll(body)
  const [only] = found
  const value = found.length === 1 ? only : found
  if (Array.isArray(value)) return value
  if (value !== null && value !== undefined) return [value]
  log.warn({ url: response.shownUrl, dataSelector: selector.text }, 'Null where rows were expected: an empty page')
  return []
}

/**
 * The selector that the first answer suggests: a list under a key such as `data` or `results`, at up to three levels, else
 * the first list, else the whole answer as one row (dlt `dlt/sources/helpers/rest_client/detector.py`).
 */
export function detectSelector(body: unknown): JsonPath {
  const lists = [...listsIn(body, [])]
  const names = lists.find((path) => rowKeys.has(path.at(-1) ?? '')) ?? lists[0]
  return new JsonPath(names === undefined ? '$' : pathOfNames(names))
}

/** Paths of all lists, going down before going on; lists are not entered. */
function* listsIn(value: unknown, above: readonly string[]): Iterable<readonly string[]> {
  if (!isPlainObject(value) || above.length === maxLevels) return
  for (const [key, item] of Object.entries(value)) {
    const path = [...above, key]
    if (Array.isArray(item)) yield path
    else yield* listsIn(item, path)
  }
}
