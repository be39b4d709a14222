import type { ParamValue } from '../../http/api-request.ts'
import { isPlainObject } from '../../plain-values.ts'
import type { Cursor } from '../../incremental/cursor.ts'
import { incremental, isIncremental, type Incremental, type IncrementalOptions } from '../../incremental/incremental.ts'
import { InvalidRestConfig } from './invalid-rest-config.ts'

/** How an endpoint is asked for what is new since the last run. */
export interface EndpointIncremental extends IncrementalOptions {
  /** Field of the rows, or JSONPath, as of `incremental()`. */
  readonly cursorPath: string
  /** Query parameter that gets the value with which the run begins. */
  readonly startParam?: string
  /** Query parameter that gets the end value. */
  readonly endParam?: string
  /** Makes of a cursor's value what the API takes. Gets undefined where there is none. Default: as it is, `Date` in ISO form. */
  readonly convert?: (value: never) => ParamValue
}

/** The older form of `incremental`: the parameter itself says it, and gets the value with which the run begins. */
export type IncrementalParam =
  Incremental | ({ readonly type: 'incremental' } & Omit<EndpointIncremental, 'startParam' | 'endParam' | 'endValue'>)

/** What `{incremental.…}` may name. */
const values = ['start_value', 'initial_value', 'last_value', 'end_value']

type CursorValues = Pick<Cursor, 'initialValue' | 'startValue' | 'endValue'>

/** The cursor of an endpoint, and what requests say of it. */
export class EndpointCursor {
  readonly incremental: Incremental
  readonly #startParam: string | undefined
  readonly #endParam: string | undefined
  readonly #convert: ((value: never) => ParamValue) | undefined

  /** @throws {InvalidHint} an unknown option, or one that makes no sense @throws {InvalidJsonPath} */
  constructor({ cursorPath, startParam, endParam, convert, ...options }: EndpointIncremental) {
    this.incremental = incremental(cursorPath, options)
    this.#startParam = startParam
    this.#endParam = endParam
    this.#convert = convert
  }

  /** Query parameters for a run. @param cursor  undefined: outside of a run, as if it were the first */
  params(cursor: Cursor | undefined): Readonly<Record<string, ParamValue>> {
    const { startValue, endValue } = this.#valuesOf(cursor)
    return {
      ...(this.#startParam === undefined ? {} : { [this.#startParam]: this.#converted(startValue) }),
      ...(this.#endParam === undefined ? {} : { [this.#endParam]: this.#converted(endValue) }),
    }
  }

  /** The value that `{incremental.<name>}` stands for; null where there is none. */
  valueOf(name: string, cursor: Cursor | undefined): ParamValue {
    const { initialValue, startValue, endValue } = this.#valuesOf(cursor)
    // The last value is the one with which the run begins: it moves on with each row, and a request made of that would
    // skip what is left to be read for other rows of a parent.
    const value = name === 'initial_value' ? initialValue : name === 'end_value' ? endValue : startValue
    return value === undefined || value === null ? null : this.#converted(value)
  }

  #valuesOf(cursor: Cursor | undefined): CursorValues {
    if (cursor !== undefined) return cursor
    const { initialValue, endValue } = this.incremental.options
    return { initialValue, startValue: initialValue, endValue }
  }

  #converted(value: unknown): ParamValue {
    if (this.#convert !== undefined) return this.#convert(value as never)
    return value instanceof Date ? value.toISOString() : (value as ParamValue)
  }
}

/** The value's name in `incremental.<name>`; undefined for any other text. @throws {InvalidRestConfig} there is no such value */
export function tryIncrementalPlaceholder(text: string, place: string): string | undefined {
  if (!text.startsWith('incremental.')) return undefined
  const name = text.slice('incremental.'.length)
  if (values.includes(name)) return name
  throw new InvalidRestConfig(
    `${place} has the placeholder {${text}}. Known: ${values.map((one) => `{incremental.${one}}`).join(', ')}.`,
    { place },
  )
}

/**
 * The cursor that an endpoint declares, in its `incremental` or in the older form, and the parameters without it.
 *
 * @throws {InvalidRestConfig} two cursors
 */
export function takeCursor<Param>(
  declared: EndpointIncremental | undefined,
  params: Readonly<Record<string, Param>>,
  place: string,
): { readonly cursor: EndpointCursor | undefined; readonly params: Readonly<Record<string, Param>> } {
  const older = Object.entries(params).flatMap(([name, param]) => {
    const found = tryIncrementalParam(param, name)
    return found === undefined ? [] : [[name, found] as const]
  })
  const all = [...(declared === undefined ? [] : [declared]), ...older.map(([, one]) => one)]
  if (all.length > 1) {
    throw new InvalidRestConfig(`${place} has ${all.length} cursors. Give it one, in "incremental".`, { place })
  }
  const [only] = all
  const names = new Set(older.map(([name]) => name))
  return {
    cursor: only === undefined ? undefined : new EndpointCursor(only),
    params: Object.fromEntries(Object.entries(params).filter(([name]) => !names.has(name))),
  }
}

function tryIncrementalParam(param: unknown, startParam: string): EndpointIncremental | undefined {
  if (isIncremental(param)) return { ...param.options, cursorPath: param.cursorPath, startParam }
  if (!isPlainObject(param) || param['type'] !== 'incremental') return undefined
  const { type: _, ...options } = param
  return { ...(options as unknown as EndpointIncremental), startParam }
}
