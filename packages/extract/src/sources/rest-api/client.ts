import { silentLog, type Logger } from '@gantry/common'
import { ApiRequest, type BodyData, type Params } from '../../http/api-request.ts'
import { ApiResponse } from '../../http/api-response.ts'
import { HttpClient } from '../../http/http-client.ts'
import { HttpError } from '../../http/http-errors.ts'
import { JsonPath } from '../../json-path.ts'
import type { Auth } from './auth/auth.ts'
import { detectSelector, selectRows } from './data-selector.ts'
import { IgnoreResponseException, type Hooks, type ResponseHook } from './hooks.ts'
import { InvalidRestConfig } from './invalid-rest-config.ts'
import { pageOf, type ApiRow, type Page } from './page.ts'
import { detectPaginator } from './paginators/detect-paginator.ts'
import type { Paginator } from './paginators/paginator.ts'

export interface RESTClientOptions {
  /** What paths are joined to. */
  readonly baseUrl: string
  /** Of each request; a call's own win. */
  readonly headers?: Readonly<Record<string, string>>
  readonly auth?: Auth
  /** Used by each call of `paginate` in a copy of its own. Default: found out from the first answer. */
  readonly paginator?: Paginator
  /** JSONPath of the rows in an answer. Default: found out from the first answer. */
  readonly dataSelector?: string
  /** Sends the requests. Default: one with the settings of the process. */
  readonly session?: HttpClient
  /** Finds out the paginator from the first answer, in place of Gantry's own way. */
  readonly paginatorFactory?: (response: ApiResponse, log: Logger) => Paginator
  /** Hears of detected paginators, guesses and retries. Default: nobody. */
  readonly log?: Logger
}

export interface RequestOptions {
  readonly params?: Params | undefined
  /** Body as JSON. */
  readonly json?: unknown
  /** Body as text, bytes or a form. */
  readonly data?: BodyData | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** In place of the client's. */
  readonly auth?: Auth | undefined
  readonly hooks?: Hooks | undefined
  readonly signal?: AbortSignal | undefined
}

export interface PaginateOptions extends RequestOptions {
  /** Default: `GET`. */
  readonly method?: string | undefined
  /** Used as it is. Default: a copy of the client's, else what the first answer suggests. */
  readonly paginator?: Paginator | undefined
  readonly dataSelector?: string | undefined
}

/**
 * A client of one API: joins paths to a base URL, adds headers and credentials, and walks through pages.
 *
 * Follows dlt `dlt/sources/helpers/rest_client/client.py`.
 */
export class RESTClient {
  readonly baseUrl: string
  readonly #options: RESTClientOptions
  readonly #http: HttpClient
  readonly #log: Logger
  readonly #dataSelector: JsonPath | undefined

  /** @throws {InvalidJsonPath} */
  constructor(options: RESTClientOptions) {
    this.baseUrl = options.baseUrl
    this.#options = options
    this.#log = options.log ?? silentLog()
    this.#dataSelector = selectorOf(options.dataSelector)
    this.#http = options.session ?? new HttpClient({ log: this.#log })
  }

  /** The answer, whatever its status. @throws {HttpConnectionFailed} @throws {InvalidRestConfig} */
  async request(path: string, { method, signal, ...options }: PaginateRequest = {}): Promise<ApiResponse> {
    const request = this.#requestOf(path, method, options)
    return this.#send(request, options.auth ?? this.#options.auth, hooksOf(options.hooks), signal)
  }

  get(path: string, options: RequestOptions = {}): Promise<ApiResponse> {
    return this.request(path, { ...options, method: 'GET' })
  }

  post(path: string, options: RequestOptions = {}): Promise<ApiResponse> {
    return this.request(path, { ...options, method: 'POST' })
  }

  /**
   * The pages of an endpoint, each fetched when it is asked for. One page is held at a time.
   *
   * @throws {HttpError} a status of 400 or more, where no response hook says otherwise
   * @throws {HttpConnectionFailed} @throws {InvalidResponseBody} @throws {PaginationFailed} @throws {InvalidRestConfig}
   */
  async *paginate<Row = ApiRow>(
    path: string,
    options: PaginateOptions = {},
  ): AsyncGenerator<Page<Row>, void, undefined> {
    const { method, hooks, signal, auth = this.#options.auth } = options
    const request = this.#requestOf(path, method, options)
    const responseHooks =
      hooks?.response === undefined ? [(response: ApiResponse) => this.raiseForStatus(response)] : hooksOf(hooks)
    let paginator = options.paginator ?? this.#options.paginator?.clone()
    let selector = selectorOf(options.dataSelector) ?? this.#dataSelector
    paginator?.initRequest(request)
    do {
      let response: ApiResponse
      try {
        response = await this.#send(request, auth, responseHooks, signal)
      } catch (error) {
        if (error instanceof IgnoreResponseException) return
        throw error
      }
      const body = response.json()
      selector ??= detectSelector(body)
      const rows = selectRows(body, selector, response, this.#log) as readonly Row[]
      paginator ??= (this.#options.paginatorFactory ?? detectPaginator)(response, this.#log)
      paginator.updateState(response, rows)
      paginator.updateRequest(request)
      yield pageOf(rows, { request, response, paginator, auth })
    } while (paginator.hasNextPage)
  }

  /**
   * The body of an answer as JSON, without loss: integers beyond 2^53 are bigints.
   *
   * @throws {HttpError} a status of 400 or more
   * @throws {InvalidResponseBody} it is no JSON
   * @throws as {@link request}
   */
  async getJson<Data = unknown>(path: string, options: RequestOptions = {}): Promise<Data> {
    const response = await this.get(path, options)
    this.raiseForStatus(response)
    return response.json() as Data
  }

  /** The hook of walks that have no response hook of their own. @throws {HttpError} a status of 400 or more */
  raiseForStatus(response: ApiResponse): void {
    if (!response.ok) throw new HttpError(response, this.#http.settings)
  }

  #requestOf(path: string, method: string | undefined, { params, json, data, headers }: RequestOptions): ApiRequest {
    if (json !== undefined && data !== undefined) {
      throw new InvalidRestConfig('A request has one body: give "json" or "data", not both.', {
        keys: ['json', 'data'],
      })
    }
    const url = joined(this.baseUrl, path)
    return new ApiRequest({ method, url, params, json, data, headers: { ...this.#options.headers, ...headers } })
  }

  async #send(
    request: ApiRequest,
    auth: Auth | undefined,
    hooks: readonly ResponseHook[],
    signal: AbortSignal | undefined,
  ): Promise<ApiResponse> {
    // Credentials stay out of the request that is shown and goes on to the next page.
    const sent = request.copy()
    await auth?.apply(sent, signal)
    let response = await this.#http.send(sent, signal)
    for (const hook of hooks) {
      const other = await hook(response)
      if (other instanceof ApiResponse) response = other
    }
    return response
  }
}

type PaginateRequest = RequestOptions & { readonly method?: string | undefined }

function hooksOf(hooks: Hooks | undefined): readonly ResponseHook[] {
  const { response = [] } = hooks ?? {}
  return typeof response === 'function' ? [response] : response
}

function selectorOf(path: string | undefined): JsonPath | undefined {
  return path === undefined ? undefined : new JsonPath(path)
}

function joined(base: string, path: string): string {
  const url =
    /^https?:\/\//i.test(path) || path === '' ? path || base : `${base.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`
  if (URL.canParse(url)) return url
  throw new InvalidRestConfig(
    `The base URL of the API and the path make no URL: "${base}" and "${path}". The base begins with https:// or http://.`,
    { path },
  )
}
