import { GantryError, TransientError } from '@gantry/common'
import type { ApiRequest } from './api-request.ts'
import type { ApiResponse } from './api-response.ts'
import { maskedUrl } from './masked-url.ts'
import type { RequestSettings } from './request-settings.ts'

/** The server answered with a status of 400 or more. Worth another try for 408, 429 and from 500. */
export class HttpError extends GantryError {
  override readonly code = 'http_error'
  override readonly terminal: boolean
  readonly status: number

  constructor(response: ApiResponse, shown: Pick<RequestSettings, 'httpShowErrorBody' | 'httpMaxErrorBodyLength'>) {
    const { status, statusText, shownUrl } = response
    const side = status < 500 ? 'Client' : 'Server'
    const body = shown.httpShowErrorBody ? `\n${excerpt(response.text, shown.httpMaxErrorBodyLength)}` : ''
    super(`${status} ${side} Error: ${statusText} for url: ${shownUrl}${nextStep(status)}${body}`, {
      status,
      url: shownUrl,
    })
    this.status = status
    this.terminal = status !== 408 && status !== 429 && status < 500
  }
}

/** The server could not be reached, did not answer in time, or broke off its answer; also after all attempts. */
export class HttpConnectionFailed extends TransientError {
  override readonly code = 'http_connection_failed'

  constructor(request: ApiRequest, reason: string, options?: ErrorOptions) {
    const url = maskedUrl(request.fullUrl(), request.secretParams)
    super(`${request.method} ${url} failed: ${reason}.`, { url, method: request.method, reason }, options)
  }

  /** What `fetch` threw, in words. */
  static of(request: ApiRequest, error: unknown): HttpConnectionFailed {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    // Where several addresses were tried, the message is empty.
    const reason =
      cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause)
    return new HttpConnectionFailed(request, reason.replace(/\.$/, ''), { cause: error })
  }
}

function nextStep(status: number): string {
  if (status === 401 || status === 403) return '. Check the credentials.'
  if (status === 429 || status >= 500) return '. It was asked again and stayed so; try later.'
  return ''
}

function excerpt(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)} (truncated)` : text
}
