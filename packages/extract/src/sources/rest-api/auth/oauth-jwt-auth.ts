import { createPrivateKey } from 'node:crypto'
import { systemClock, type Clock } from '@gantry/common'
import type { ApiRequest } from '../../../http/api-request.ts'
import { HttpClient } from '../../../http/http-client.ts'
import { InvalidRestConfig } from '../invalid-rest-config.ts'
import { AccessToken, type TokenRequest } from './access-token.ts'
import type { Auth } from './auth.ts'
import { requiredText } from './required-text.ts'

export interface OAuthJwtOptions {
  readonly clientId: string
  /** RSA key in PEM; `\n` may stand for line ends, as in an environment variable. */
  readonly privateKey: string
  readonly privateKeyPassphrase?: string
  /** Where the assertion is exchanged for a token; also its audience. */
  readonly authEndpoint: string
  readonly scopes?: string | readonly string[]
  /** Of the request for a token. */
  readonly headers?: Readonly<Record<string, string>>
  /** Seconds that a token is used for where the answer has no `expires_in`. Default: 3600. */
  readonly defaultTokenExpiration?: number
  /** Sends the requests for tokens. Default: one of its own. */
  readonly session?: HttpClient
  /** Default: the machine's. */
  readonly clock?: Clock
}

const assertionSeconds = 3600

/**
 * Exchanges an assertion signed with RS256, valid for an hour, for an access token (RFC 7523), which is used until it
 * expires.
 */
export class OAuthJwtAuth implements Auth {
  readonly #options: OAuthJwtOptions
  readonly #clock: Clock
  readonly #token: AccessToken

  /** @throws {InvalidRestConfig} something is missing */
  constructor(options: OAuthJwtOptions) {
    for (const key of ['clientId', 'privateKey', 'authEndpoint'] as const) requiredText(key, options[key])
    const { session = new HttpClient(), clock = systemClock, defaultTokenExpiration = 3600 } = options
    this.#options = options
    this.#clock = clock
    this.#token = new AccessToken(session, clock, defaultTokenExpiration)
  }

  async apply(request: ApiRequest, signal?: AbortSignal): Promise<void> {
    const token = await this.#token.get(() => this.#tokenRequest(), signal)
    request.setSecretHeader('authorization', `Bearer ${token}`)
  }

  async #tokenRequest(): Promise<TokenRequest> {
    const { authEndpoint, headers = {} } = this.#options
    return {
      url: authEndpoint,
      headers,
      data: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: await this.#assertion() },
    }
  }

  async #assertion(): Promise<string> {
    const { SignJWT } = await import('jose')
    const { clientId, authEndpoint, scopes } = this.#options
    const now = Math.floor(this.#clock.nowMs() / 1000)
    const scope = typeof scopes === 'string' ? scopes : scopes?.join(' ')
    return new SignJWT(scope === undefined ? {} : { scope })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(authEndpoint)
      .setIssuedAt(now)
      .setExpirationTime(now + assertionSeconds)
      .sign(this.#key())
  }

  #key(): ReturnType<typeof createPrivateKey> {
    const { privateKey, privateKeyPassphrase } = this.#options
    try {
      return createPrivateKey({
        key: privateKey.replaceAll(String.raw`\n`, '\n'),
        ...(privateKeyPassphrase === undefined ? {} : { passphrase: privateKeyPassphrase }),
      })
    } catch {
      // Without the cause: it can quote the key.
      throw new InvalidRestConfig(
        '"privateKey" of the JWT auth cannot be read. Give a private RSA key in PEM, with "privateKeyPassphrase" if it is encrypted.',
        { key: 'privateKey' },
      )
    }
  }
}
