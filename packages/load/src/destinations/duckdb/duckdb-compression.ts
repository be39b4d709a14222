import type { Column } from '@gantry/common'

/**
 * How a column of a new table is to be stored, where DuckDB need not try out for each part of it: row ids are all
 * different, and those of parents and roots come again. Left to itself it tries a dictionary and FSST on both, which takes
 * a quarter of the load of narrow tables. What a method cannot hold is stored uncompressed.
 *
 * @param storageVersion  of the database file, such as `v1.0.0+`; undefined where there is no such file, and what it is
 *     that stores the tables decides for itself. From 1.3 on dictionaries are a part of another method, which is left to it
 * @returns what stands behind the column's type, or nothing
 */
export function compressionOf(storageVersion: string | undefined): (column: Column) => string {
  if (storageVersion === undefined) return () => ''
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(storageVersion) ?? []
  const hasDictionary = Number(major) === 1 && Number(minor) < 3
  return ({ data_type, row_key, parent_key, root_key }) => {
    if (data_type !== 'text') return ''
    if (row_key === true) return 'USING COMPRESSION uncompressed'
    return hasDictionary && (parent_key === true || root_key === true) ? 'USING COMPRESSION dictionary' : ''
  }
}
