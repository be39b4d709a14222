import { isComplete, isNewTable, newTable, updateTables, type Column, type Schema, type Table } from '@gantry/common'
import type { ColumnDelta, PackageColumnNames, RangeResult, TableDelta } from './range-messages.ts'

/*
 * The meaning of a package is that of one sequential reading. Ranges are read side by side, each from the schema that
 * was known when it began; their deltas are merged in the order of the ranges. A range whose decisions the ranges before
 * it contradict is redone from what they made, and only that range. So any number of workers gives one answer.
 */

/** The schema as the ranges merged so far have left it. */
export class PackageSchema {
  schema: Schema
  /** As the package began. */
  readonly #base: Schema
  /** Tables and columns that were added or changed, in that order. */
  readonly updates: Map<string, Table> = new Map()
  readonly #columns = new Map<string, Map<string, boolean>>()
  readonly #onlyNull = new Map<string, Set<string>>()

  constructor(schema: Schema) {
    this.schema = schema
    this.#base = schema
  }

  /** What a range that begins now has to know of the package. */
  packageColumns(): PackageColumnNames {
    return Object.fromEntries([...this.#columns].map(([table, columns]) => [table, Object.fromEntries(columns)]))
  }

  /** Tables that had no complete column when the package began, as far as rows of them came. */
  newTables(): string[] {
    return [...this.updates.keys()].filter((name) => isNewTable(this.#base.tables.get(name)))
  }

  /** Columns by table to which nulls came and nothing else; they are not in the table. */
  onlyNull(): Map<string, string[]> {
    const columns = new Map<string, string[]>()
    for (const [table, names] of this.#onlyNull) {
      const known = this.schema.tables.get(table)?.columns
      const left = [...names].filter((name) => !isComplete(known?.get(name)))
      if (left.length > 0) columns.set(table, left)
    }
    return columns
  }

  /** True if the range would have decided otherwise, had it known the ranges before it. */
  contradicts(result: RangeResult, base: Schema): boolean {
    return result.tables.some((table) => this.#contradictsTable(table, base))
  }

  /** Takes in what a range added. */
  merge(result: RangeResult): void {
    const partials: Table[] = []
    for (const delta of result.tables) {
      if (delta.onlyNull.length > 0) {
        this.#onlyNull.set(delta.name, new Set([...(this.#onlyNull.get(delta.name) ?? []), ...delta.onlyNull]))
      }
      const columns = new Map<string, Column>()
      for (const { column, hasInexactInteger } of delta.columns) {
        const merged = this.#widest(delta.name, column)
        const current = this.schema.tables.get(delta.name)?.columns.get(column.name)
        if (current?.data_type !== merged.data_type || current === undefined) columns.set(column.name, merged)
        const ofTable = this.#columns.get(delta.name) ?? new Map<string, boolean>()
        this.#columns.set(
          delta.name,
          ofTable.set(column.name, hasInexactInteger || (ofTable.get(column.name) ?? false)),
        )
      }
      if (columns.size === 0 && (!delta.isNew || this.schema.tables.has(delta.name))) continue
      const hints = this.schema.tables.get(delta.name)?.hints ?? newTable(delta.name, delta.parent).hints
      const partial: Table = { name: delta.name, columns, hints }
      partials.push(partial)
      const earlier = this.updates.get(delta.name)
      this.updates.set(
        delta.name,
        earlier === undefined ? partial : { ...partial, columns: new Map([...earlier.columns, ...columns]) },
      )
    }
    this.schema = updateTables(this.schema, partials)
  }

  #contradictsTable(delta: TableDelta, base: Schema): boolean {
    const current = this.schema.tables.get(delta.name)
    if (current === undefined) return false
    const known = base.tables.get(delta.name)
    if (hasNewJson(current, known) || judgedOtherwise(current, known, delta)) return true
    for (const change of delta.columns) {
      const made = current.columns.get(change.column.name)
      if (!isComplete(made) || made === undefined) continue
      if (this.#canWiden(delta.name, made, change)) continue
      if (made.data_type !== change.column.data_type || made.variant !== change.column.variant) return true
    }
    return false
  }

  /** Integers and doubles of one new column go together, unless an integer would be rounded. */
  #canWiden(table: string, made: Column, change: ColumnDelta): boolean {
    const types = new Set([made.data_type, change.column.data_type])
    if (!types.has('double') || !types.has('bigint')) return false
    const seen = this.#columns.get(table)?.get(made.name)
    return seen === false && !change.hasInexactInteger
  }

  /** The column, as a double where it is one already. */
  #widest(table: string, column: Column): Column {
    const made = this.schema.tables.get(table)?.columns.get(column.name)
    return made?.data_type === 'double' && column.data_type === 'bigint' ? { ...column, data_type: 'double' } : column
  }
}

/**
 * True if ranges before have made a json column that this one did not know: it may have opened objects that they keep
 * whole, without leaving a trace of it in its columns.
 */
function hasNewJson(current: Table, base: Table | undefined): boolean {
  for (const [name, column] of current.columns) {
    if (column.data_type === 'json' && base?.columns.get(name)?.data_type !== 'json') return true
  }
  return false
}

/**
 * True if ranges before have given a column another type than this one knew, and this one had values of other kinds for
 * it. What became of them followed from a type that was not the column's: where `1.5` as a text goes into a double, it
 * goes into a variant of an integer.
 */
function judgedOtherwise(current: Table, base: Table | undefined, delta: TableDelta): boolean {
  return delta.judged.some(({ column, types }) => {
    const type = current.columns.get(column)?.data_type ?? undefined
    if (type === undefined || type === base?.columns.get(column)?.data_type) return false
    return types.some((judged) => judged !== type)
  })
}
