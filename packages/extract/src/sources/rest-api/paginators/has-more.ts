import type { ApiResponse } from '../../../http/api-response.ts'
import type { JsonPath } from '../../../json-path.ts'
import { PaginationFailed } from './paginator.ts'

/** The answer's own word on whether there is another page. @throws {PaginationFailed} it says nothing that can be read */
export function hasMore(path: JsonPath, response: ApiResponse): boolean {
  const value = path.findFirst(response.json())
  if (typeof value === 'boolean') return value
  if (typeof value === 'string' && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true'
  throw new PaginationFailed(
    `"${path.text}" in the answer of ${response.shownUrl} ${value === undefined ? 'is missing' : 'is neither true nor false'}. Correct "hasMorePath" of the paginator.`,
    { url: response.shownUrl, path: path.text },
  )
}
