import type { ApiResponse } from '../../http/api-response.ts'
import { IgnoreResponseException, type ResponseHook } from './hooks.ts'

/** What is done with answers: a function that is called with each one, or with those of a status, a content, or both. */
export type ResponseAction =
  | ResponseHook
  | {
      readonly statusCode?: number
      /** A part of the body's text. */
      readonly content?: string
      /** `ignore`: the pages of this endpoint end here, without an error. */
      readonly action: 'ignore' | ResponseHook | readonly ResponseHook[]
    }

/** The hook that does what an action says (dlt `dlt/sources/rest_api/config_setup.py`). */
export function hookOf(action: ResponseAction): ResponseHook {
  if (typeof action === 'function') return action
  const { statusCode, content, action: what } = action
  const isAlways = statusCode === undefined && content === undefined
  const matches = (response: ApiResponse): boolean =>
    (statusCode === undefined || response.status === statusCode) &&
    (content === undefined || response.text.includes(content))
  if (what === 'ignore') {
    return (response) => {
      if (!isAlways && matches(response)) throw new IgnoreResponseException()
    }
  }
  const hooks: readonly ResponseHook[] = typeof what === 'function' ? [what] : what
  return async (response) => {
    if (!matches(response)) return undefined
    let current: unknown = response
    for (const hook of hooks) current = (await hook(current as ApiResponse)) ?? current
    return current
  }
}
