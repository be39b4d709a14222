import type { ApiRequest } from '../../../http/api-request.ts'
import type { Auth } from './auth.ts'
import { requiredText } from './required-text.ts'

export interface HttpBasicOptions {
  readonly username: string
  /** May be empty, as where a key is the user's name. */
  readonly password: string
}

/** `Authorization: Basic <username and password>` (RFC 7617, UTF-8). */
export class HttpBasicAuth implements Auth {
  readonly #credentials: string

  /** @throws {InvalidRestConfig} one of the two is missing */
  constructor({ username, password }: HttpBasicOptions) {
    const secret = password === '' ? '' : requiredText('password', password)
    this.#credentials = Buffer.from(`${requiredText('username', username)}:${secret}`).toString('base64')
  }

  apply(request: ApiRequest): void {
    request.setSecretHeader('authorization', `Basic ${this.#credentials}`)
  }
}
