import { completeColumns, type Column, type Table } from '@gantry/common'
import type { Catalog } from './catalog.ts'
import type { Dialect } from './dialect.ts'
import { qualifiedName, quoteIdentifier } from './identifier.ts'
import { fillRootKey, type FilledColumn } from './root-keys.ts'

/** How tables are brought up to a schema. */
export interface TableMigration {
  /** What makes and extends tables. */
  readonly statements: readonly string[]
  /** Columns that are filled after that. */
  readonly filled: readonly FilledColumn[]
  /** Tables that are made or extended, with the columns that are new. */
  readonly changes: ReadonlyMap<string, readonly Column[]>
  /** Columns that should never be null, but have to be added as nullable because the table is there already. */
  readonly relaxed: readonly { readonly table: string; readonly column: string }[]
}

/**
 * The statements that bring a dataset's tables up to the schema. Only ever adds: no column or table is dropped, renamed
 * or changed in type (dlt `dlt/destinations/job_client_impl.py`, `_build_schema_update_sql`).
 *
 * @param tables  wanted, each with its columns in the order in which they are created
 */
export function planMigration(
  dataset: string,
  tables: readonly Table[],
  catalog: Catalog,
  dialect: Dialect,
): TableMigration {
  const statements: string[] = []
  const changes = new Map<string, readonly Column[]>()
  const relaxed: { table: string; column: string }[] = []
  const filled: FilledColumn[] = []
  for (const table of tables) {
    const wanted = completeColumns(table)
    const existing = catalog.get(table.name)
    const name = qualifiedName(dataset, table.name, dialect)
    if (existing === undefined) {
      const columns = wanted.map((column) => columnText(column, dialect, column.nullable === false))
      statements.push(`CREATE TABLE ${name} (${columns.join(', ')})`)
      changes.set(table.name, wanted)
      continue
    }
    const known = new Set(existing.map((column) => column.name.toLowerCase()))
    const missing = wanted.filter((column) => !known.has(column.name.toLowerCase()))
    if (missing.length === 0) continue
    const added = missing.map((column) => {
      const filling = fillRootKey(table, column, tables, dataset, dialect)
      if (filling !== undefined) filled.push(filling)
      const isRequired = column.nullable === false && dialect.canAddRequiredColumn && filling === undefined
      if (column.nullable === false && !isRequired && filling === undefined)
        relaxed.push({ table: table.name, column: column.name })
      return `ADD COLUMN ${columnText(column, dialect, isRequired)}`
    })
    if (dialect.canAddManyColumns) statements.push(`ALTER TABLE ${name} ${added.join(', ')}`)
    else for (const clause of added) statements.push(`ALTER TABLE ${name} ${clause}`)
    changes.set(table.name, missing)
  }
  return { statements, filled, changes, relaxed }
}

function columnText(column: Column, dialect: Dialect, isRequired: boolean): string {
  const parts = [quoteIdentifier(column.name), dialect.typeOf(column), dialect.attributesOf(column)]
  if (isRequired) parts.push('NOT NULL')
  return parts.filter((part) => part !== '').join(' ')
}
