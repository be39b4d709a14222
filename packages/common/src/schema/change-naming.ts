import { TerminalError } from '../errors.ts'
import type { NamingConvention } from '../naming/naming-convention.ts'
import { namingConvention } from '../naming/open.ts'
import { normalizeSettings } from './default-hints.ts'
import { mergeTable } from './merge.ts'
import type { Schema, Table } from './model.ts'
import { checkSystemTableNames } from './new-schema.ts'
import { normalizeTableIdentifiers } from './normalize-identifiers.ts'

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
 * @throws {TableIdentifiersFrozen} even where no name would change, as dlt does
 * @throws {SystemTablesRenamed}
 */
export function changeNaming(schema: Schema, naming: NamingConvention, allowWithData: boolean = false): Schema {
  checkSystemTableNames(naming)
  const { normalizers } = schema
  if (namingConvention(normalizers.names).name === naming.name) return schema
  if (!allowWithData && normalizers.allow_identifier_change_on_table_with_data !== true) {
    for (const table of schema.tables.values()) {
      if (hasSeenData(table)) throw new TableIdentifiersFrozen(schema, table.name, naming)
    }
  }
  const tables = new Map<string, Table>()
  for (const table of schema.tables.values()) {
    const renamed = normalizeTableIdentifiers(table, naming)
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

/** True for a table of which normalize has written a file. */
function hasSeenData(table: Table): boolean {
  const state = table.hints['x-normalizer']
  return typeof state === 'object' && state !== null && 'seen-data' in state && state['seen-data'] === true
}
