import { TerminalError } from '../errors.ts'
import { decodeCurrent, decodeSchema, parseDocument, readRoot } from './codec.ts'
import { schemaHash } from './hash.ts'
import { schemaEngineVersion, type Schema } from './model.ts'
import { checkSchemaName } from './new-schema.ts'
import { withoutProcessingHints } from './processing-hints.ts'

/** Hashes of earlier versions that a schema remembers. */
const maxPreviousHashes = 10

/** The content of a stored schema does not fit its hash. */
export class StoredSchemaModified extends TerminalError {
  override readonly code = 'stored_schema_modified'

  constructor(schema: Schema, actualHash: string) {
    super(
      `Schema "${schema.name}" was changed in storage by hand: its hash is ${schema.version_hash}, its content has ` +
        `${actualHash}. Put the file back, or remove it and let it be restored from the destination.`,
      { schema: schema.name, storedHash: schema.version_hash, actualHash },
    )
  }
}

/**
 * The schema with the version and hash that fit its content: unchanged where they fit, else the version goes up by one,
 * however much was edited since, and the old hash into the history.
 *
 * Follows dlt `dlt/common/schema/utils.py`, `bump_version_if_modified`.
 */
export function bumpVersion(schema: Schema): Schema {
  const hash = schemaHash(schema)
  if (schema.version_hash === hash) return schema
  if (!schema.version_hash) return { ...schema, version: schema.version || 1, version_hash: hash }
  return {
    ...schema,
    version: schema.version + 1,
    version_hash: hash,
    previous_hashes: withPrevious(schema.previous_hashes, schema.version_hash),
  }
}

/** True where the content has changed since the version was last bumped. */
export function isModified(schema: Schema): boolean {
  return schemaHash(schema) !== schema.version_hash
}

/** The incoming schema in place of the current one: it keeps its version and hash and remembers the replaced hash. */
export function replaceSchema(current: Schema, incoming: Schema): Schema {
  const replaced = bumpVersion(current).version_hash
  const bumped = bumpVersion(incoming)
  if (replaced === null || replaced === bumped.version_hash) return bumped
  return { ...bumped, previous_hashes: withPrevious(bumped.previous_hashes, replaced) }
}

/** A copy under a new name, without version history. @throws {InvalidSchemaName} */
export function renameSchema(schema: Schema, name: string): Schema {
  checkSchemaName(name)
  const { imported_version_hash: _, ...kept } = schema
  return { ...kept, name, version: 1, version_hash: null, previous_hashes: [] }
}

/**
 * Reads a schema out of storage and refuses one whose content does not fit its hash. What an older engine wrote is not
 * compared, as its hash was made by other rules.
 *
 * @throws {StoredSchemaModified}
 * @throws {InvalidSchemaDocument}
 */
export function parseStoredSchema(text: string): Schema {
  const root = readRoot(parseDocument(text))
  if (root.get('engine_version') === schemaEngineVersion) {
    const stored = decodeCurrent(root)
    const actual = schemaHash(stored)
    if (actual !== stored.version_hash) throw new StoredSchemaModified(stored, actual)
  }
  return decodeSchema(root)
}

/**
 * What to store when the import folder holds `imported`: the stored schema where it was made from this very import, or
 * says the same save for notes of the stages; else the import, linked to its own hash.
 *
 * Its version is never lower than the stored one's, since the version tells which of two schemas is the newer; dlt keeps
 * that of the file.
 */
export function applyImport(imported: Schema, stored: Schema | undefined): Schema {
  const hash = schemaHash(imported)
  if (stored === undefined) return { ...bumpVersion(imported), imported_version_hash: hash }
  const said = [stored.imported_version_hash, schemaHash(stored), schemaHash(withoutProcessingHints(stored))]
  if (said.includes(hash)) return stored
  const replaced = replaceSchema(stored, imported)
  const version = Math.max(replaced.version, bumpVersion(stored).version + 1)
  return { ...replaced, version, imported_version_hash: hash }
}

function withPrevious(hashes: readonly string[], hash: string): readonly string[] {
  return (hashes.includes(hash) ? hashes : [hash, ...hashes]).slice(0, maxPreviousHashes)
}
