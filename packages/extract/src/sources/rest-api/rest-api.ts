import { silentLog, type Environment, type Logger } from '@gantry/common'
import { HttpClient } from '../../http/http-client.ts'
import type { Hints } from '../../hints/hints.ts'
import { isResource, resource, type Resource, type Untyped } from '../../resource.ts'
import { source, type Source, type SourceSettings } from '../../source.ts'
import { transformer } from '../../transformer.ts'
import { createAuth, type CredentialsPlace } from './auth/auth-types.ts'
import { checkConfig } from './check-config.ts'
import { RESTClient } from './client.ts'
import { EndpointResource, type EndpointContext } from './endpoint-resource.ts'
import { InvalidRestConfig } from './invalid-rest-config.ts'
import { createPaginator } from './paginators/paginator-types.ts'
import { checkParents } from './parent-reference.ts'
import { processed } from './processing-steps.ts'
import { withDefaults, type CompleteResource } from './resource-defaults.ts'
import type { ClientConfig, ResourceConfig, ResourceDefaults, RestApiConfig } from './rest-api-config.ts'

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
  const { name = 'rest_api', section = 'rest_api', schemaContract, maxTableNesting, rootKey } = options
  const resources = restApiResources(config, options)
  return source({ name, section, schemaContract, maxTableNesting, rootKey }, () => resources)
}

/** The resources of {@link restApi}, to be put into a source of one's own. @throws as `restApi` */
export function restApiResources(
  config: RestApiConfig,
  { name = 'rest_api', section = 'rest_api', env, log = silentLog() }: RestApiOptions = {},
): Resource[] {
  checkConfig(config)
  const credentials = { section, sourceName: name, env }
  const client = openClient(config.client, credentials, log)
  const described = new Map<string, Described | Resource>()
  for (const [index, given] of config.resources.entries()) {
    const place = `./resources[${index}]`
    const one = isResource(given) ? given : describe(given, config.resourceDefaults, place, { client, credentials })
    const { name: resourceName } = isResource(one) ? one : one.complete
    if (described.has(resourceName)) {
      throw new InvalidRestConfig(
        `${place}: there are two resources "${resourceName}". Give one of them another name.`,
        {
          place,
          resource: resourceName,
        },
      )
    }
    described.set(resourceName, one)
  }
  checkParents(new Map([...described].map(([of, one]) => [of, isResource(one) ? undefined : one.endpoint.parent])))
  const resources = new Map<string, Resource>()
  const make = (of: string): Resource => {
    const one = described.get(of) as Described | Resource
    const made = resources.get(of) ?? (isResource(one) ? one : declare(one, make))
    resources.set(of, made)
    return made
  }
  return [...described.keys()].map(make)
}

/** A resource as its description has it. */
interface Described {
  readonly complete: CompleteResource
  readonly endpoint: EndpointResource
}

function describe(
  given: string | ResourceConfig,
  defaults: ResourceDefaults | undefined,
  place: string,
  context: EndpointContext,
): Described {
  const complete = withDefaults(given, defaults)
  return { complete, endpoint: new EndpointResource(complete, place, context) }
}

/** A resource; a transformer of its parent where it has one. @param make  gives the parent */
function declare({ complete, endpoint }: Described, make: (name: string) => Resource): Resource {
  const { name, hints, isSelected, isParallel, processingSteps } = complete
  const options = {
    ...(hints as Untyped<Hints>),
    ...(endpoint.incremental === undefined ? {} : { incremental: endpoint.incremental }),
    name,
    selected: isSelected,
    parallelized: isParallel,
  }
  if (endpoint.parent === undefined) {
    return processed(
      resource(options, (run) => endpoint.pages(undefined, run)),
      processingSteps,
    )
  }
  const made = transformer({ ...options, dataFrom: make(endpoint.parent) }, function* (page, run) {
    for (const row of page) yield endpoint.pages(row, run)
  })
  return processed(made, processingSteps)
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
