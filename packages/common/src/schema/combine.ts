import { namingConvention } from '../naming/open.ts'
import { changeNaming } from './change-naming.ts'
import { isComplete, mergeColumn } from './merge.ts'
import type { Column, JsonValue, Schema, Table } from './model.ts'
import { normalizerHints } from './processing-hints.ts'

/**
 * The schema with all tables and columns of `other` that it lacks, at the higher version of the two. Where both have
 * one, what was declared about it (hints, settings, the normalizer's config) is that of `other`, and what normalize found
 * out about it (types of columns that have data, marks in `x-normalizer`) is that of `base`. So two stages that work on
 * one schema side by side lose nothing of each other's.
 *
 * Names, and the import that the schema is linked to, are those of `base`: an import that `base` has not seen is made
 * again by the next extract.
 */
export function combineSchemas(base: Schema, other: Schema): Schema {
  const tables = new Map(base.tables)
  const renamed = sameNames(other, base)
  for (const [name, added] of renamed.tables) {
    const known = tables.get(name)
    tables.set(name, known === undefined ? added : combineTables(known, added))
  }
  const newest = other.version > base.version ? other : base
  const { version, version_hash, previous_hashes } = newest
  const imported = base.imported_version_hash ?? other.imported_version_hash
  return {
    ...base,
    tables,
    settings: renamed.settings,
    normalizers: renamed.normalizers,
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

function combineTables(base: Table, other: Table): Table {
  const columns = new Map<string, Column>(base.columns)
  for (const [name, column] of other.columns) {
    const known = columns.get(name)
    columns.set(name, known === undefined ? column : combineColumns(known, column, base))
  }
  const state = combineStates(base, other)
  return {
    ...base,
    columns,
    hints: { ...base.hints, ...other.hints, ...(state === undefined ? {} : { 'x-normalizer': state }) },
  }
}

function combineColumns(base: Column, other: Column, table: Table): Column {
  if (!isComplete(other)) return mergeColumn(base, other)
  const isContradiction = isComplete(base) && base.data_type !== other.data_type
  return isContradiction && normalizerHints(table)['seen-data'] === true ? base : other
}

/** Once normalize has marked a table as having data, nothing but the declared depth can come from the other side. */
function combineStates(base: Table, other: Table): JsonValue | undefined {
  const [known, declared] = [normalizerHints(base), normalizerHints(other)]
  if (known['seen-data'] !== true) return combined({ ...known, ...declared })
  const { max_nesting } = declared
  return combined({ ...known, ...(max_nesting === undefined ? {} : { max_nesting }) })
}

function combined(state: object): JsonValue | undefined {
  return Object.keys(state).length === 0 ? undefined : (state as JsonValue)
}
