import type { ApiRequest } from '../../../http/api-request.ts'
import type { ApiResponse } from '../../../http/api-response.ts'
import { BasePaginator } from './paginator.ts'

export interface HeaderCursorOptions {
  /** Name of the answer's header. Default: `next`. */
  readonly cursorKey?: string
  /** Query parameter of the next request. Default: `cursor`. */
  readonly cursorParam?: string
}

/** Sends a header of the last answer as a query parameter; without that header, the page was the last. */
export class HeaderCursorPaginator extends BasePaginator {
  readonly cursorKey: string
  readonly cursorParam: string
  protected cursor: string | null = null

  constructor({ cursorKey = 'next', cursorParam = 'cursor' }: HeaderCursorOptions = {}) {
    super()
    this.cursorKey = cursorKey
    this.cursorParam = cursorParam
  }

  updateState(response: ApiResponse): void {
    this.cursor = response.headers.get(this.cursorKey)
    this.hasNextPage = this.cursor !== null
  }

  updateRequest(request: ApiRequest): void {
    if (this.cursor !== null) request.params[this.cursorParam] = this.cursor
  }
}
