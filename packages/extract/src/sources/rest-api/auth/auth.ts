import type { ApiRequest } from '../../../http/api-request.ts'

/** Adds credentials to requests. Called for each one, on a copy that is sent and then dropped. */
export interface Auth {
  apply(request: ApiRequest, signal?: AbortSignal): void | Promise<void>
}

/** True for an auth object, as opposed to its configuration. */
export function isAuth(value: unknown): value is Auth {
  return typeof value === 'object' && value !== null && 'apply' in value && typeof value.apply === 'function'
}
