import type { ApiRequest } from '../../../http/api-request.ts'
import { isPlainObject } from '../../../plain-values.ts'
import { InvalidRestConfig } from '../invalid-rest-config.ts'

/** Where a request carries a value that changes from page to page: a query parameter, or a place in its JSON body. */
export class RequestValue {
  readonly #param: string | undefined
  readonly #bodyPath: readonly string[] | undefined

  /**
   * @param param  undefined where neither is given: `fallback`; empty: none
   * @param bodyPath  names with points between them
   * @throws {InvalidRestConfig} both, or both empty
   */
  constructor(name: string, param: string | undefined, bodyPath: string | undefined, fallback: string) {
    const used = param ?? (bodyPath === undefined ? fallback : '')
    if ((used === '') === ((bodyPath ?? '') === '')) {
      throw new InvalidRestConfig(
        used === ''
          ? `A paginator needs "${name}Param" or "${name}BodyPath".`
          : `A paginator takes "${name}Param" or "${name}BodyPath", not both.`,
        { name },
      )
    }
    this.#param = used === '' ? undefined : used
    this.#bodyPath = used === '' ? bodyPath?.split('.') : undefined
  }

  set(request: ApiRequest, value: unknown): void {
    if (this.#param !== undefined) request.params[this.#param] = value as string
    // A copy: the body may belong to the client's configuration.
    else request.json = withValueAt(request.json, this.#bodyPath ?? [], value)
  }
}

function withValueAt(body: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value
  const object = isPlainObject(body) ? body : {}
  return { ...object, [name]: withValueAt(object[name], rest, value) }
}
