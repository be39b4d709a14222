import { compilePattern, type NamingConvention, type Schema } from '@gantry/common'

/** True for a column of the table that filters keep out. */
export type ColumnFilter = (column: string) => boolean

/**
 * The filters that hold for a table: its own, and those of the tables its name begins with, which see its columns by
 * their path from there. A column goes if an exclude of a table meets it and no include of the same table does
 * (dlt `Schema.filter_row`). Undefined where nothing is filtered.
 */
export function columnFilter(schema: Schema, table: string, naming: NamingConvention): ColumnFilter | undefined {
  const path = naming.breakPath(table)
  const filters: ColumnFilter[] = []
  for (let length = path.length; length > 0; length--) {
    const declared = schema.tables.get(naming.makePath(path.slice(0, length)))?.hints['filters']
    if (typeof declared !== 'object' || declared === null) continue
    const { excludes, includes } = declared as { excludes?: readonly string[]; includes?: readonly string[] }
    if (excludes === undefined || excludes.length === 0) continue
    const rest = path.slice(length)
    const isExcluded = excludes.map(compilePattern)
    const isIncluded = (includes ?? []).map(compilePattern)
    filters.push((column) => {
      const text = naming.makePath([...rest, column])
      return isExcluded.some((meets) => meets(text)) && !isIncluded.some((meets) => meets(text))
    })
  }
  return filters.length === 0 ? undefined : (column) => filters.some((isKeptOut) => isKeptOut(column))
}
