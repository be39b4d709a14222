import type { ApiRequest } from '../../../http/api-request.ts'
import type { ApiResponse } from '../../../http/api-response.ts'
import { JsonPath } from '../../../json-path.ts'
import { hasMore } from './has-more.ts'
import { BasePaginator, PaginationFailed } from './paginator.ts'
import { RequestValue } from './request-value.ts'

export interface JsonCursorOptions {
  /** JSONPath of the cursor. Default: `cursors.next`. */
  readonly cursorPath?: string
  /** Query parameter of the next request. Default: `cursor`, unless `cursorBodyPath` is given. */
  readonly cursorParam?: string
  /** Place in the JSON body of the next request: names with points between them. */
  readonly cursorBodyPath?: string
  /** True: a page without rows is the last, whatever its cursor. Default: false. */
  readonly stopAfterEmptyPage?: boolean
  /** JSONPath of a flag that says whether there is another page; it decides in place of the cursor. */
  readonly hasMorePath?: string
}

/** Sends a cursor from the last answer's JSON with the next request; without one, or with an empty one, the page was the last. */
export class JsonCursorPaginator extends BasePaginator {
  readonly cursorPath: JsonPath
  readonly hasMorePath: JsonPath | undefined
  readonly stopAfterEmptyPage: boolean
  protected readonly target: RequestValue
  protected cursor: unknown

  /** @throws {InvalidRestConfig} @throws {InvalidJsonPath} */
  constructor(options: JsonCursorOptions = {}) {
    super()
    const {
      cursorPath = 'cursors.next',
      cursorParam,
      cursorBodyPath,
      stopAfterEmptyPage = false,
      hasMorePath,
    } = options
    this.cursorPath = new JsonPath(cursorPath)
    this.hasMorePath = hasMorePath === undefined ? undefined : new JsonPath(hasMorePath)
    this.stopAfterEmptyPage = stopAfterEmptyPage
    this.target = new RequestValue('cursor', cursorParam, cursorBodyPath, 'cursor')
  }

  updateState(response: ApiResponse, rows: readonly unknown[]): void {
    this.cursor = this.cursorPath.findFirst(response.json()) || undefined
    if (this.stopAfterEmptyPage && rows.length === 0) this.hasNextPage = false
    else if (this.hasMorePath === undefined) this.hasNextPage = this.cursor !== undefined
    else this.hasNextPage = hasMore(this.hasMorePath, response)
    // Without one, the same page would come again and again.
    if (this.hasNextPage && this.cursor === undefined) {
      throw new PaginationFailed(
        `The answer of ${response.shownUrl} says that there is more, but has no cursor at "${this.cursorPath.text}". Correct "cursorPath" of the paginator.`,
        { url: response.shownUrl, path: this.cursorPath.text },
      )
    }
  }

  updateRequest(request: ApiRequest): void {
    if (this.hasNextPage) this.target.set(request, this.cursor)
  }
}
