import type { HttpClient } from '../../http/http-client.ts'
import { RESTClient, type PaginateOptions } from './client.ts'
import type { ApiRow, Page } from './page.ts'

/**
 * The pages of a URL, without a client around it; paginator and rows are found out where they are not given.
 *
 * @param options  `session`: sends the requests; default: one with the settings of the process
 * @throws as {@link RESTClient.paginate}
 */
export function paginate<Row = ApiRow>(
  url: string,
  options: PaginateOptions & { readonly session?: HttpClient } = {},
): AsyncGenerator<Page<Row>, void, undefined> {
  const { session, ...rest } = options
  return new RESTClient({ baseUrl: url, ...(session === undefined ? {} : { session }) }).paginate<Row>('', rest)
}
