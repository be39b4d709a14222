import type { Logger } from '@gantry/common'
import type { ApiResponse } from '../../../http/api-response.ts'
import { isPlainObject } from '../../../http/plain-json.ts'
import { pathOfNames } from '../../../json-path.ts'
import { HeaderLinkPaginator, linkOf } from './header-link-paginator.ts'
import { JsonCursorPaginator } from './json-cursor-paginator.ts'
import { JsonLinkPaginator } from './json-link-paginator.ts'
import { PageNumberPaginator } from './page-number-paginator.ts'
import type { Paginator } from './paginator.ts'
import { SinglePagePaginator } from './single-page-paginator.ts'

/**
 * The paginator that the first answer suggests: a `Link` header, a link under a key `next…`, a number of pages, a cursor
 * under a key `next…`, else one page (dlt `dlt/sources/helpers/rest_client/detector.py`). What is a guess is logged.
 */
export function detectPaginator(response: ApiResponse, log: Logger): Paginator {
  const url = response.shownUrl
  if (linkOf(response.headers.get('link'), 'next') !== undefined)
    return certain(new HeaderLinkPaginator(), 'header_link')
  const body = response.json()
  const link = findPath(body, isNextLink)
  if (link !== undefined) return certain(new JsonLinkPaginator({ nextUrlPath: link }), 'json_link', link)
  const pages = findPath(body, isPageTotal)
  if (pages !== undefined) return guess(new PageNumberPaginator({ totalPath: pages }), 'page_number', pages)
  const cursor = findPath(body, isNextScalar)
  if (cursor !== undefined) return guess(new JsonCursorPaginator({ cursorPath: cursor }), 'cursor', cursor)
  if (Array.isArray(body)) {
    log.warn({ url }, 'No paginator fits the answer, a list: one page is read. Set a paginator if there are more')
  } else log.info({ url }, 'No paginator fits the answer: one page is read')
  return new SinglePagePaginator()

  function certain(paginator: Paginator, type: string, path?: string): Paginator {
    log.info({ url, type, path }, 'The paginator was detected')
    return paginator
  }
  function guess(paginator: Paginator, type: string, path: string): Paginator {
    log.warn({ url, type, path }, 'The paginator was guessed from the first answer: verify it, and set it explicitly')
    return paginator
  }
}

/** The names that lead to a value, below the key that was found, if it counts; undefined if not. */
type KeyTest = (key: string, value: unknown) => readonly string[] | undefined

/** JSONPath of the first key that passes the test, going down before going on; lists are not entered. */
function findPath(value: unknown, test: KeyTest, above: readonly string[] = []): string | undefined {
  if (!isPlainObject(value)) return undefined
  for (const [key, item] of Object.entries(value)) {
    const below = test(key, item)
    if (below !== undefined) return pathOfNames([...above, key, ...below])
    const deeper = findPath(item, test, [...above, key])
    if (deeper !== undefined) return deeper
  }
  return undefined
}

function isNextLink(key: string, value: unknown): readonly string[] | undefined {
  if (!isNextKey(key)) return undefined
  if (isLink(value)) return []
  if (!isPlainObject(value)) return undefined
  const inner = Object.entries(value).find(([name, item]) => /^(?:href|url)/i.test(name) && isLink(item))
  return inner === undefined ? undefined : [inner[0]]
}

function isLink(value: unknown): boolean {
  return typeof value === 'string' && (value.startsWith('http') || value.startsWith('/'))
}

function isPageTotal(key: string, value: unknown): readonly string[] | undefined {
  return /^(?:total_pages|pages|totalpages)$/i.test(key) && Number.isInteger(value) ? [] : undefined
}

function isNextScalar(key: string, value: unknown): readonly string[] | undefined {
  return isNextKey(key) && value !== null && typeof value !== 'object' ? [] : undefined
}

function isNextKey(key: string): boolean {
  return /^next/i.test(key)
}
