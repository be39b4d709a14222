import { TerminalError } from '../errors.ts'
import type { NamingConvention } from '../naming/naming-convention.ts'
import { builtInNaming, namingConvention } from '../naming/open.ts'
import { normalizeSettings } from './default-hints.ts'
import { mergeTable } from './merge.ts'
import type { Column, Schema, Table } from './model.ts'
import { checkSystemTableNames } from './new-schema.ts'
import { normalizeTableIdentifiers } from './normalize-identifiers.ts'
import { normalizerHints } from './processing-hints.ts'
import { loadsTable, pipelineStateTable, systemNames, versionTable } from './system-tables.ts'

/** Another naming convention would rename tables that have data in the destination. */
export class TableIdentifiersFrozen extends TerminalError {
  override readonly code = 'table_identifiers_frozen'

  constructor(schema: Schema, table: string, naming: NamingConvention) {
    const from = schema.normalizers.names
    super(
      `Schema "${schema.name}" cannot go from naming convention "${from}" to "${naming.name}", as table "${table}" has ` +
        'data already. Keep the convention, or set allow_identifier_change_on_table_with_data and move the data yourself.',
      { schema: schema.name, table, from, to: naming.name },
    )
  }
}

/**
 * The schema with all names rewritten by another naming convention; the very same schema where the convention is the one
 * it has, whatever its limit of length.
 *
 * @param allowWithData  rename tables even though they have data; the schema's own setting counts too
 * @throws {TableIdentifiersFrozen} a data table has data, even where no name would change; or a table of dlt's has, and
 *                                  its names would
 * @throws {SystemTablesRenamed}
 * Follows dlt `dlt/common/schema/schema.py`, `Schema._verify_update_normalizers`.
 */
export function changeNaming(schema: Schema, naming: NamingConvention, allowWithData: boolean = false): Schema {
  checkSystemTableNames(naming)
  const { normalizers } = schema
  if (isSameNaming(normalizers.names, naming.name)) return schema
  const from = namingConvention(normalizers.names)
  const { prefix } = systemNames(from)
  const isAllowed = allowWithData || normalizers.allow_identifier_change_on_table_with_data === true
  const tables = new Map<string, Table>()
  for (const table of schema.tables.values()) {
    const isSystem = table.name.startsWith(prefix)
    const renamed = isSystem ? renameSystemTable(table, from, naming) : normalizeTableIdentifiers(table, naming)
    const isFrozen = normalizerHints(table)['seen-data'] === true && (!isSystem || !hasSameNames(table, renamed))
    if (isFrozen && !isAllowed) throw new TableIdentifiersFrozen(schema, table.name, naming)
    const other = tables.get(renamed.name)
    tables.set(renamed.name, other === undefined ? renamed : mergeTable(other, renamed))
  }
  return {
    ...schema,
    tables,
    settings: normalizeSettings(schema.settings, naming),
    normalizers: { ...normalizers, names: naming.name },
  }
}

/** True for two names of one convention, e.g. its short name and dlt's import path. */
export function isSameNaming(name: string, other: string): boolean {
  return (builtInNaming(name) ?? name) === (builtInNaming(other) ?? other)
}

/** Names of dlt's tables are made of what they are called everywhere, not of what the convention before made of that. */
function renameSystemTable(table: Table, from: NamingConvention, to: NamingConvention): Table {
  for (const template of [versionTable, loadsTable, pipelineStateTable]) {
    const before = template(from)
    if (before.name !== table.name) continue
    const after = template(to)
    const names = new Map([...before.columns.keys()].map((name, at) => [name, [...after.columns.keys()][at] as string]))
    names.set(systemNames(from).rowId, systemNames(to).rowId)
    const columns = new Map<string, Column>()
    for (const column of table.columns.values()) {
      const name = names.get(column.name) ?? to.normalizePath(column.name)
      columns.set(name, { ...column, name })
    }
    return { ...table, name: after.name, columns }
  }
  return normalizeTableIdentifiers(table, to)
}

function hasSameNames(table: Table, renamed: Table): boolean {
  const columns = [...table.columns.keys()]
  const after = [...renamed.columns.keys()]
  return (
    table.name === renamed.name && columns.length === after.length && columns.every((name, at) => name === after[at])
  )
}
