import type { BodyData, Params } from '../../http/api-request.ts'
import { isPlainObject } from '../../plain-values.ts'
import { JsonPath } from '../../json-path.ts'
import type { RequestOptions } from './client.ts'
import { InvalidRestConfig } from './invalid-rest-config.ts'
import { tryIncrementalPlaceholder } from './endpoint-cursor.ts'
import { ParentFieldMissing, tryParentReference, type ParentReference } from './parent-reference.ts'
import type { EndpointConfig, ResolveParam } from './rest-api-config.ts'
import { fill, fillText, placeholdersIn, type LookUp } from './template.ts'

/** What is asked of an endpoint, and which part of it comes from the rows of a parent. */
export class EndpointTemplate {
  readonly path: string
  /** The resource whose rows are asked about one by one. */
  readonly parent: string | undefined
  /** The path names one entity, as its last part is a placeholder. */
  readonly isSingleEntity: boolean
  readonly #resource: string
  readonly #config: EndpointConfig
  /** Parameters that go to the query. */
  readonly #query: Params
  /** What placeholders of the path stand for that are no references. */
  readonly #pathParams: Params
  readonly #references = new Map<string, ParentReference>()
  /** Values of the cursor by placeholder. */
  readonly #ofCursor = new Map<string, string>()
  readonly #hasCursor: boolean

  /**
   * @param config  without the older forms of `incremental`
   * @throws {InvalidRestConfig} a placeholder that stands for nothing, or for rows of two parents
   */
  constructor(resource: string, config: EndpointConfig, hasCursor: boolean, place: string) {
    this.#resource = resource
    this.#hasCursor = hasCursor
    this.#config = config
    this.path = config.path ?? resource
    this.isSingleEntity = /\{[^{}]+\}/.test(this.path.split('/').at(-1) ?? '')
    const params = config.params ?? {}
    const inPath = placeholdersIn(this.path, `${place}/path`).map((one) => one.placeholder)
    this.#pathParams = picked(params, (name, value) => inPath.includes(name) && !isResolve(value)) as Params
    this.#query = picked(params, (name) => !inPath.includes(name)) as Params
    for (const name of inPath) this.#notePathPlaceholder(name, params[name], place)
    refuseUnusedResolve(this.#query, place)
    const { json, data, headers } = config
    const elsewhere = { params: { ...this.#pathParams, ...this.#query }, json, data, headers }
    for (const one of placeholdersIn(elsewhere, place)) this.#note(one.placeholder, one.place)
    this.parent = this.#onlyParent(place)
  }

  /**
   * Path and options of the request for a row of the parent.
   *
   * @param ofCursor  gives the cursor's values by their name
   * @throws {ParentFieldMissing}
   */
  request(parentRow: unknown, ofCursor: LookUp): { readonly path: string; readonly options: RequestOptions } {
    const lookUp: LookUp = (placeholder) => {
      const name = this.#ofCursor.get(placeholder)
      return name === undefined ? this.#valueOf(placeholder, parentRow) : ofCursor(name)
    }
    const { json, data, headers } = this.#config
    return {
      path: fillText(this.path, (name) => this.#pathValue(name, lookUp, parentRow)),
      options: {
        params: fill(this.#query, lookUp, false) as Params,
        json: fill(json, lookUp, true),
        data: fill(data, lookUp, false) as BodyData | undefined,
        headers: fill(headers, lookUp, false) as Readonly<Record<string, string>> | undefined,
      },
    }
  }

  #notePathPlaceholder(name: string, param: unknown, place: string): void {
    if (isResolve(param)) {
      this.#references.set(name, { parent: param.resource, field: new JsonPath(param.field) })
    } else if (name in this.#pathParams) {
      if (this.#pathParams[name] !== null && this.#pathParams[name] !== undefined) return
      throw new InvalidRestConfig(`${place}/params/${name} has no value, and the path needs one.`, { place, key: name })
    } else this.#note(name, `${place}/path`, `, or set "params" with "${name}"`)
  }

  #note(placeholder: string, place: string, otherwise = ''): void {
    const ofCursor = tryIncrementalPlaceholder(placeholder, place)
    if (ofCursor !== undefined && this.#hasCursor) {
      this.#ofCursor.set(placeholder, ofCursor)
      return
    }
    if (ofCursor !== undefined) {
      throw new InvalidRestConfig(
        `${place} has the placeholder {${placeholder}}, but the endpoint has no "incremental".`,
        {
          place,
        },
      )
    }
    const reference = tryParentReference(placeholder)
    if (reference === undefined) {
      throw new InvalidRestConfig(
        `${place} has the placeholder {${placeholder}}, which stands for nothing. Write {resources.<parent>.<field>}${otherwise}; double braces that are no placeholder: {{ and }}.`,
        { place, placeholder },
      )
    }
    this.#references.set(placeholder, reference)
  }

  #onlyParent(place: string): string | undefined {
    const [parent, ...others] = new Set([...this.#references.values()].map((one) => one.parent))
    if (others.length === 0) return parent
    throw new InvalidRestConfig(
      `${place} depends on rows of ${[parent, ...others].map((one) => `"${one}"`).join(' and ')}, by ${[...this.#references.keys()].map((one) => `{${one}}`).join(', ')}. A resource can depend on one.`,
      { place },
    )
  }

  #pathValue(name: string, lookUp: LookUp, parentRow: unknown): unknown {
    if (name in this.#pathParams) return fill(this.#pathParams[name], lookUp, false)
    const value = lookUp(name)
    // A path with a hole in it is another path.
    if (value !== null && value !== '') return value
    throw this.#missing(name, parentRow)
  }

  #valueOf(placeholder: string, parentRow: unknown): unknown {
    const value = this.#references.get(placeholder)?.field.findFirst(parentRow)
    if (value === undefined) throw this.#missing(placeholder, parentRow)
    return value
  }

  #missing(placeholder: string, parentRow: unknown): ParentFieldMissing {
    const field = this.#references.get(placeholder)?.field.text ?? placeholder
    return new ParentFieldMissing(this.#resource, this.parent ?? '', field, parentRow)
  }
}

function isResolve(param: unknown): param is ResolveParam {
  return isPlainObject(param) && param['type'] === 'resolve'
}

function refuseUnusedResolve(query: Readonly<Record<string, unknown>>, place: string): void {
  const unused = Object.keys(query).find((name) => isResolve(query[name]))
  if (unused === undefined) return
  throw new InvalidRestConfig(
    `${place}/params/${unused} is not used in the path. Write {${unused}} there, or {resources.<parent>.<field>} as the parameter's value.`,
    { place, key: unused },
  )
}

function picked(
  params: Readonly<Record<string, unknown>>,
  test: (name: string, value: unknown) => boolean,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(params).filter(([name, value]) => test(name, value)))
}
