import { mergeColumns } from '../../hints/merge-columns.ts'
import { isPlainObject } from '../../http/plain-json.ts'
import type { EndpointConfig, ResourceConfig, ResourceDefaults } from './rest-api-config.ts'

/** A resource with its defaults, and its endpoint as an object. */
export interface CompleteResource extends Omit<ResourceConfig, 'endpoint'> {
  readonly endpoint: EndpointConfig
}

/** The resource over the defaults, and its endpoint over theirs; `params`, `json` and `columns` are put together. */
export function withDefaults(given: string | ResourceConfig, defaults: ResourceDefaults = {}): CompleteResource {
  const own: ResourceConfig = typeof given === 'string' ? { name: given } : given
  const endpoint = typeof own.endpoint === 'string' ? { path: own.endpoint } : own.endpoint
  const columns = mergeColumns(defaults.columns, own.columns, `resource "${own.name}"`)
  return {
    ...defaults,
    ...own,
    ...(columns === undefined ? {} : { columns }),
    endpoint: mergedEndpoint(defaults.endpoint ?? {}, endpoint ?? {}),
  }
}

function mergedEndpoint(defaults: EndpointConfig, own: EndpointConfig): EndpointConfig {
  const params = { ...defaults.params, ...own.params }
  const json = isPlainObject(defaults.json) && isPlainObject(own.json) ? { ...defaults.json, ...own.json } : own.json
  return { ...defaults, ...own, params, ...(json === undefined ? {} : { json }) }
}
