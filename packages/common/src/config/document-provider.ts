import type { ConfigProvider } from './provider.ts'

/** Settings as a document: tables in tables, as TOML and JSON have them. */
export type ConfigDocument = Readonly<Record<string, unknown>>

/** A provider of a document that is at hand, such as one that was fetched from a vault. */
export function documentProvider(
  name: string,
  document: ConfigDocument,
  options: Pick<ConfigProvider, 'supportsSecrets' | 'locations'> = {},
): ConfigProvider {
  return {
    name,
    ...options,
    get: (path) => {
      let found: unknown = document
      for (const part of path) {
        if (!isTable(found) || !Object.hasOwn(found, part)) return undefined
        found = found[part]
      }
      return found ?? undefined
    },
  }
}

/**
 * Settings under dotted names, as they are given in code: `{ 'load.workers': 4 }`. Tables in them are taken apart, so that
 * `{ load: { workers: 4 } }` is the same.
 */
export function dottedProvider(name: string, settings: ConfigDocument): ConfigProvider {
  const document: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(settings)) {
    let nested: unknown = value
    for (const part of key.split('.').toReversed()) nested = { [part]: nested }
    merge(document, nested as ConfigDocument)
  }
  return documentProvider(name, document, { supportsSecrets: true })
}

/** Puts one document over another, key by key. */
export function merge(below: Record<string, unknown>, above: ConfigDocument): Record<string, unknown> {
  for (const [key, value] of Object.entries(above)) {
    const known = Object.hasOwn(below, key) ? below[key] : undefined
    define(below, key, isTable(known) && isTable(value) ? merge({ ...known }, value) : value)
  }
  return below
}

/** Also for keys such as `__proto__`. */
function define(table: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(table, key, { value, enumerable: true, configurable: true, writable: true })
}

/** True for a table of settings, false for a value of any other kind. */
export function isTable(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
