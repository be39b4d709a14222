import type { ApiRequest } from '../../../http/api-request.ts'
import { InvalidRestConfig } from '../invalid-rest-config.ts'
import { RangePaginator, type RangeOptions } from './range-paginator.ts'
import { RequestValue } from './request-value.ts'

export interface OffsetOptions extends RangeOptions {
  /** Rows of a page; sent with each request. */
  readonly limit: number
  /** Of the first page. Default: 0. */
  readonly offset?: number
  /** Query parameter of the offset. Default: `offset`. */
  readonly offsetParam?: string
  /** Query parameter of the limit. Default: `limit`. */
  readonly limitParam?: string
  /** Place of the offset in the JSON body, in place of the parameter: names with points between them. */
  readonly offsetBodyPath?: string
  /** Place of the limit in the JSON body, likewise. */
  readonly limitBodyPath?: string
  /** No page begins here or beyond. */
  readonly maximumOffset?: number
}

/** Asks for rows from an offset on, `limit` at a time. The total is that of rows. */
export class OffsetPaginator extends RangePaginator {
  protected readonly limit: number
  protected readonly limitTarget: RequestValue

  /** @throws {InvalidRestConfig} */
  constructor(options: OffsetOptions) {
    const { limit, offset = 0, offsetParam, limitParam, offsetBodyPath, limitBodyPath, maximumOffset } = options
    if (!Number.isInteger(limit) || limit < 1) {
      throw new InvalidRestConfig('The paginator by offset needs "limit", the rows of a page.', { key: 'limit' })
    }
    const target = new RequestValue('offset', offsetParam, offsetBodyPath, 'offset')
    super({ ...options, name: 'offset', first: offset, step: limit, base: 0, maximum: maximumOffset, target })
    this.limit = limit
    this.limitTarget = new RequestValue('limit', limitParam, limitBodyPath, 'limit')
  }

  override updateRequest(request: ApiRequest): void {
    super.updateRequest(request)
    this.limitTarget.set(request, this.limit)
  }
}
