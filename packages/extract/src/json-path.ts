import { createRequire } from 'node:module'
import type * as JsonPathLibrary from 'jsonpath-rfc9535'
import { UsageError } from '@gantry/common'

/** What a program can hold of JSON: plain objects and lists, and in them values of any kind. */
type Queryable = Parameters<typeof JsonPathLibrary.query>[0]

const require = createRequire(import.meta.url)

/** Loads the library with the first path that needs it; nearly all paths are names and nothing else. */
function query(document: Queryable, expression: string): readonly unknown[] {
  return (require('jsonpath-rfc9535') as typeof JsonPathLibrary).query(document, expression)
}

/** A path that is no JSONPath. */
export class InvalidJsonPath extends UsageError {
  override readonly code = 'invalid_json_path'

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(
      `"${path}" is not a JSONPath: ${reason}. Examples: id, data.items, $.pages[0].next, $['@odata.nextLink'].`,
      { path },
      options,
    )
  }
}

/**
 * A JSONPath (RFC 9535), checked once and then applied to many documents. `$` may be left out, and names may hold `@` and
 * `-`, as in dlt's paths: `paging.next-page` is `$['paging']['next-page']`. Names without anything else are looked up
 * directly.
 */
export class JsonPath {
  /** As it was written. */
  readonly text: string
  readonly #expression: string
  /** The names of a path that holds nothing else. */
  readonly #names: readonly string[] | undefined

  /** @throws {InvalidJsonPath} */
  constructor(text: string) {
    this.text = text
    this.#names = plainNames(text)
    this.#expression = expressionOf(text)
    if (this.#names !== undefined) return
    try {
      query(null, this.#expression)
    } catch (error) {
      throw new InvalidJsonPath(text, (error as Error).message.replace(/\.$/, ''), { cause: error })
    }
  }

  /** All that the path leads to, in the order of the document; nulls included. */
  findAll(document: unknown): readonly unknown[] {
    if (this.#names === undefined) return query(document as Queryable, this.#expression)
    const found = this.#lookUp(this.#names, document)
    return found === undefined ? [] : [found]
  }

  /** The first that the path leads to; undefined where there is nothing. */
  findFirst(document: unknown): unknown {
    return this.#names === undefined ? this.findAll(document)[0] : this.#lookUp(this.#names, document)
  }

  #lookUp(names: readonly string[], document: unknown): unknown {
    let value = document
    for (const name of names) {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
        return undefined
      value = (value as Readonly<Record<string, unknown>>)[name]
    }
    return value
  }
}

/** The path that leads to these names, one below the other. */
export function pathOfNames(names: readonly string[]): string {
  return names.every((name) => /^[A-Za-z_]\w*$/.test(name))
    ? names.join('.')
    : `$${names.map((name) => `[${JSON.stringify(name)}]`).join('')}`
}

function plainNames(text: string): readonly string[] | undefined {
  if (text === '$') return []
  const names = (text.startsWith('$.') ? text.slice(2) : text).split('.')
  return names.every((name) => /^[\p{L}_@][\p{L}\p{N}_@-]*$/u.test(name)) ? names : undefined
}

/** The path in RFC 9535's form: names outside brackets are quoted in brackets, and `$` stands in front. */
function expressionOf(text: string): string {
  const path = text.startsWith('$') ? text.slice(1) : text.startsWith('[') || text.startsWith('.') ? text : `.${text}`
  const quoted = path.replaceAll(
    /(\[(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^'"\]])*\])|(\.\.?)(?:'([^']*)'|"([^"]*)"|([\p{L}_@][\p{L}\p{N}_@-]*))/gu,
    (_whole: string, bracket: string | undefined, dots: string, single?: string, double?: string, name?: string) => {
      if (bracket !== undefined) return bracket
      return `${dots === '..' ? '..' : ''}[${JSON.stringify(single ?? double ?? name)}]`
    },
  )
  return `$${quoted}`
}
