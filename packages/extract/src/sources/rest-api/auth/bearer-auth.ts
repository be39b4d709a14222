import type { ApiRequest } from '../../../http/api-request.ts'
import { requiredText } from './required-text.ts'
import type { Auth } from './auth.ts'

export interface BearerOptions {
  readonly token: string
}

/** `Authorization: Bearer <token>`. */
export class BearerTokenAuth implements Auth {
  readonly #token: string

  /** @throws {InvalidRestConfig} no token */
  constructor({ token }: BearerOptions) {
    this.#token = requiredText('token', token)
  }

  apply(request: ApiRequest): void {
    request.setSecretHeader('authorization', `Bearer ${this.#token}`)
  }
}
