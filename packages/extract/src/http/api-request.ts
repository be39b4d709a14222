import { writeJson } from './plain-json.ts'

/** A value of a query parameter or form field; null and undefined leave it out. */
export type ParamValue = string | number | bigint | boolean | null | undefined

/** Parameters by name; a list repeats its name. */
export type Params = Readonly<Record<string, ParamValue | readonly ParamValue[]>>

/** A body that is not JSON: text, bytes, or the fields of a form. */
export type BodyData = string | Uint8Array | Params

export interface ApiRequestOptions {
  readonly method?: string | undefined
  readonly url: string | URL
  readonly params?: Params | undefined
  readonly headers?: ConstructorParameters<typeof Headers>[0] | undefined
  /** Sent as JSON. Integers of any size stay exact. */
  readonly json?: unknown
  readonly data?: BodyData | undefined
}

/** A request before it is sent. Paginators, hooks and auth change it in place. */
export class ApiRequest {
  method: string
  /** Absolute; may hold a query of its own. */
  url: string
  /** Added to the query of `url`. */
  params: Record<string, ParamValue | readonly ParamValue[]>
  readonly headers: Headers
  json: unknown
  data: BodyData | undefined
  /** Query parameters that errors must not show. */
  readonly secretParams: Set<string> = new Set()
  /** Headers that must not follow a redirect to another host. */
  readonly secretHeaders: Set<string> = new Set(['authorization', 'cookie', 'proxy-authorization'])

  constructor({ method = 'GET', url, params = {}, headers, json, data }: ApiRequestOptions) {
    this.method = method.toUpperCase()
    this.url = String(url)
    this.params = { ...params }
    this.headers = new Headers(headers)
    this.json = json
    this.data = data
  }

  /** A copy, so that what is added for one sending does not stay. JSON and data are shared. */
  copy(): ApiRequest {
    const { method, url, params, headers, json, data } = this
    const copy = new ApiRequest({ method, url, params, headers, json, data })
    for (const name of this.secretParams) copy.secretParams.add(name)
    for (const name of this.secretHeaders) copy.secretHeaders.add(name)
    return copy
  }

  /** Sets a header whose value is a secret. */
  setSecretHeader(name: string, value: string): void {
    this.headers.set(name, value)
    this.secretHeaders.add(name.toLowerCase())
  }

  /** Sets a query parameter whose value is a secret, also where the URL holds it already. */
  setSecretParam(name: string, value: string): void {
    const url = new URL(this.url)
    if (url.searchParams.has(name)) {
      url.searchParams.delete(name)
      this.url = url.href
    }
    this.params[name] = value
    this.secretParams.add(name)
  }

  /** The URL with all parameters. @throws {TypeError} no absolute URL */
  fullUrl(): URL {
    const url = new URL(this.url)
    const query = formText(this.params)
    if (query !== '') url.search = url.search === '' ? query : `${url.search}&${query}`
    return url
  }

  /** The body as it is sent, with the type that it has unless the headers say another. */
  body(): { readonly content: string | Uint8Array; readonly type: string | undefined } | undefined {
    if (this.json !== undefined) return { content: writeJson(this.json), type: 'application/json' }
    if (this.data === undefined) return undefined
    // As bytes: `fetch` would give a text a type of its own.
    if (typeof this.data === 'string') return { content: Buffer.from(this.data), type: undefined }
    if (this.data instanceof Uint8Array) return { content: this.data, type: undefined }
    return { content: formText(this.data), type: 'application/x-www-form-urlencoded' }
  }
}

function formText(params: Params): string {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? (value as readonly ParamValue[]) : [value as ParamValue]) {
      if (one !== null && one !== undefined) form.append(name, String(one))
    }
  }
  return form.toString()
}
