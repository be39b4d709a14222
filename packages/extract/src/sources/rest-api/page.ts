import type { ApiRequest } from '../../http/api-request.ts'
import type { ApiResponse } from '../../http/api-response.ts'
import type { Auth } from './auth/auth.ts'
import type { Paginator } from './paginators/paginator.ts'

/** A row of an API until a type says more. Integers beyond 2^53 are `bigint`, `1.0` is a `Double`. */
export type ApiRow = Record<string, unknown>

/** What a page came from. */
export interface PageOrigin {
  /** The request of the next page, if there is one: changes to it count. */
  readonly request: ApiRequest
  readonly response: ApiResponse
  readonly paginator: Paginator
  readonly auth: Auth | undefined
}

/** The rows of one answer, and what they came from. */
export type Page<Row = ApiRow> = readonly Row[] & PageOrigin

/** The list of rows itself, which the caller leaves to the page, with its origin. */
export function pageOf<Row>(rows: readonly Row[], origin: PageOrigin): Page<Row> {
  // Not enumerable, so that a page looks and compares like its rows.
  const properties = Object.entries(origin).map(([key, value]) => [key, { value: value as unknown }] as const)
  return Object.defineProperties([...rows], Object.fromEntries(properties)) as unknown as Page<Row>
}
