import { systemClock, type Clock } from '@gantry/common'
import type { ApiRequest, Params } from '../../../http/api-request.ts'
import { HttpClient } from '../../../http/http-client.ts'
import { AccessToken, type TokenRequest } from './access-token.ts'
import type { Auth } from './auth.ts'
import { requiredText } from './required-text.ts'

export interface OAuth2ClientCredentialsOptions {
  readonly accessTokenUrl: string
  readonly clientId: string
  readonly clientSecret: string
  /** Further fields of the form, such as `scope`. */
  readonly accessTokenRequestData?: Params
  /** Seconds that a token is used for where the answer has no `expires_in`. Default: 3600. */
  readonly defaultTokenExpiration?: number
  /** Sends the requests for tokens. Default: one of its own. */
  readonly session?: HttpClient
  /** Default: the machine's. */
  readonly clock?: Clock
}

/**
 * OAuth 2.0 client credentials (RFC 6749, section 4.4): the token is fetched before the first request, and again before a
 * request once it has expired. APIs that ask for tokens in another way: override {@link tokenRequest}.
 */
export class OAuth2ClientCredentials implements Auth {
  readonly #options: OAuth2ClientCredentialsOptions
  readonly #token: AccessToken

  /** @throws {InvalidRestConfig} something is missing */
  constructor(options: OAuth2ClientCredentialsOptions) {
    for (const key of ['accessTokenUrl', 'clientId', 'clientSecret'] as const) requiredText(key, options[key])
    const { session = new HttpClient(), clock = systemClock, defaultTokenExpiration = 3600 } = options
    this.#options = options
    this.#token = new AccessToken(session, clock, defaultTokenExpiration)
  }

  async apply(request: ApiRequest, signal?: AbortSignal): Promise<void> {
    const token = await this.#token.get(() => this.tokenRequest(this.#options), signal)
    request.setSecretHeader('authorization', `Bearer ${token}`)
  }

  /** What is posted to get a token. */
  protected tokenRequest(options: OAuth2ClientCredentialsOptions): TokenRequest {
    const { accessTokenUrl, clientId, clientSecret, accessTokenRequestData } = options
    return {
      url: accessTokenUrl,
      data: {
        client_id: clientId,
        client_secret: clientSecret,
        grant_type: 'client_credentials',
        ...accessTokenRequestData,
      },
    }
  }
}
