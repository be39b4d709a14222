import { TerminalError } from '../errors.ts'
import type { NamingConvention } from '../naming/naming-convention.ts'
import { systemDefaultHints } from './default-hints.ts'
import { schemaEngineVersion, type Schema, type Table } from './model.ts'
import { loadsTable, systemNames, versionTable } from './system-tables.ts'

/** Where dlt finds the normalizer of nested items; the name that schemas store. */
export const relationalModule = 'dlt.common.normalizers.json.relational'
/** The same without coercion: only values of the column's own type go into it. */
export const relationalNoCoercionModule = 'dlt.common.normalizers.json.relational_no_coercion'

const maxSchemaName = 64

/** A schema's name is not a Python identifier, or too long. */
export class InvalidSchemaName extends TerminalError {
  override readonly code = 'invalid_schema_name'

  constructor(name: string) {
    super(
      `Schema name "${name}" will not do. It takes letters, digits and underscores, no digit in front, and at most ` +
        `${maxSchemaName} characters.`,
      { name },
    )
  }
}

/** The naming convention leaves dlt's own tables without their common prefix. */
export class SystemTablesRenamed extends TerminalError {
  override readonly code = 'system_tables_renamed'

  constructor(naming: NamingConvention, table: string, prefix: string) {
    super(
      `Naming convention "${naming.name}" with names of at most ${naming.maxLength} characters turns a system table into ` +
        `"${table}", which does not begin with "${prefix}". Allow longer names.`,
      { naming: naming.name, maxLength: naming.maxLength, table, prefix },
    )
  }
}

/** @throws {InvalidSchemaName} not a Python identifier of at most 64 characters */
export function checkSchemaName(name: string): void {
  if (!/^[\p{XIDS}_]\p{XIDC}*$/u.test(name) || Array.from(name).length > maxSchemaName) {
    throw new InvalidSchemaName(name)
  }
}

/** @throws {SystemTablesRenamed} */
export function checkSystemTableNames(naming: NamingConvention): void {
  const names = systemNames(naming)
  for (const table of [names.versionTable, names.loadsTable, names.stateTable]) {
    if (!table.startsWith(names.prefix)) throw new SystemTablesRenamed(naming, table, names.prefix)
  }
}

/**
 * A schema with nothing in it but dlt's own two tables and hints, never saved: version 1, no hash yet.
 *
 * @throws {InvalidSchemaName}
 * @throws {SystemTablesRenamed}
 */
export function newSchema(name: string, naming: NamingConvention): Schema {
  checkSchemaName(name)
  checkSystemTableNames(naming)
  const tables = new Map<string, Table>()
  for (const table of [versionTable(naming), loadsTable(naming)]) tables.set(table.name, table)
  return {
    version: 1,
    version_hash: null,
    engine_version: schemaEngineVersion,
    name,
    tables,
    settings: { detections: ['iso_timestamp'], default_hints: systemDefaultHints(systemNames(naming)) },
    normalizers: { names: naming.name, json: { module: relationalModule } },
    previous_hashes: [],
  }
}

/** A table without columns; a nested one where it has a parent, else a root that appends. */
export function newTable(name: string, parent?: string): Table {
  return {
    name,
    columns: new Map(),
    hints: parent === undefined ? { write_disposition: 'append', resource: name } : { parent },
  }
}
