import type { ApiRequest } from '../../../http/api-request.ts'
import type { ApiResponse } from '../../../http/api-response.ts'
import { BasePaginator } from './paginator.ts'

/** Follows a link from page to page, wherever an API gives it. A relative link is resolved against the page's URL. */
export abstract class LinkPaginator extends BasePaginator {
  protected nextUrl: string | undefined

  /** The link in an answer; undefined on the last page. */
  protected abstract linkIn(response: ApiResponse): string | undefined

  updateState(response: ApiResponse): void {
    const link = this.linkIn(response)
    this.nextUrl = link === undefined ? undefined : new URL(link, response.url).href
    this.hasNextPage = this.nextUrl !== undefined
  }

  updateRequest(request: ApiRequest): void {
    if (this.nextUrl === undefined) return
    request.url = this.nextUrl
    // The link holds them.
    request.params = {}
  }
}
