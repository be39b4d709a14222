import { isPlainObject } from '../../plain-values.ts'
import type { Cursor } from '../../incremental/cursor.ts'
import type { Incremental } from '../../incremental/incremental.ts'
import type { ResourceContext } from '../../resource-context.ts'
import type { Auth } from './auth/auth.ts'
import { createAuth, type CredentialsPlace } from './auth/auth-types.ts'
import type { PaginateOptions, RESTClient } from './client.ts'
import { takeCursor, type EndpointCursor } from './endpoint-cursor.ts'
import { EndpointTemplate } from './endpoint-template.ts'
import type { Hooks } from './hooks.ts'
import { InvalidRestConfig } from './invalid-rest-config.ts'
import { createPaginator } from './paginators/paginator-types.ts'
import type { Paginator } from './paginators/paginator.ts'
import { SinglePagePaginator } from './paginators/single-page-paginator.ts'
import { ParentFieldMissing } from './parent-reference.ts'
import type { CompleteResource } from './resource-defaults.ts'
import { hookOf } from './response-actions.ts'

type Pages = AsyncGenerator<readonly unknown[], void, undefined>

/** What the endpoints of a source have in common. */
export interface EndpointContext {
  readonly client: RESTClient
  readonly credentials: CredentialsPlace
}

/** A resource that is read from an endpoint, once, or once for each row of a parent. */
export class EndpointResource {
  readonly #config: CompleteResource
  readonly #context: EndpointContext
  readonly #template: EndpointTemplate
  readonly #cursor: EndpointCursor | undefined
  readonly #auth: Auth | undefined
  readonly #paginator: Paginator | undefined
  readonly #dataSelector: string | undefined
  readonly #hooks: Hooks | undefined

  /** @param place  of the configuration, for messages @throws {InvalidRestConfig} */
  constructor(config: CompleteResource, place: string, context: EndpointContext) {
    const { endpoint, name, includeFromParent } = config
    const { auth, paginator, dataSelector, responseActions } = endpoint
    this.#config = config
    this.#context = context
    const { cursor, params } = takeCursor(endpoint.incremental, endpoint.params ?? {}, `${place}/endpoint`)
    this.#cursor = cursor
    this.#template = new EndpointTemplate(name, { ...endpoint, params }, cursor !== undefined, `${place}/endpoint`)
    const isOne = this.#template.isSingleEntity
    this.#auth = auth === undefined ? undefined : createAuth(auth, `${place}/endpoint/auth`, context.credentials)
    const single = isOne && paginator === undefined ? new SinglePagePaginator() : undefined
    this.#paginator = single ?? (paginator ? createPaginator(paginator, `${place}/endpoint/paginator`) : undefined)
    this.#dataSelector = dataSelector ?? (isOne ? '$' : undefined)
    const { client } = context
    this.#hooks =
      responseActions === undefined
        ? undefined
        : { response: [...responseActions.map(hookOf), (response) => client.raiseForStatus(response)] }
    if (includeFromParent.length > 0 && this.parent === undefined) {
      throw new InvalidRestConfig(
        `${place}/includeFromParent needs a parent, and "${name}" has none. Use {resources.<parent>.<field>} in its endpoint.`,
        { place },
      )
    }
  }

  /** The resource whose rows are asked about one by one. */
  get parent(): string | undefined {
    return this.#template.parent
  }

  /** The cursor of the resource. */
  get incremental(): Incremental | undefined {
    return this.#cursor?.incremental
  }

  /** The pages of rows in a run. @param parentRow  undefined where there is no parent */
  async *pages(parentRow: unknown, { cursor, signal }: ResourceContext): Pages {
    const ofRun = cursor as Cursor | undefined
    const { path, options } = this.#template.request(parentRow, (name) => this.#cursor?.valueOf(name, ofRun))
    const params = { ...options.params, ...this.#cursor?.params(ofRun) }
    const included = this.#includedFrom(parentRow)
    for await (const page of this.#context.client.paginate(path, { ...this.#options(), ...options, params, signal })) {
      yield included === undefined ? page : page.map((row) => (isPlainObject(row) ? { ...row, ...included } : row))
    }
  }

  #options(): PaginateOptions {
    return {
      method: this.#config.endpoint.method,
      // Walks for several rows may be under way at a time.
      paginator: this.#paginator?.clone(),
      dataSelector: this.#dataSelector,
      auth: this.#auth,
      hooks: this.#hooks,
    }
  }

  #includedFrom(parentRow: unknown): Readonly<Record<string, unknown>> | undefined {
    const { name, includeFromParent } = this.#config
    if (includeFromParent.length === 0) return undefined
    const parent = this.parent ?? ''
    return Object.fromEntries(
      includeFromParent.map((field) => {
        if (isPlainObject(parentRow) && Object.hasOwn(parentRow, field))
          return [`_${parent}_${field}`, parentRow[field]]
        throw new ParentFieldMissing(name, parent, field, parentRow)
      }),
    )
  }
}
