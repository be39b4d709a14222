import { JsonSyntaxError, TerminalError } from '@gantry/common'
import type { ApiRequest } from './api-request.ts'
import { maskedUrl } from './masked-url.ts'
import { readJson } from './plain-json.ts'

/** An answer that should be JSON and is not. */
export class InvalidResponseBody extends TerminalError {
  override readonly code = 'invalid_response_body'
}

/** An answer, read to its end. Hooks may change `encoding` and `text` before rows are taken from it. */
export class ApiResponse {
  /** What was sent. */
  readonly request: ApiRequest
  readonly status: number
  readonly statusText: string
  readonly headers: Headers
  /** Where the answer came from, after redirects. */
  readonly url: string
  readonly bytes: Uint8Array
  #encoding: string
  #text: string | undefined
  /** What {@link json} gave, until the text changes. */
  #json: { readonly value: unknown } | undefined

  constructor(request: ApiRequest, url: string, response: Response, bytes: Uint8Array) {
    this.request = request
    this.url = url
    this.status = response.status
    this.statusText = response.statusText
    this.headers = response.headers
    this.bytes = bytes
    this.#encoding = charsetOf(response.headers.get('content-type'))
  }

  /** True for a status below 400. */
  get ok(): boolean {
    return this.status < 400
  }

  /** The URL as it may be shown: secrets in it are `***`. */
  get shownUrl(): string {
    return maskedUrl(this.url, this.request.secretParams)
  }

  /** Of the text; from `Content-Type`, else `utf-8`. */
  get encoding(): string {
    return this.#encoding
  }

  /** @throws {RangeError} an encoding that Node does not know */
  set encoding(encoding: string) {
    this.#encoding = new TextDecoder(encoding).encoding
    this.#json = undefined
  }

  get text(): string {
    return this.#text ?? new TextDecoder(this.#encoding).decode(this.bytes)
  }

  set text(text: string) {
    this.#text = text
    this.#json = undefined
  }

  /** The body as JSON, without loss: read once, and then the same objects again. @throws {InvalidResponseBody} */
  json(): unknown {
    this.#json ??= { value: this.#readJson() }
    return this.#json.value
  }

  #readJson(): unknown {
    try {
      return readJson(this.text)
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error
      const type = this.headers.get('content-type') ?? 'no content type'
      throw new InvalidResponseBody(
        `${this.request.method} ${this.shownUrl} answered ${this.status} with ${this.bytes.length} bytes (${type}) that are not JSON: ${error.message}. ` +
          'Check the path, or change the text of such answers with a response hook.',
        { url: this.shownUrl, status: this.status },
        { cause: error },
      )
    }
  }
}

function charsetOf(contentType: string | null): string {
  const charset = /;\s*charset="?([^";\s]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset).encoding
  } catch {
    return 'utf-8'
  }
}
