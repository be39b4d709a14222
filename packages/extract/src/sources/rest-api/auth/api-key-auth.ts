import type { ApiRequest } from '../../../http/api-request.ts'
import { InvalidRestConfig } from '../invalid-rest-config.ts'
import type { Auth } from './auth.ts'
import { requiredText } from './required-text.ts'

export interface ApiKeyOptions {
  readonly apiKey: string
  /** Of the header or query parameter. Default: `Authorization`. */
  readonly name?: string
  /** `param` is another word for `query`. Default: `header`. */
  readonly location?: 'header' | 'query' | 'param'
}

/** A key in a header or in the query. */
export class ApiKeyAuth implements Auth {
  readonly #apiKey: string
  readonly #name: string
  readonly #isInHeader: boolean

  /** @throws {InvalidRestConfig} no key, or another location */
  constructor({ apiKey, name = 'Authorization', location = 'header' }: ApiKeyOptions) {
    this.#apiKey = requiredText('apiKey', apiKey)
    this.#name = name
    this.#isInHeader = location === 'header'
    if (!['header', 'query', 'param'].includes(location)) {
      throw new InvalidRestConfig(
        `An API key goes to "header", "query" or "param", not to "${location as string}". Elsewhere, write an auth of your own: { apply(request) { … } }.`,
        { key: 'location' },
      )
    }
  }

  apply(request: ApiRequest): void {
    if (this.#isInHeader) request.setSecretHeader(this.#name, this.#apiKey)
    else request.setSecretParam(this.#name, this.#apiKey)
  }
}
