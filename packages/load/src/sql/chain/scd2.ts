import { TerminalError, type Column } from '@gantry/common'
import type { Dialect } from '../dialect.ts'
import { quoteIdentifier } from '../identifier.ts'
import type { Chain, ChainStatements, ChainTable } from './chain.ts'
import { insertMissing } from './insert-only.ts'
import { columnsWith, equal, rowKey } from './keys.ts'

/** A table lacks a column that keeping versions of rows needs. */
class NoVersionColumn extends TerminalError {
  override readonly code = 'no_version_column'

  constructor(table: string, hint: string) {
    super(`Table "${table}" is merged by scd2, but has no column with the hint "${hint}".`, { table, hint })
  }
}

/**
 * Slowly changing dimension, type 2: every version of a row stays, with the time from which and until which it held.
 * Versions that are not staged any more end at the boundary, with merge keys only where their key is staged; staged
 * versions that are not active begin there. Rows below versions are added and never changed.
 *
 * The boundary is the table's `x-boundary-timestamp`, else the time of the load package.
 * Source: dlt `dlt/destinations/sql_jobs.py`, `gen_scd2_sql`.
 */
export function scd2(chain: Chain, dialect: Dialect): ChainStatements {
  const { root, nested } = chain
  const [from, to] = [columnOf(root, 'x-valid-from'), columnOf(root, 'x-valid-to')]
  const version = quoteIdentifier(columnOf(root, 'x-row-version').name)
  const [fromName, toName] = [quoteIdentifier(from.name), quoteIdentifier(to.name)]
  const given = root.table.hints['x-boundary-timestamp']
  const boundary = dialect.timestamp(typeof given === 'string' ? given : chain.createdAt)
  const activeTo = to['x-active-record-timestamp']
  const open = typeof activeTo === 'string' ? dialect.timestamp(activeTo) : undefined
  const isActive = `d.${toName} ${open === undefined ? 'IS NULL' : `= ${open}`}`
  const keys = columnsWith(root, 'merge_key')
  const ofStagedKey =
    keys.length === 0 ? '' : ` AND EXISTS (SELECT 1 FROM ${root.staging} AS s WHERE ${equal(keys, 'd', 's')})`
  const others = root.columns
    .filter((column) => column !== from && column !== to)
    .map(({ name }) => quoteIdentifier(name))
  const list = others.join(', ')
  return {
    prepare: [],
    apply: [
      `UPDATE ${root.name} AS d SET ${toName} = ${boundary} WHERE ${isActive} AND ` +
        `NOT EXISTS (SELECT 1 FROM ${root.staging} AS s WHERE ${equal([version], 'd', 's')})${ofStagedKey}`,
      `INSERT INTO ${root.name} (${list}, ${fromName}, ${toName}) SELECT ${list}, ${boundary}, ${open ?? 'NULL'} ` +
        `FROM ${root.staging} AS s WHERE NOT EXISTS (SELECT 1 FROM ${root.name} AS d WHERE ${equal([version], 'd', 's')} AND ${isActive})`,
      ...nested.map((table) => insertMissing(table, table.staging, [rowKey(table)], '1 = 1')),
    ],
    cleanUp: [],
  }
}

function columnOf({ table, columns }: ChainTable, hint: 'x-valid-from' | 'x-valid-to' | 'x-row-version'): Column {
  const found = columns.find((column) => column[hint] === true)
  if (found === undefined) throw new NoVersionColumn(table.name, hint)
  return found
}
