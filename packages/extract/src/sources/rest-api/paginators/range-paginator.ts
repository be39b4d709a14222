import { Double } from '@gantry/common'
import type { ApiRequest } from '../../../http/api-request.ts'
import type { ApiResponse } from '../../../http/api-response.ts'
import { JsonPath } from '../../../json-path.ts'
import { InvalidRestConfig } from '../invalid-rest-config.ts'
import { hasMore } from './has-more.ts'
import { BasePaginator, PaginationFailed } from './paginator.ts'
import type { RequestValue } from './request-value.ts'

/** What the paginators that count have in common. */
export interface RangeOptions {
  /** JSONPath of the total in the answer; null: the answer has none. Default: `total`. */
  readonly totalPath?: string | null
  /** True: a page without rows is the last. Default: true. */
  readonly stopAfterEmptyPage?: boolean
  /** JSONPath of a flag that says whether there is another page; it decides in place of the total. */
  readonly hasMorePath?: string
}

interface RangeRules extends RangeOptions {
  /** What is counted, for messages: `offset`, `page`. */
  readonly name: string
  readonly first: number
  readonly step: number
  /** What the first of all has, so that a total can be told from a last one. */
  readonly base: number
  readonly maximum: number | undefined
  readonly target: RequestValue
}

/**
 * Counts up from page to page, until a page is empty, the total or a maximum is reached, or the answer says that there is
 * no more, judged in this order (dlt `dlt/sources/helpers/rest_client/paginators.py`, `RangePaginator`).
 */
export abstract class RangePaginator extends BasePaginator {
  readonly totalPath: JsonPath | undefined
  readonly hasMorePath: JsonPath | undefined
  readonly stopAfterEmptyPage: boolean
  protected readonly rules: RangeRules
  protected current: number

  /** @throws {InvalidRestConfig} it would never stop @throws {InvalidJsonPath} */
  constructor(rules: RangeRules) {
    super()
    const { totalPath = 'total', stopAfterEmptyPage = true, hasMorePath, maximum, name, first } = rules
    if (totalPath === null && maximum === undefined && hasMorePath === undefined && !stopAfterEmptyPage) {
      throw new InvalidRestConfig(
        `The paginator by ${name} would never stop. Give it "totalPath", "${name === 'page' ? 'maximumPage' : 'maximumOffset'}", "hasMorePath" or "stopAfterEmptyPage: true".`,
        { name },
      )
    }
    this.rules = rules
    this.totalPath = totalPath === null ? undefined : new JsonPath(totalPath)
    this.hasMorePath = hasMorePath === undefined ? undefined : new JsonPath(hasMorePath)
    this.stopAfterEmptyPage = stopAfterEmptyPage
    this.current = first
  }

  override initRequest(request: ApiRequest): void {
    super.initRequest(request)
    this.current = this.rules.first
    this.updateRequest(request)
  }

  updateState(response: ApiResponse, rows: readonly unknown[]): void {
    if (this.stopAfterEmptyPage && rows.length === 0) {
      this.hasNextPage = false
      return
    }
    const total = this.totalPath === undefined ? undefined : totalIn(this.totalPath, response)
    this.current += this.rules.step
    const { base, maximum = Infinity } = this.rules
    this.hasNextPage = !(this.current >= (total ?? Infinity) + base || this.current >= maximum)
    if (this.hasMorePath !== undefined) this.hasNextPage = hasMore(this.hasMorePath, response)
  }

  updateRequest(request: ApiRequest): void {
    this.rules.target.set(request, this.current)
  }
}

function totalIn(path: JsonPath, response: ApiResponse): number {
  const value = path.findFirst(response.json())
  const number = value instanceof Double ? value.value : value
  const total = typeof number === 'string' && /^\d+$/.test(number.trim()) ? Number(number) : number
  if (typeof total === 'bigint') return Number(total)
  if (typeof total === 'number' && Number.isInteger(total)) return total
  throw new PaginationFailed(
    `The answer of ${response.shownUrl} has ${value === undefined || value === null ? 'no total' : 'something else than an integer'} at "${path.text}". ` +
      'Set "totalPath" of the paginator to where it is, or to null where there is none.',
    { url: response.shownUrl, path: path.text },
  )
}
