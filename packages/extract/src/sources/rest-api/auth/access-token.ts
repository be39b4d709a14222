import { TerminalError, type Clock } from '@gantry/common'
import { ApiRequest, type Params } from '../../../http/api-request.ts'
import { HttpError } from '../../../http/http-errors.ts'
import type { HttpClient } from '../../../http/http-client.ts'
import { isPlainObject } from '../../../plain-values.ts'

/** The answer of a token endpoint that has no token. */
export class NoAccessToken extends TerminalError {
  override readonly code = 'no_access_token'
}

/** What a token endpoint is asked. */
export interface TokenRequest {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Fields of the form that is posted. */
  readonly data: Params
}

/** A token that is fetched when it is first needed, and again once it has expired. */
export class AccessToken {
  readonly #http: HttpClient
  readonly #clock: Clock
  readonly #defaultExpirationSeconds: number
  #token = ''
  #expiresAtMs = -Infinity
  /** The fetch at which several requests wait. */
  #fetching: Promise<string> | undefined

  constructor(http: HttpClient, clock: Clock, defaultExpirationSeconds: number) {
    this.#http = http
    this.#clock = clock
    this.#defaultExpirationSeconds = defaultExpirationSeconds
  }

  /** @throws {HttpError} @throws {HttpConnectionFailed} @throws {NoAccessToken} */
  async get(request: () => TokenRequest | Promise<TokenRequest>, signal?: AbortSignal): Promise<string> {
    if (this.#clock.nowMs() < this.#expiresAtMs) return this.#token
    this.#fetching ??= this.#fetch(request, signal).finally(() => (this.#fetching = undefined))
    return this.#fetching
  }

  async #fetch(request: () => TokenRequest | Promise<TokenRequest>, signal: AbortSignal | undefined): Promise<string> {
    const { url, headers, data } = await request()
    const response = await this.#http.send(new ApiRequest({ method: 'POST', url, headers, data }), signal)
    // Not the body, which may hold secrets.
    if (!response.ok) throw new HttpError(response, { ...this.#http.settings, httpShowErrorBody: false })
    const answer = response.json()
    const token = isPlainObject(answer) ? answer['access_token'] : undefined
    if (!isPlainObject(answer) || typeof token !== 'string') {
      throw new NoAccessToken(
        `The answer of ${response.shownUrl} has no "access_token". Check the URL of the token endpoint and what it is asked.`,
        { url: response.shownUrl },
      )
    }
    const { expires_in: expiresIn } = answer
    const seconds = expiresIn === undefined || expiresIn === null ? this.#defaultExpirationSeconds : Number(expiresIn)
    this.#token = token
    this.#expiresAtMs = this.#clock.nowMs() + seconds * 1000
    return token
  }
}
