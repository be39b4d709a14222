import type { ApiResponse } from '../../../http/api-response.ts'
import { LinkPaginator } from './link-paginator.ts'

export interface HeaderLinkOptions {
  /** The relation of the link to the next page. Default: `next`. */
  readonly linksNextKey?: string
}

/** Follows the `Link` header (RFC 8288), as GitHub's API has it. */
export class HeaderLinkPaginator extends LinkPaginator {
  readonly linksNextKey: string

  constructor({ linksNextKey = 'next' }: HeaderLinkOptions = {}) {
    super()
    this.linksNextKey = linksNextKey
  }

  protected linkIn(response: ApiResponse): string | undefined {
    return linkOf(response.headers.get('link'), this.linksNextKey)
  }
}

/** The target of the first link with this relation in a `Link` header. */
export function linkOf(header: string | null, relation: string): string | undefined {
  for (const [, target, params = ''] of (header ?? '').matchAll(/<([^>]*)>((?:[^,"]|"(?:[^"\\]|\\.)*")*)/g)) {
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]+))/i.exec(params)
    const relations = (rel?.[1] ?? rel?.[2] ?? '').toLowerCase().split(/\s+/)
    if (relations.includes(relation.toLowerCase())) return target
  }
  return undefined
}
