import { isPlainObject } from '../../plain-values.ts'
import { isIncremental } from '../../incremental/incremental.ts'
import { JsonPath } from '../../json-path.ts'
import { isResource } from '../../resource.ts'
import {
  expects,
  fields,
  isAnything,
  isFlag,
  isFunction,
  isInteger,
  isMap,
  isText,
  listOf,
  mapOf,
  type Check,
} from './config-checks.ts'
import { InvalidRestConfig } from './invalid-rest-config.ts'
import type { RestApiConfig } from './rest-api-config.ts'

const isNamedOrObject = expects('a name or an object', (value) => typeof value === 'object' || isNonEmpty(value))
const isFunctionOrList: Check = (value, place) =>
  Array.isArray(value) ? listOf(isFunction)(value, place) : isFunction(value, place)

const responseAction: Check = (value, place) => {
  if (typeof value === 'function') return
  fields(
    {
      statusCode: isInteger,
      content: isText,
      action: (action, at) => {
        if (typeof action !== 'string') isFunctionOrList(action, at)
        else if (action !== 'ignore') {
          throw new InvalidRestConfig(`${at} takes "ignore", a function, or a list of functions.`, { place: at })
        }
      },
    },
    ['action'],
  )(value, place)
}

const isJsonPath: Check = (value, place) => {
  isText(value, place)
  void new JsonPath(value as string)
}

const cursor: Readonly<Record<string, Check>> = {
  cursorPath: isJsonPath,
  convert: isFunction,
  ...Object.fromEntries(
    'initialValue endValue lastValueFunc primaryKey rowOrder allowExternalSchedulers onCursorValueMissing lag rangeStart rangeEnd'
      .split(' ')
      .map((option) => [option, isAnything]),
  ),
}

const param: Check = (value, place) => {
  if (!isPlainObject(value) || isIncremental(value)) return
  if (value['type'] === 'incremental') {
    const { endValue: _, ...known } = cursor
    fields({ ...known, type: isText }, ['cursorPath'])(value, place)
    return
  }
  if (value['type'] !== 'resolve') {
    throw new InvalidRestConfig(
      `${place} is an object without a type that is known. A parameter takes a value, a list, { type: 'resolve', resource, field }, or { type: 'incremental', cursorPath }.`,
      { place },
    )
  }
  fields({ type: isText, resource: isText, field: isText }, ['resource', 'field'])(value, place)
}

const endpoint = fields({
  path: isText,
  method: isText,
  params: mapOf(param),
  json: isAnything,
  data: isAnything,
  headers: mapOf(isText),
  paginator: isNamedOrObject,
  dataSelector: isJsonPath,
  responseActions: listOf(responseAction),
  incremental: fields({ ...cursor, startParam: isText, endParam: isText }, ['cursorPath']),
  auth: isNamedOrObject,
})

const processingStep: Check = (value, place) => {
  fields({ filter: isFunction, map: isFunction, yieldMap: isFunction })(value, place)
  if (Object.keys(value as object).length === 1) return
  throw new InvalidRestConfig(`${place} takes one of "filter", "map" and "yieldMap".`, { place })
}

/** Hints are checked as those of any resource, when the resource is made and extracted. */
const hints = Object.fromEntries(
  'tableName writeDisposition primaryKey mergeKey columns schemaContract tableFormat fileFormat references nestedHints maxTableNesting additionalTableHints'
    .split(' ')
    .map((hint) => [hint, isAnything]),
)

const resourceFields: Readonly<Record<string, Check>> = {
  ...hints,
  name: isText,
  endpoint: (value, place) => (typeof value === 'string' ? isText(value, place) : endpoint(value, place)),
  selected: isFlag,
  parallelized: isFlag,
  includeFromParent: listOf(isText),
  processingSteps: listOf(processingStep),
}

const config = fields(
  {
    client: fields(
      {
        baseUrl: isText,
        headers: mapOf(isText),
        auth: isNamedOrObject,
        paginator: isNamedOrObject,
        session: expects('an HttpClient', (value) => typeof value === 'object' && value !== null && 'send' in value),
      },
      ['baseUrl'],
    ),
    resourceDefaults: fields({ ...resourceFields, endpoint }),
    resources: listOf((value, place) => {
      if (typeof value === 'string') isText(value, place)
      else if (!isResource(value)) fields(resourceFields, ['name'])(value, place)
    }),
  },
  ['client', 'resources'],
)

/** Refuses a configuration that cannot be, before anything runs. @throws {InvalidRestConfig} names the place and the key */
export function checkConfig(given: unknown): asserts given is RestApiConfig {
  isMap(given, '.')
  config(given, '.')
}

function isNonEmpty(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
