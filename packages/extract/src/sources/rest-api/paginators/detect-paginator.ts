import { Double, type Logger } from '@gantry/common'
import type { ApiResponse } from '../../../http/api-response.ts'
import { isPlainObject } from '../../../plain-values.ts'
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
  const next = findScalar(body, (key) => /^next/i.test(key), /^(?:href|url)/i)
  if (next !== undefined && isLink(next.value)) {
    return certain(new JsonLinkPaginator({ nextUrlPath: next.path }), 'json_link', next.path)
  }
  const pages = findScalar(body, (key) => /^(?:total_pages|pages|totalpages)$/i.test(key))
  if (pages !== undefined && /^\d+$/.test(String(pages.value))) {
    return guess(new PageNumberPaginator({ totalPath: pages.path }), 'page_number', pages.path)
  }
  if (next !== undefined) return guess(new JsonCursorPaginator({ cursorPath: next.path }), 'cursor', next.path)
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

interface Found {
  /** JSONPath. */
  readonly path: string
  readonly value: unknown
}

/**
 * The first scalar under a key that passes the test, going down before going on; lists are not entered. What is true or
 * false is no cursor and no number.
 *
 * @param inner  keys that count below such a key
 */
function findScalar(
  value: unknown,
  test: (key: string) => boolean,
  inner?: RegExp,
  above: readonly string[] = [],
): Found | undefined {
  if (!isPlainObject(value)) return undefined
  for (const [key, item] of Object.entries(value)) {
    const path = [...above, key]
    if (test(key)) {
      if (isScalar(item)) return { path: pathOfNames(path), value: item }
      const below = isPlainObject(item) && inner !== undefined ? Object.entries(item) : []
      const found = below.find(([name, one]) => inner?.test(name) === true && isScalar(one))
      if (found !== undefined) return { path: pathOfNames([...path, found[0]]), value: found[1] }
    }
    const deeper = findScalar(item, test, inner, path)
    if (deeper !== undefined) return deeper
  }
  return undefined
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'bigint'].includes(typeof value) || value instanceof Double
}

function isLink(value: unknown): boolean {
  return typeof value === 'string' && (value.startsWith('http') || value.startsWith('/'))
}
