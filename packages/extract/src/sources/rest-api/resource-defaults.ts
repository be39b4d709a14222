import { mergeColumns } from '../../hints/change-hints.ts'
import type { Hints } from '../../hints/hints.ts'
import { isPlainObject } from '../../plain-values.ts'
import type { ProcessingStep } from './processing-steps.ts'
import type { EndpointConfig, ResourceConfig, ResourceDefaults } from './rest-api-config.ts'

/** A resource with its defaults: its endpoint as an object, and its hints apart from all else. */
export interface CompleteResource {
  readonly name: string
  readonly isSelected: boolean
  readonly hints: Hints
  readonly endpoint: EndpointConfig
  readonly includeFromParent: readonly string[]
  readonly processingSteps: readonly ProcessingStep[]
  readonly isParallel: boolean
}

/** The resource over the defaults, and its endpoint over theirs; `params`, `json` and `columns` are put together. */
export function withDefaults(given: string | ResourceConfig, defaults: ResourceDefaults = {}): CompleteResource {
  const own: ResourceConfig = typeof given === 'string' ? { name: given } : given
  const ownEndpoint = typeof own.endpoint === 'string' ? { path: own.endpoint } : (own.endpoint ?? {})
  const columns = mergeColumns(defaults.columns, own.columns, `resource "${own.name}"`)
  const {
    name,
    selected = true,
    includeFromParent = [],
    processingSteps = [],
    parallelized = false,
    ...rest
  } = { ...defaults, ...own, ...(columns === undefined ? {} : { columns }) }
  const endpoint = mergedEndpoint(defaults.endpoint ?? {}, ownEndpoint)
  const hints = Object.fromEntries(Object.entries(rest).filter(([key]) => key !== 'endpoint'))
  return { name, isSelected: selected, hints, endpoint, includeFromParent, processingSteps, isParallel: parallelized }
}

function mergedEndpoint(defaults: EndpointConfig, own: EndpointConfig): EndpointConfig {
  const params = { ...defaults.params, ...own.params }
  const json = isPlainObject(defaults.json) && isPlainObject(own.json) ? { ...defaults.json, ...own.json } : own.json
  return { ...defaults, ...own, params, ...(json === undefined ? {} : { json }) }
}
