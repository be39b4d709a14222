import { checkOptions } from '../check-options.ts'
import { InvalidRestConfig } from '../invalid-rest-config.ts'
import { HeaderCursorPaginator, type HeaderCursorOptions } from './header-cursor-paginator.ts'
import { HeaderLinkPaginator, type HeaderLinkOptions } from './header-link-paginator.ts'
import { JsonCursorPaginator, type JsonCursorOptions } from './json-cursor-paginator.ts'
import { JsonLinkPaginator, type JsonLinkOptions } from './json-link-paginator.ts'
import { OffsetPaginator, type OffsetOptions } from './offset-paginator.ts'
import { PageNumberPaginator, type PageNumberOptions } from './page-number-paginator.ts'
import type { Paginator } from './paginator.ts'
import { SinglePagePaginator } from './single-page-paginator.ts'

/** The paginators that have a name in configuration, with their options. */
export type PaginatorOptions =
  | { readonly type: 'auto' | 'single_page' }
  | ({ readonly type: 'header_link' } & HeaderLinkOptions)
  | ({ readonly type: 'json_link' } & JsonLinkOptions)
  | ({ readonly type: 'header_cursor' } & HeaderCursorOptions)
  | ({ readonly type: 'cursor' } & JsonCursorOptions)
  | ({ readonly type: 'offset' } & OffsetOptions)
  | ({ readonly type: 'page_number' } & PageNumberOptions)

/** A paginator as configuration has it: an object, a name, or a name with options. Own types by {@link registerPaginator}. */
export type PaginatorConfig =
  Paginator | PaginatorOptions | PaginatorOptions['type'] | OwnPaginatorOptions | (string & {})

interface OwnPaginatorOptions {
  readonly type: string & {}
  readonly [option: string]: unknown
}

type PaginatorMaker = new (options: never) => Paginator

interface PaginatorType {
  readonly make: PaginatorMaker
  /** Undefined: whatever the class takes. */
  readonly options: readonly string[] | undefined
}

const rangeOptions = ['totalPath', 'stopAfterEmptyPage', 'hasMorePath']

const types = new Map<string, PaginatorType>([
  ['single_page', { make: SinglePagePaginator, options: [] }],
  ['header_link', { make: HeaderLinkPaginator, options: ['linksNextKey'] }],
  ['json_link', { make: JsonLinkPaginator, options: ['nextUrlPath'] }],
  ['header_cursor', { make: HeaderCursorPaginator, options: ['cursorKey', 'cursorParam'] }],
  [
    'cursor',
    {
      make: JsonCursorPaginator,
      options: ['cursorPath', 'cursorParam', 'cursorBodyPath', 'stopAfterEmptyPage', 'hasMorePath'],
    },
  ],
  [
    'offset',
    {
      make: OffsetPaginator,
      options: [
        'limit',
        'offset',
        'offsetParam',
        'limitParam',
        'offsetBodyPath',
        'limitBodyPath',
        'maximumOffset',
        ...rangeOptions,
      ],
    },
  ],
  [
    'page_number',
    {
      make: PageNumberPaginator,
      options: ['basePage', 'page', 'pageParam', 'pageBodyPath', 'maximumPage', ...rangeOptions],
    },
  ],
])

/** Gives a paginator of one's own a name for configurations; its class is made with the options beside `type`. */
export function registerPaginator(type: string, paginator: PaginatorMaker): void {
  types.set(type, { make: paginator, options: undefined })
}

/**
 * The paginator that a configuration means; undefined for `auto`: that of the first answer.
 *
 * @param place  of the configuration, for messages: `./client/paginator`
 * @throws {InvalidRestConfig} an unknown type or option, or one that is missing
 */
export function createPaginator(config: PaginatorConfig, place: string): Paginator | undefined {
  if (isPaginator(config)) return config
  const { type, ...options } = typeof config === 'string' ? { type: config } : config
  if (type === 'auto') return undefined
  const known = types.get(type)
  if (known === undefined) {
    throw new InvalidRestConfig(
      `${place}: there is no paginator ${typeof type === 'string' ? `"${type}"` : 'without "type"'}. Known: auto, ${[...types.keys()].join(', ')}.`,
      { place },
    )
  }
  if (known.options !== undefined) checkOptions(options, known.options, place)
  try {
    return new known.make(options as never)
  } catch (error) {
    if (error instanceof InvalidRestConfig)
      throw new InvalidRestConfig(`${place}: ${error.message}`, { place }, { cause: error })
    throw error
  }
}

function isPaginator(config: PaginatorConfig): config is Paginator {
  return typeof config === 'object' && 'updateState' in config && typeof config.updateState === 'function'
}
