import { TerminalError } from '../errors.ts'
import {
  isDocumentMap,
  setOwn,
  textOr,
  toDocument,
  toPlain,
  type DocumentMap,
  type DocumentNode,
  type DocumentPath,
} from './document.ts'
import type { Column, JsonValue, Table } from './model.ts'

/** How a document is written. */
export interface SchemaForm {
  /** Indented by two spaces, as in schema storage; else compact, as in packages and `_dlt_version`. */
  readonly pretty?: boolean
  /** For people: without what is put back on reading, and without the import's hash. */
  readonly removeDefaults?: boolean
}

/** A text or document is no schema. */
export class InvalidSchemaDocument extends TerminalError {
  override readonly code = 'invalid_schema_document'

  /** What is wrong, without a full stop. */
  readonly problem: string
  /** Where in the document; the whole of it where nothing nearer is known. */
  readonly path: DocumentPath

  constructor(problem: string, path: DocumentPath = [], options?: ErrorOptions) {
    super(`Not a schema document: ${problem}.`, { path }, options)
    this.problem = problem
    this.path = path
  }
}

/** One table as a document: name, columns, then hints. */
export function encodeTable(table: Table, form: Pick<SchemaForm, 'removeDefaults'> = {}): DocumentMap {
  const document: DocumentMap = new Map()
  if (!form.removeDefaults) document.set('name', table.name)
  const columns: DocumentMap = new Map()
  for (const [name, column] of table.columns) {
    const encoded = toDocument(column) as DocumentMap
    if (form.removeDefaults) encoded.delete('name')
    columns.set(name, encoded)
  }
  document.set('columns', columns)
  for (const [key, value] of Object.entries(table.hints)) if (value !== undefined) document.set(key, toDocument(value))
  return document
}

/** Tables by name, each as {@link encodeTable} writes it. */
export function encodeTables(
  tables: ReadonlyMap<string, Table>,
  form: Pick<SchemaForm, 'removeDefaults'>,
): DocumentMap {
  const documents: DocumentMap = new Map()
  for (const [name, table] of tables) documents.set(name, encodeTable(table, form))
  return documents
}

/** Reads tables by name as they are. @throws {InvalidSchemaDocument} */
export function decodeTables(tables: ReadonlyMap<string, DocumentNode>): Map<string, Table> {
  const decoded = new Map<string, Table>()
  for (const [name, document] of tables) decoded.set(name, decodeTable(name, document))
  return decoded
}

function decodeTable(name: string, document: DocumentNode): Table {
  const path = ['tables', name]
  if (!isDocumentMap(document)) throw new InvalidSchemaDocument(`table "${name}" is not an object`, path)
  const columns = document.get('columns') ?? new Map()
  if (!isDocumentMap(columns)) {
    throw new InvalidSchemaDocument(`"columns" of table "${name}" is not an object`, [...path, 'columns'])
  }
  const decoded = new Map<string, Column>()
  for (const [column, hints] of columns) {
    if (!isDocumentMap(hints)) {
      throw new InvalidSchemaDocument(`column "${column}" of table "${name}" is not an object`, [
        ...path,
        'columns',
        column,
      ])
    }
    decoded.set(column, { name: column, ...(toPlain(hints) as Partial<Column>) })
  }
  const hints: Record<string, JsonValue> = {}
  for (const [key, value] of document) if (key !== 'name' && key !== 'columns') setOwn(hints, key, toPlain(value))
  return { name: textOr(document.get('name'), name), columns: decoded, hints }
}

/** As {@link decodeTables}, with what is put back on reading: see {@link withTableDefaults}. */
export function decodeSchemaTables(documents: ReadonlyMap<string, DocumentNode>): Map<string, Table> {
  const tables = decodeTables(documents)
  for (const [name, table] of tables) tables.set(name, withTableDefaults(table))
  return tables
}

/** A root table with write disposition and resource, where they are not set; a nested one as it is. */
export function withTableDefaults(table: Table): Table {
  const { hints, name } = table
  if (hints.parent != null || (hints.write_disposition !== undefined && hints.resource !== undefined)) return table
  return { ...table, hints: { ...hints, ...defaultsOf(name, hints) } }
}

function defaultsOf(name: string, hints: Table['hints']): Table['hints'] {
  return {
    ...(hints.write_disposition === undefined ? { write_disposition: 'append' as const } : {}),
    ...(hints.resource === undefined ? { resource: name } : {}),
  }
}
