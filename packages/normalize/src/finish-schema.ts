import { normalizerHints, TerminalError, type Schema } from '@gantry/common'
import type { NormalizedFiles } from './normalize-package.ts'

/** A declared column that must not be null got no value at all. */
export class UnboundColumn extends TerminalError {
  override readonly code = 'unbound_column'

  constructor(table: string, column: string) {
    super(
      `Column "${column}" of table "${table}" is declared as never null, but no row has it. ` +
        'Check how the field is spelled, or let the column be nullable.',
      { table, column },
    )
  }
}

/** Marks the tables that got files as having seen data, and refuses declared columns that must not be null and never came. */
export function finishSchema({ package: work, files }: NormalizedFiles): Schema {
  const withFiles = new Set(files.map((file) => file.table))
  const tables = new Map(work.schema.tables)
  for (const name of withFiles) {
    const table = tables.get(name)
    if (table === undefined) continue
    for (const column of table.columns.values()) {
      if (column.data_type == null && column.nullable === false) throw new UnboundColumn(name, column.name)
    }
    const { 'evolve-columns-once': _, ...kept } = normalizerHints(table)
    tables.set(name, { ...table, hints: { ...table.hints, 'x-normalizer': { ...kept, 'seen-data': true } } })
  }
  return { ...work.schema, tables }
}
