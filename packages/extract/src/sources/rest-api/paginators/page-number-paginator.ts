import { RangePaginator, type RangeOptions } from './range-paginator.ts'
import { RequestValue } from './request-value.ts'

export interface PageNumberOptions extends RangeOptions {
  /** Number of the API's first page. Default: 0. */
  readonly basePage?: number
  /** Number of the page to begin with. Default: `basePage`. */
  readonly page?: number
  /** Query parameter of the number. Default: `page`. */
  readonly pageParam?: string
  /** Place of the number in the JSON body, in place of the parameter: names with points between them. */
  readonly pageBodyPath?: string
  /** No page has this number or a higher one. */
  readonly maximumPage?: number
}

/** Asks for pages by their number. The total is that of pages. */
export class PageNumberPaginator extends RangePaginator {
  /** @throws {InvalidRestConfig} */
  constructor(options: PageNumberOptions = {}) {
    const { basePage = 0, page = basePage, pageParam, pageBodyPath, maximumPage } = options
    const target = new RequestValue('page', pageParam, pageBodyPath, 'page')
    super({ ...options, name: 'page', first: page, step: 1, base: basePage, maximum: maximumPage, target })
  }
}
