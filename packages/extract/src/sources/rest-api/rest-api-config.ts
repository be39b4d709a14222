import type { HttpClient } from '../../http/http-client.ts'
import type { BodyData, ParamValue } from '../../http/api-request.ts'
import type { Hints } from '../../hints/hints.ts'
import type { Resource } from '../../resource.ts'
import type { AuthConfig } from './auth/auth-types.ts'
import type { EndpointIncremental, IncrementalParam } from './endpoint-cursor.ts'
import type { PaginatorConfig } from './paginators/paginator-types.ts'
import type { ResponseAction } from './response-actions.ts'
import type { ProcessingStep } from './processing-steps.ts'

/** A REST API as data: how to reach it, and its resources. Names are dlt's in camelCase, types and literals dlt's own. */
export interface RestApiConfig {
  readonly client: ClientConfig
  /** What resources have that do not say otherwise. `params`, `json` and `columns` are put together. */
  readonly resourceDefaults?: ResourceDefaults
  /** Paths, resources as data, or resources made elsewhere. */
  readonly resources: readonly (string | ResourceConfig | Resource)[]
}

export interface ClientConfig {
  /** What paths are joined to. */
  readonly baseUrl: string
  readonly headers?: Readonly<Record<string, string>>
  readonly auth?: AuthConfig
  /** Of endpoints without one of their own. Default: found out from the first answer. */
  readonly paginator?: PaginatorConfig
  /** Sends the requests, with retries and timeouts as it was made. */
  readonly session?: HttpClient
}

export interface ResourceConfig extends Hints {
  /** Names the resource, and its table unless `tableName` does. */
  readonly name: string
  /** A path, or more about the endpoint. Default: the name as path. */
  readonly endpoint?: string | EndpointConfig
  /** False: read for the resources that depend on it, but not loaded unless asked for. Default: true. */
  readonly selected?: boolean
  /** True: several rows of the parent are asked for at a time. Without a parent it has no effect. */
  readonly parallelized?: boolean
  /** Fields of the parent's row, which go to each row as `_<parent>_<field>`. */
  readonly includeFromParent?: readonly string[]
  /** What happens to rows on their way, in this order. */
  readonly processingSteps?: readonly ProcessingStep[]
}

export interface ResourceDefaults extends Omit<Partial<ResourceConfig>, 'endpoint'> {
  readonly endpoint?: EndpointConfig
}

export interface EndpointConfig {
  /** Joined to the base URL. `{name}` stands for a parameter, `{resources.<parent>.<field>}` for a field of the parent's row. */
  readonly path?: string
  /** Default: `GET`. */
  readonly method?: string
  readonly params?: Readonly<Record<string, ParamValue | readonly ParamValue[] | ResolveParam | IncrementalParam>>
  readonly json?: unknown
  readonly data?: BodyData
  readonly headers?: Readonly<Record<string, string>>
  /** Null: the client's. */
  readonly paginator?: PaginatorConfig | null
  /** JSONPath of the rows in an answer. */
  readonly dataSelector?: string
  readonly responseActions?: readonly ResponseAction[]
  /** Asks for what is new since the last run. Its values are also there as `{incremental.start_value}`, `…end_value` and so on. */
  readonly incremental?: EndpointIncremental
  /** In place of the client's. */
  readonly auth?: AuthConfig
}

/** The older form of `{resources.<resource>.<field>}`: a parameter of the path. */
export interface ResolveParam {
  readonly type: 'resolve'
  readonly resource: string
  /** JSONPath in the parent's row. */
  readonly field: string
}
