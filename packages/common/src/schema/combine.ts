import { namingConvention } from '../naming/open.ts'
import { changeNaming } from './change-naming.ts'
import type { Column, Schema, Table } from './model.ts'

/**
 * The schema with all tables and columns of `other` that it lacks, at the higher version of the two. Where both have a
 * column, that of `base` stays; where both have a table, its hints are those of `hintsFrom`, save for what normalize notes
 * about data it has seen. So two stages that work on one schema side by side lose nothing of each other's.
 *
 * Names, and the import that the schema is linked to, are those of `base`: an import that `base` has not seen is made
 * again by the next extract.
 */
export function combineSchemas(base: Schema, other: Schema, hintsFrom: 'base' | 'other'): Schema {
  const tables = new Map(base.tables)
  for (const [name, added] of sameNames(other, base).tables) {
    const known = tables.get(name)
    tables.set(name, known === undefined ? added : combineTables(known, added, hintsFrom))
  }
  const newest = other.version > base.version ? other : base
  const { version, version_hash, previous_hashes } = newest
  const imported = base.imported_version_hash ?? other.imported_version_hash
  return {
    ...base,
    tables,
    version,
    version_hash,
    previous_hashes,
    ...(imported == null ? {} : { imported_version_hash: imported }),
  }
}

function sameNames(schema: Schema, base: Schema): Schema {
  const { names } = base.normalizers
  return schema.normalizers.names === names ? schema : changeNaming(schema, namingConvention(names), true)
}

function combineTables(base: Table, other: Table, hintsFrom: 'base' | 'other'): Table {
  const columns = new Map<string, Column>(base.columns)
  for (const [name, column] of other.columns) if (!columns.has(name)) columns.set(name, column)
  if (hintsFrom === 'base') return { ...base, columns }
  const seen = base.hints['x-normalizer']
  return {
    ...base,
    columns,
    hints: { ...base.hints, ...other.hints, ...(seen === undefined ? {} : { 'x-normalizer': seen }) },
  }
}
