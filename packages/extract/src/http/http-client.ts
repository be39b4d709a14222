import { setTimeout } from 'node:timers/promises'
import { libraryVersion, silentLog, systemClock, type Environment, type Logger } from '@gantry/common'
import type { ApiRequest } from './api-request.ts'
import type { ApiResponse } from './api-response.ts'
import { exchange } from './exchange.ts'
import { HttpConnectionFailed } from './http-errors.ts'
import { requestSettings, type RequestSettings } from './request-settings.ts'
import { retryDelay } from './retry-delay.ts'

const userAgent = `gantry/${libraryVersion()}`

export interface HttpClientOptions extends Partial<RequestSettings> {
  /** Statuses that are asked again. Default: 429 and 500 to 599; an empty list: none. */
  readonly statusCodes?: readonly number[]
  /** True: asks again where there was no answer, or a part of one. Default: true. */
  readonly retryConnectionErrors?: boolean
  /** More reasons to ask again; one of the two is undefined. */
  readonly retryCondition?: (response: ApiResponse | undefined, error: HttpConnectionFailed | undefined) => boolean
  /** True: waits as `Retry-After` says. Default: true. */
  readonly respectRetryAfterHeader?: boolean
  /** Where settings stand that are not given. Default: the process's. */
  readonly env?: Environment
  /** Notes each attempt that failed. Default: nobody. */
  readonly log?: Logger
}

/**
 * Sends requests over `fetch`, and again where another try may help: on 429, on 5xx, and where the connection breaks or
 * nothing comes for `requestTimeout` seconds. Between attempts it waits 1, 2, 4, 8 seconds, or what `Retry-After` says.
 *
 * Follows dlt `dlt/sources/helpers/requests/retry.py`.
 */
export class HttpClient {
  readonly settings: RequestSettings
  readonly #options: HttpClientOptions
  readonly #log: Logger

  /** @throws {InvalidUsage} a setting that makes no sense */
  constructor(options: HttpClientOptions = {}) {
    this.settings = requestSettings(options, options.env)
    this.#options = options
    this.#log = options.log ?? silentLog()
  }

  /**
   * Sends the request, again and again while that may help. After the last attempt the answer is returned whatever its
   * status.
   *
   * @throws {HttpConnectionFailed} the last attempt had no answer
   */
  async send(request: ApiRequest, signal?: AbortSignal): Promise<ApiResponse> {
    if (!request.headers.has('user-agent')) request.headers.set('user-agent', userAgent)
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted()
      const outcome = await this.#attempt(request, signal)
      if (attempt >= this.settings.requestMaxAttempts || !this.#isWorthAnother(outcome)) {
        if (outcome instanceof HttpConnectionFailed) throw outcome
        return outcome
      }
      const seconds = retryDelay(attempt, this.#retryAfter(outcome), this.settings, systemClock.nowMs())
      const reason =
        outcome instanceof HttpConnectionFailed ? outcome.message : `${outcome.status} for ${outcome.shownUrl}`
      this.#log.warn({ attempt, seconds, reason }, 'A request failed and is sent again')
      await setTimeout(seconds * 1000, undefined, signal === undefined ? {} : { signal }).catch(() =>
        signal?.throwIfAborted(),
      )
    }
  }

  async #attempt(request: ApiRequest, signal: AbortSignal | undefined): Promise<ApiResponse | HttpConnectionFailed> {
    try {
      return await exchange(request, this.settings.requestTimeout, signal)
    } catch (error) {
      if (error instanceof HttpConnectionFailed) return error
      throw error
    }
  }

  #isWorthAnother(outcome: ApiResponse | HttpConnectionFailed): boolean {
    const { statusCodes, retryConnectionErrors = true, retryCondition } = this.#options
    if (outcome instanceof HttpConnectionFailed) {
      return retryConnectionErrors || retryCondition?.(undefined, outcome) === true
    }
    const { status } = outcome
    const isListed = statusCodes?.includes(status) ?? (status === 429 || (status >= 500 && status < 600))
    return isListed || retryCondition?.(outcome, undefined) === true
  }

  #retryAfter(outcome: ApiResponse | HttpConnectionFailed): string | null {
    if (this.#options.respectRetryAfterHeader === false || outcome instanceof HttpConnectionFailed) return null
    return outcome.headers.get('retry-after')
  }
}
