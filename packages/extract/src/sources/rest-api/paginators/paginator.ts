import { TerminalError } from '@gantry/common'
import type { ApiRequest } from '../../../http/api-request.ts'
import type { ApiResponse } from '../../../http/api-response.ts'

/**
 * Walks through the pages of an endpoint. For each walk `initRequest` is called once, and then, page after page,
 * `updateState` with what came and `updateRequest` with the request to be sent next.
 */
export interface Paginator {
  /** False: the last page was reached. */
  readonly hasNextPage: boolean
  /** Begins a walk anew, and prepares its first request. */
  initRequest(request: ApiRequest): void
  /** @param rows  what was selected of the answer */
  updateState(response: ApiResponse, rows: readonly unknown[]): void
  /** Makes the request that of the next page. */
  updateRequest(request: ApiRequest): void
  /** A paginator of the same kind for another walk at the same time. */
  clone(): Paginator
}

/** The answer of an API is not what its paginator needs. */
export class PaginationFailed extends TerminalError {
  override readonly code = 'pagination_failed'
}

/** What all paginators share. Own ones extend it and keep their state in fields, which {@link clone} copies. */
export abstract class BasePaginator implements Paginator {
  hasNextPage: boolean = true

  initRequest(_request: ApiRequest): void {
    this.hasNextPage = true
  }

  abstract updateState(response: ApiResponse, rows: readonly unknown[]): void
  abstract updateRequest(request: ApiRequest): void

  clone(): this {
    return Object.assign(Object.create(Object.getPrototypeOf(this) as object) as this, this)
  }
}
