import { sha3Base64, sortedJson } from '../hash.ts'
import { compareCodePoints } from '../json/sorted.ts'
import { encodeSchema } from './codec.ts'
import type { Schema, Table } from './model.ts'
import { withTableDefaults } from './table-codec.ts'

/**
 * Hash of what a schema says: padded base64 of SHA3-256, 44 characters. Order of tables and keys does not count, order of
 * columns does, and so do explicit nulls and hints that nobody here knows; the version and its history do not.
 *
 * Follows dlt `dlt/common/schema/utils.py`, `generate_version_hash`.
 */
export function schemaHash(schema: Schema): string {
  const tables = new Map<string, Table>()
  for (const [name, table] of schema.tables) tables.set(name, withTableDefaults(table))
  const content = encodeSchema({ ...schema, tables })
  for (const key of ['version', 'version_hash', 'imported_version_hash', 'previous_hashes']) content.delete(key)
  // JSON with sorted keys says nothing about the order of columns, so their names follow it.
  const names: string[] = []
  for (const [name, table] of [...tables].toSorted(([a], [b]) => compareCodePoints(a, b))) {
    names.push(name, ...table.columns.keys())
  }
  return sha3Base64(sortedJson(content), ...names)
}
