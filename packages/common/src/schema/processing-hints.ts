import type { Column, Schema, Table } from './model.ts'

const ofTables = ['x-normalizer', 'x-loader', 'x-extractor']
const ofColumns = ['x-normalizer']

/** The schema without what stages noted in it about their work, e.g. to hand it to a person. */
export function withoutProcessingHints(schema: Schema): Schema {
  const tables = new Map<string, Table>()
  for (const [name, table] of schema.tables) {
    const columns = new Map<string, Column>()
    for (const [column, hints] of table.columns) columns.set(column, without(hints, ofColumns) as Column)
    tables.set(name, { ...table, columns, hints: without(table.hints, ofTables) })
  }
  return { ...schema, tables }
}

function without<Hints extends object>(hints: Hints, dropped: readonly string[]): Partial<Hints> {
  return Object.fromEntries(Object.entries(hints).filter(([key]) => !dropped.includes(key))) as Partial<Hints>
}

/** What normalize keeps about a table in its `x-normalizer` hint. */
export interface NormalizerHints {
  /** A load file of the table was written. */
  readonly 'seen-data'?: boolean
  /** The columns of the next package are let in whatever the contract says. */
  readonly 'evolve-columns-once'?: boolean
  /** Levels of nesting that are opened in rows of the table. */
  readonly max_nesting?: number
}

/** The table's `x-normalizer` hint; empty where there is none. */
export function normalizerHints(table: Table | undefined): NormalizerHints {
  const hints = table?.hints['x-normalizer']
  return typeof hints === 'object' && hints !== null && !Array.isArray(hints) ? (hints as NormalizerHints) : {}
}
