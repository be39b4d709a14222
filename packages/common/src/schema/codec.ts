import { parseJson } from '../json/reader.ts'
import { JsonSyntaxError } from '../json/syntax-error.ts'
import {
  isDocumentMap,
  printDocument,
  setOwn,
  toDocument,
  toPlain,
  type DocumentMap,
  type DocumentNode,
} from './document.ts'
import {
  schemaEngineVersion,
  type JsonValue,
  type NormalizersConfig,
  type PartialTable,
  type Schema,
  type SchemaSettings,
} from './model.ts'
import {
  decodeSchemaTables,
  decodeTables,
  encodeTables,
  InvalidSchemaDocument,
  type SchemaForm,
} from './table-codec.ts'
import { upgradeSchemaDocument } from './upgrade.ts'

/*
 * Schema documents as dlt writes them, in and out. Top-level keys have a fixed order; the order of columns is kept, as
 * it counts; what is not known here is kept too, as it enters the hash.
 */

/**
 * Reads a schema of any engine version up to ours; an older one is upgraded, so that its hash no longer fits.
 *
 * @throws {InvalidSchemaDocument}
 * @throws {SchemaEngineTooNew} written by a newer dlt
 */
export function parseSchema(text: string): Schema {
  return decodeSchema(parseDocument(text))
}

/** As {@link parseSchema}, of a document that is parsed already: read JSON, or YAML as Maps or plain objects. */
export function decodeSchema(document: unknown): Schema {
  return decodeCurrent(upgradeSchemaDocument(readRoot(document)))
}

/** A copy of the document that may be changed. @throws {InvalidSchemaDocument} not an object */
export function readRoot(document: unknown): DocumentMap {
  const root = toDocument(document)
  if (!isDocumentMap(root)) throw new InvalidSchemaDocument('it is not an object')
  return root
}

/** Reads a document of our engine version as it is. @throws {InvalidSchemaDocument} */
export function decodeCurrent(root: DocumentMap): Schema {
  const name = textOf(root, 'name')
  if (name == null) throw new InvalidSchemaDocument('"name" is missing')
  if (!root.has('normalizers')) throw new InvalidSchemaDocument('"normalizers" is missing')
  const description = textOf(root, 'description')
  const importedHash = textOf(root, 'imported_version_hash')
  const schema: Schema = {
    version: integerOf(root, 'version', 1),
    version_hash: textOf(root, 'version_hash') ?? null,
    engine_version: integerOf(root, 'engine_version', schemaEngineVersion),
    name,
    tables: decodeSchemaTables(objectOf(root, 'tables')),
    settings: toPlain(objectOf(root, 'settings')) as SchemaSettings,
    normalizers: toPlain(objectOf(root, 'normalizers')) as unknown as NormalizersConfig,
    previous_hashes: toPlain(root.get('previous_hashes') ?? []) as readonly string[],
    ...(importedHash == null ? {} : { imported_version_hash: importedHash }),
    ...(description ? { description } : {}),
  }
  const others: Record<string, JsonValue> = {}
  for (const [key, value] of root) if (!knownKeys.has(key)) setOwn(others, key, toPlain(value))
  return { ...schema, ...others }
}

const knownKeys = new Set([
  'version',
  'version_hash',
  'engine_version',
  'name',
  'tables',
  'settings',
  'normalizers',
  'previous_hashes',
  'imported_version_hash',
  'description',
])

/** The schema as JSON, keys in dlt's order. It is written as it is: bump its version first. */
export function stringifySchema(schema: Schema, form: SchemaForm = {}): string {
  return printDocument(encodeSchema(schema, form), form.pretty)
}

/** The schema as a document of ordered Maps, e.g. to write it as YAML. */
export function encodeSchema(schema: Schema, form: Pick<SchemaForm, 'removeDefaults'> = {}): DocumentMap {
  const { version, version_hash, engine_version, name, tables, settings, normalizers, previous_hashes, ...others } =
    schema
  const { imported_version_hash, description, ...unknown } = others
  const document: DocumentMap = new Map()
  const put = (key: string, value: unknown): void => void document.set(key, toDocument(value))
  put('version', version)
  put('version_hash', version_hash)
  put('engine_version', engine_version)
  put('name', name)
  document.set('tables', encodeTables(tables, form))
  put('settings', settings)
  put('normalizers', normalizers)
  put('previous_hashes', previous_hashes)
  if (imported_version_hash && !form.removeDefaults) put('imported_version_hash', imported_version_hash)
  if (description) put('description', description)
  for (const [key, value] of Object.entries(unknown)) put(key, value)
  return document
}

/** Partial tables by name as a document, e.g. `schema_updates.json` of a package. */
export function stringifyTables(tables: ReadonlyMap<string, PartialTable>, form: SchemaForm = {}): string {
  return printDocument(encodeTables(tables, form), form.pretty)
}

/** Reads what {@link stringifyTables} wrote. @throws {InvalidSchemaDocument} */
export function parseTables(text: string): Map<string, PartialTable> {
  return decodeTables(readRoot(parseDocument(text)))
}

/** Parsed JSON of a document. @throws {InvalidSchemaDocument} */
export function parseDocument(text: string): unknown {
  try {
    return parseJson(text)
  } catch (cause) {
    if (cause instanceof JsonSyntaxError) throw new InvalidSchemaDocument(cause.message, [], { cause })
    throw cause
  }
}

function textOf(root: DocumentMap, key: string): string | null | undefined {
  const node = root.get(key)
  if (node == null || typeof node === 'string') return node
  throw new InvalidSchemaDocument(`"${key}" is not text`, [key])
}

function integerOf(root: DocumentMap, key: string, otherwise: number): number {
  const node = root.get(key) ?? otherwise
  if (typeof node === 'number' && Number.isInteger(node)) return node
  throw new InvalidSchemaDocument(`"${key}" is not an integer`, [key])
}

function objectOf(root: DocumentMap, key: string): DocumentMap {
  const node = root.get(key) ?? new Map<string, DocumentNode>()
  if (isDocumentMap(node)) return node
  throw new InvalidSchemaDocument(`"${key}" is not an object`, [key])
}
