import type { Column } from '@gantry/common'
import { quoteIdentifier } from '../../sql/identifier.ts'
import { insertSelect, readCall, type FilesToLoad } from './duckdb-files.ts'
import { duckdbType } from './duckdb-types.ts'

/*
 * Parquet load files carry types of their own, which need not be the table's: json is text, integers may be narrower.
 * Columns are found by name, and each is cast.
 */

export async function* parquetStatements(load: FilesToLoad): AsyncGenerator<string> {
  const call = readCall('read_parquet', load.paths, { union_by_name: 'true' })
  const types = await load.describe(`SELECT * FROM ${call}`)
  yield insertSelect(load, (column) => valueOf(column, types.get(column.name)), call)
}

/** @param type  of the files' column; undefined where they have none */
function valueOf(column: Column, type: string | undefined): string | undefined {
  if (type === undefined) return undefined
  const name = quoteIdentifier(column.name)
  const wanted = duckdbType(column)
  if (type === wanted) return name
  // A timestamp without zone is in UTC, whatever the connection's time zone is.
  const crossesZone = isTimestamp(type) && isTimestamp(wanted) && isZoned(type) !== isZoned(wanted)
  return `CAST(${crossesZone ? `${isZoned(type) ? name : `CAST(${name} AS TIMESTAMP)`} AT TIME ZONE 'UTC'` : name} AS ${wanted})`
}

function isTimestamp(type: string): boolean {
  return type.startsWith('TIMESTAMP')
}

function isZoned(type: string): boolean {
  return type === 'TIMESTAMP WITH TIME ZONE'
}
