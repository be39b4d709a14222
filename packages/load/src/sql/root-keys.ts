import type { Column, Table } from '@gantry/common'
import type { Dialect } from './dialect.ts'
import { qualifiedName, quoteIdentifier } from './identifier.ts'

/** A column that gets a value in the rows that are there, and must not be null from then on. */
export interface FilledColumn {
  readonly table: string
  readonly column: string
  /** In this order, those of tables above before those of tables below. */
  readonly fill: readonly string[]
  readonly require: string
}

/**
 * How a nested table that is there gets its root key, which a merge asks for and an append does not: from the table
 * above it, row by row. A row whose row above is gone gets the nearest id that is known of.
 *
 * @param column  new in the table
 * @returns undefined for any other column, and where the table does not say which rows are above its own
 */
export function fillRootKey(
  table: Table,
  column: Column,
  tables: readonly Table[],
  dataset: string,
  dialect: Dialect,
): FilledColumn | undefined {
  const parent = tables.find(({ name }) => name === table.hints.parent)
  const toParent = columnWith(table, 'parent_key')
  if (column.root_key !== true || parent === undefined || toParent === undefined) return undefined
  const name = qualifiedName(dataset, table.name, dialect)
  const rootKey = quoteIdentifier(column.name)
  const fill = [`UPDATE ${name} SET ${rootKey} = ${toParent}`]
  const [rowOfParent, rootOfParent] = [columnWith(parent, 'row_key'), rootKeyOf(parent)]
  if (rowOfParent !== undefined && rootOfParent !== undefined) {
    fill.push(
      `UPDATE ${name} AS d SET ${rootKey} = p.${rootOfParent} FROM ${qualifiedName(dataset, parent.name, dialect)} AS p ` +
        `WHERE p.${rowOfParent} = d.${toParent}`,
    )
  }
  const require = `ALTER TABLE ${name} ALTER COLUMN ${rootKey} SET NOT NULL`
  return { table: table.name, column: column.name, fill, require }
}

/** The column of a nested table that names the root row; undefined for a root table. */
function rootKeyOf(table: Table): string | undefined {
  if (table.hints.parent == null) return undefined
  return columnWith(table, 'root_key') ?? columnWith(table, 'parent_key')
}

function columnWith(table: Table, hint: 'parent_key' | 'root_key' | 'row_key'): string | undefined {
  const found = [...table.columns.values()].find((column) => column[hint] === true)
  return found === undefined ? undefined : quoteIdentifier(found.name)
}
