import type { ApiResponse } from '../../http/api-response.ts'

/** Sees an answer before rows are taken from it, whatever its status; may change it, or return another one in its place. */
export type ResponseHook = (response: ApiResponse) => unknown

export interface Hooks {
  /** Called in their order. With any, a status of 400 or more is no error by itself. */
  readonly response?: ResponseHook | readonly ResponseHook[] | undefined
}

/** Thrown by a hook: ends the pages of this endpoint without an error, this one not included. */
export class IgnoreResponseException extends Error {
  override readonly name = 'IgnoreResponseException'
}
