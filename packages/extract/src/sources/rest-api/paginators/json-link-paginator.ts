import type { ApiResponse } from '../../../http/api-response.ts'
import { JsonPath } from '../../../json-path.ts'
import { LinkPaginator } from './link-paginator.ts'
import { PaginationFailed } from './paginator.ts'

export interface JsonLinkOptions {
  /** JSONPath of the link to the next page. Default: `next`. */
  readonly nextUrlPath?: string
}

/** Follows a link in the answer's JSON; without one, or with null or empty text, the page was the last. */
export class JsonLinkPaginator extends LinkPaginator {
  readonly nextUrlPath: JsonPath

  /** @throws {InvalidJsonPath} */
  constructor({ nextUrlPath = 'next' }: JsonLinkOptions = {}) {
    super()
    this.nextUrlPath = new JsonPath(nextUrlPath)
  }

  protected linkIn(response: ApiResponse): string | undefined {
    const link = this.nextUrlPath.findFirst(response.json())
    if (link === undefined || link === null || link === '') return undefined
    if (typeof link === 'string') return link
    throw new PaginationFailed(
      `"${this.nextUrlPath.text}" in the answer of ${response.shownUrl} is a ${typeof link}, not a link. Set "nextUrlPath" to where the link to the next page is.`,
      { url: response.shownUrl, path: this.nextUrlPath.text },
    )
  }
}
