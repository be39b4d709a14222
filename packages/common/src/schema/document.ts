import { JsonObject } from '../json/object.ts'
import { Double, jsonFloatText } from '../values/double.ts'
import type { JsonValue } from './model.ts'

/*
 * The document form of schemas: JSON with ordered objects. Between text and model, so that old documents can be
 * upgraded before they are understood, and so that column order and odd keys (`1`, `__proto__`) survive.
 */

export type DocumentNode =
  null | boolean | number | bigint | string | Double | readonly DocumentNode[] | ReadonlyMap<string, DocumentNode>

/** An object of a document that is being built or changed. */
export type DocumentMap = Map<string, DocumentNode>

/** Where in a document: keys of objects and positions in lists, from the outside in. */
export type DocumentPath = readonly (string | number)[]

/**
 * A copy of `value` as a document; objects may be read JSON, Maps (from YAML) or plain ones. A property that is
 * undefined is absent.
 *
 * @throws {TypeError} a value that JSON has no form for
 */
export function toDocument(value: unknown): DocumentNode {
  if (value === null || typeof value !== 'object') {
    if (value === undefined || typeof value === 'symbol' || typeof value === 'function') {
      throw new TypeError(`No JSON form for a value of type ${typeof value}`)
    }
    return value as DocumentNode
  }
  if (value instanceof Double) return value
  if (Array.isArray(value)) return value.map(toDocument)
  const entries: Iterable<[string, unknown]> =
    value instanceof JsonObject || value instanceof Map
      ? (value.entries() as Iterable<[string, unknown]>)
      : Object.entries(value)
  const copy: DocumentMap = new Map()
  for (const [key, item] of entries) if (item !== undefined) copy.set(key, toDocument(item))
  return copy
}

/** The plain value of a hint. Doubles without a fraction stay told from integers, though the type does not say so. */
export function toPlain(node: DocumentNode): JsonValue {
  if (Array.isArray(node)) return (node as readonly DocumentNode[]).map(toPlain)
  if (!(node instanceof Map)) return node as JsonValue
  const plain: Record<string, JsonValue> = {}
  for (const [key, item] of node as ReadonlyMap<string, DocumentNode>) setOwn(plain, key, toPlain(item))
  return plain
}

/** Sets a key that comes from data; assigning `__proto__` would not make a key of that name. */
export function setOwn<Item>(target: Record<string, Item>, key: string, value: Item): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  } else target[key] = value
}

/** JSON of a document in its own key order: compact, or indented by two spaces. */
export function printDocument(node: DocumentNode, pretty: boolean = false, indent: string = ''): string {
  switch (typeof node) {
    case 'string':
      return JSON.stringify(node)
    case 'number':
      return Number.isInteger(node) ? String(node) : jsonFloatText(node)
    case 'boolean':
    case 'bigint':
      return String(node)
    default:
  }
  if (node === null) return 'null'
  if (node instanceof Double) return jsonFloatText(node.value)
  const inner = pretty ? `${indent}  ` : ''
  const isList = Array.isArray(node)
  const items = isList
    ? (node as readonly DocumentNode[]).map((item) => printDocument(item, pretty, inner))
    : [...(node as ReadonlyMap<string, DocumentNode>)].map(
        ([key, item]) => `${JSON.stringify(key)}:${pretty ? ' ' : ''}${printDocument(item, pretty, inner)}`,
      )
  const [opening, closing] = isList ? '[]' : '{}'
  if (items.length === 0) return `${opening}${closing}`
  return pretty
    ? `${opening}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${closing}`
    : `${opening}${items.join(',')}${closing}`
}

/** True for an object. */
export function isDocumentMap(node: DocumentNode | undefined): node is DocumentMap {
  return node instanceof Map
}

/** The text in a node, else `otherwise`. */
export function textOr<Otherwise>(node: DocumentNode | undefined, otherwise: Otherwise): string | Otherwise {
  return typeof node === 'string' ? node : otherwise
}
