import { silentLog, type Environment, type Logger } from '@gantry/common'
import { HttpClient } from '../../http/http-client.ts'
import type { Incremental } from '../../incremental/incremental.ts'
import { isResource, resource, type Resource, type ResourceOptions, type Untyped } from '../../resource.ts'
import { source, type Source, type SourceSettings } from '../../source.ts'
import { createAuth, type CredentialsPlace } from './auth/auth-types.ts'
import { checkConfig } from './check-config.ts'
import { RESTClient } from './client.ts'
import { EndpointResource } from './endpoint-resource.ts'
import { InvalidRestConfig } from './invalid-rest-config.ts'
import { createPaginator } from './paginators/paginator-types.ts'
import { checkParents } from './parent-reference.ts'
import { refuseCursor } from './parent-rows.ts'
import { withDefaults } from './resource-defaults.ts'
import type { ClientConfig, RestApiConfig } from './rest-api-config.ts'

export interface RestApiOptions extends SourceSettings {
  /** Names the source and its schema. Default: `rest_api`. */
  readonly name?: string
  /** Where credentials are looked for: `SOURCES__<SECTION>__<NAME>__CREDENTIALS__…`. Default: `rest_api`. */
  readonly section?: string
  /** Default: the process's. */
  readonly env?: Environment
  /** Hears of detected paginators, guesses and retries. Default: nobody. */
  readonly log?: Logger
}

/**
 * A source made of a description of a REST API. The description is checked here; nothing is asked before the source is
 * extracted.
 *
 * Follows dlt `dlt/sources/rest_api`.
 *
 * @throws {InvalidRestConfig} names the place and the key: `./resources[0]/endpoint`
 * @throws {InvalidJsonPath} @throws {InvalidSchemaName}
 */
export function restApi(config: RestApiConfig, options: RestApiOptions = {}): Source {
  const { name = 'rest_api', schemaContract, maxTableNesting, rootKey } = options
  const resources = restApiResources(config, options)
  return source({ name, schemaContract, maxTableNesting, rootKey }, () => resources)
}

/** The resources of {@link restApi}, to be put into a source of one's own. @throws as `restApi` */
export function restApiResources(
  config: RestApiConfig,
  { name = 'rest_api', section = 'rest_api', env, log = silentLog() }: RestApiOptions = {},
): Resource[] {
  checkConfig(config)
  const credentials = { section, sourceName: name, env }
  const client = openClient(config.client, credentials, log)
  const resources = new Map<string, Resource>()
  const parents = new Map<string, string | undefined>()
  for (const [index, given] of config.resources.entries()) {
    const place = `./resources[${index}]`
    if (isResource(given)) {
      add(given, undefined, place)
      continue
    }
    const complete = withDefaults(given, config.resourceDefaults)
    const endpoint = new EndpointResource(complete, place, { client, credentials })
    const parentOf = (): Resource | undefined => resources.get(endpoint.parent ?? '')
    const { incremental } = endpoint
    const options = {
      ...complete.hints,
      ...(incremental === undefined ? {} : { incremental }),
      name: complete.name,
      selected: complete.isSelected,
    }
    add(
      resource(options as Untyped<ResourceOptions<Incremental>>, (run) => endpoint.pages(parentOf(), run)),
      endpoint.parent,
      place,
    )
  }
  checkParents(parents)
  for (const parent of parents.values()) refuseCursor(resources.get(parent ?? ''))
  return [...resources.values()]

  function add(one: Resource, parent: string | undefined, place: string): void {
    if (resources.has(one.name)) {
      throw new InvalidRestConfig(`${place}: there are two resources "${one.name}". Give one of them another name.`, {
        place,
        resource: one.name,
      })
    }
    resources.set(one.name, one)
    parents.set(one.name, parent)
  }
}

function openClient(config: ClientConfig, credentials: CredentialsPlace, log: Logger): RESTClient {
  const { baseUrl, headers, auth, session } = config
  const paginator = config.paginator === undefined ? undefined : createPaginator(config.paginator, './client/paginator')
  return new RESTClient({
    baseUrl,
    session: session ?? new HttpClient({ log, ...(credentials.env === undefined ? {} : { env: credentials.env }) }),
    log,
    ...(headers === undefined ? {} : { headers }),
    ...(auth === undefined ? {} : { auth: createAuth(auth, './client/auth', credentials) }),
    ...(paginator === undefined ? {} : { paginator }),
  })
}
