import {
  isComplete,
  type Column,
  type DataType,
  type SystemNames,
  type Table,
  type TableContract,
  type Value,
} from '@gantry/common'
import type { ColumnFilter } from './filters.ts'
import type { RowIdRule } from './row-id.ts'
import type { TableWriter } from './writers/table-writer.ts'

/** A column while a package is normalized. */
export class ColumnState {
  readonly name: string
  /** Position among the table's columns as they were met, not in the schema. */
  readonly index: number
  /** Undefined while the column is unknown or incomplete. */
  type: DataType | undefined
  /** The declared column, or the one that was inferred. */
  column: Column | undefined
  /** False for a column that was complete when the package began. */
  readonly isNew: boolean
  /** An integer without an exact double has been seen: the column may not widen to double any more. */
  hasInexactInteger = false
  /** A value has come that its type does not hold in a Parquet file: files begun since then hold the values as text. */
  exceedsType = false
  /** Types that the column had when a value of another kind came, which decided what became of that value. */
  readonly judgedAs: (DataType | undefined)[] = []
  /** A null came while the column had no type. */
  sawNull = false
  /** Serial of the row in which the column was set last. */
  row = 0

  constructor(name: string, index: number, column: Column | undefined, isNew: boolean, hasInexactInteger: boolean) {
    this.name = name
    this.index = index
    this.column = column
    this.type = column?.data_type ?? undefined
    this.isNew = isNew
    this.hasInexactInteger = hasInexactInteger
  }
}

/** Which columns a package has made so far: what a range must know of the ranges before it. */
export interface PackageColumns {
  /** True for a column that was not complete when the package began. */
  isNew(table: string, column: string): boolean
  hasInexactInteger(table: string, column: string): boolean
  /** True for a table that had no complete column when the package began. */
  isNewTable(table: string): boolean
}

/** Counts all that has been found out about the rows of a range: what was made of an earlier count may be out of date. */
export interface Findings {
  count: number
}

/** The columns that rows get beside their data. */
export type SystemColumns = Readonly<Record<'rowId' | 'loadId' | 'parentId' | 'listIndex', ColumnState>>

/** A table while a package is normalized: its columns as they grow, and the row at hand. */
export class TableState {
  readonly name: string
  readonly parent: TableState | undefined
  /** Unshortened names from the root table down to this one. */
  readonly path: readonly string[]
  /** True if its rows are root rows: a root table, or one below that is declared without a parent. */
  readonly isRoot: boolean
  readonly columns: Map<string, ColumnState> = new Map()
  /** Columns that were added or changed, in the order in which they were met. */
  readonly changed: Set<ColumnState> = new Set()
  /** Columns of the row at hand, in its order: the first {@link fieldCount} of them. */
  readonly order: ColumnState[] = []
  fieldCount = 0
  /** Value of each column in the row at hand, by column index; only valid where the column's `row` is the serial. */
  readonly values: Value[] = []
  serial = 0
  rows = 0
  writer: TableWriter | undefined
  /** Columns that the schema's filters keep out. */
  isKeptOut: ColumnFilter | undefined
  /** What is done with new columns and types. */
  contract: TableContract = { tables: 'evolve', columns: 'evolve', data_type: 'evolve' }
  readonly system: SystemColumns
  /** How its rows get their ids, where they are root rows. */
  rowId: RowIdRule = { kind: 'random' }
  /** Columns that rows below get from its rows: from name to name below. */
  handedDown: ReadonlyMap<string, string> = new Map()
  readonly #known: Table | undefined
  readonly #package: PackageColumns
  readonly #findings: Findings

  constructor(
    name: string,
    parent: TableState | undefined,
    path: readonly string[],
    known: Table | undefined,
    package_: PackageColumns,
    names: SystemNames,
    findings: Findings,
  ) {
    this.name = name
    this.parent = parent
    this.path = path
    this.isRoot = parent === undefined || (known !== undefined && known.hints.parent == null)
    this.#known = known
    this.#package = package_
    this.#findings = findings
    findings.count++
    this.system = {
      rowId: this.column(names.rowId),
      loadId: this.column(names.loadId),
      parentId: this.column(names.parentId),
      listIndex: this.column(names.listIndex),
    }
  }

  /** True if the table is in no schema yet. */
  get isNew(): boolean {
    return this.#known === undefined
  }

  /** The column of that name, known or not. */
  column(name: string): ColumnState {
    let state = this.columns.get(name)
    if (state === undefined) {
      const isNew = this.#package.isNew(this.name, name)
      const isInexact = this.#package.hasInexactInteger(this.name, name)
      state = new ColumnState(name, this.columns.size, this.#known?.columns.get(name), isNew, isInexact)
      this.columns.set(name, state)
    }
    return state
  }

  /** Names of the columns that have a type by now: those of the schema in its order, then those that were added. */
  completeColumns(): Set<string> {
    const names = new Set<string>()
    for (const column of this.#known?.columns.values() ?? []) if (isComplete(column)) names.add(column.name)
    for (const { name } of this.changed) names.add(name)
    return names
  }

  /** A key, a column, its type or what came to it is new. */
  noteChange(): void {
    this.#findings.count++
  }

  beginRow(): void {
    this.serial++
    this.fieldCount = 0
  }

  /** Sets a field of the row at hand; a repeated one keeps its place and takes the new value. */
  set(column: ColumnState, value: Value): void {
    if (column.row !== this.serial) {
      column.row = this.serial
      this.order[this.fieldCount++] = column
    }
    this.values[column.index] = value
  }
}
