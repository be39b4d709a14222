import {
  isBlank,
  type Column,
  type DataType,
  type JsonObject,
  type NamingConvention,
  type Shape,
  type Table,
  type Value,
} from '@gantry/common'
import type { TableContract } from './contract.ts'
import type { ColumnFilter } from './filters.ts'
import type { RowIdRule } from './row-id.ts'
import type { RowWriter } from './writers/row-writer.ts'

/** A column while a package is normalized. */
export class ColumnState {
  readonly name: string
  /** Position among the table's columns as they were met, not in the schema. */
  readonly index: number
  /** The key as it stands in a JSON line, with quotes and colon. */
  readonly jsonKey: string
  /** Undefined while the column is unknown or incomplete. */
  type: DataType | undefined
  /** The declared column, or the one that was inferred. */
  column: Column | undefined
  /** False for a column that was complete when the package began. */
  readonly isNew: boolean
  /** An integer without an exact double has been seen: the column may not widen to double any more. */
  hasInexactInteger = false
  /** Serial of the row in which the column was set last. */
  row = 0

  constructor(name: string, index: number, column: Column | undefined, isNew: boolean, hasInexactInteger: boolean) {
    this.name = name
    this.index = index
    this.jsonKey = `${JSON.stringify(name)}:`
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
  /** Columns of the row at hand, in its order. */
  readonly order: ColumnState[] = []
  /** Value of each column in the row at hand, by column index; only valid where the column's `row` is the serial. */
  readonly values: Value[] = []
  serial = 0
  rows = 0
  writer: RowWriter | undefined
  /** Columns that the schema's filters keep out. */
  isKeptOut: ColumnFilter | undefined
  /** What is done with new columns and types. */
  contract: TableContract = { tables: 'evolve', columns: 'evolve', data_type: 'evolve' }
  /** How its rows get their ids, where they are root rows. */
  rowId: RowIdRule = { kind: 'random' }
  /** Columns that rows below get from its rows: from name to name below. */
  handedDown: ReadonlyMap<string, string> = new Map()
  readonly #known: Table | undefined
  readonly #package: PackageColumns

  constructor(
    name: string,
    parent: TableState | undefined,
    path: readonly string[],
    known: Table | undefined,
    package_: PackageColumns,
  ) {
    this.name = name
    this.parent = parent
    this.path = path
    this.isRoot = parent === undefined || (known !== undefined && known.hints.parent == null)
    this.#known = known
    this.#package = package_
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

  beginRow(): void {
    this.serial++
    this.order.length = 0
  }

  /** Sets a field of the row at hand; a repeated one keeps its place and takes the new value. */
  set(column: ColumnState, value: Value): void {
    if (column.row !== this.serial) {
      column.row = this.serial
      this.order.push(column)
    }
    this.values[column.index] = value
  }
}

/** What is done with one key of an object, found once per shape. */
export interface KeyStep {
  readonly key: string
  readonly column: ColumnState
  /** Where an object under this key flattens to; made when there is one. */
  object: ObjectNode | undefined
  /** Where a list under this key goes; made when there is one. */
  list: ListNode | undefined
}

/** A place in a table's rows at which objects are flattened: the row itself, or an object in it. */
export class ObjectNode {
  readonly table: TableState
  /** Levels that may be opened below the row; lists count from here. */
  readonly rowLevel: number
  /** Levels that may still be opened below this place; at 0 objects and lists stay whole. */
  readonly level: number
  /** Normalized names from the row down to here. */
  readonly path: readonly string[]
  readonly #steps = new Map<Shape, readonly KeyStep[]>()
  #lastShape: Shape | undefined
  #lastSteps: readonly KeyStep[] = []

  constructor(table: TableState, rowLevel: number, level: number = rowLevel, path: readonly string[] = []) {
    this.table = table
    this.rowLevel = rowLevel
    this.level = level
    this.path = path
  }

  /** The steps for an object, one per key in its order. */
  stepsOf(object: JsonObject, naming: NamingConvention): readonly KeyStep[] {
    const { shape } = object
    if (shape === this.#lastShape) return this.#lastSteps
    let steps = this.#steps.get(shape)
    if (steps === undefined) {
      steps = shape.keys.map((key) => this.#step(key, naming))
      // Objects used as dictionaries have a shape each; forgetting is cheaper than keeping them all.
      if (this.#steps.size >= maxShapes) this.#steps.clear()
      this.#steps.set(shape, steps)
    }
    this.#lastShape = shape
    this.#lastSteps = steps
    return steps
  }

  /** The place of objects under a key. */
  objectUnder(step: KeyStep, naming: NamingConvention): ObjectNode {
    step.object ??= new ObjectNode(this.table, this.rowLevel, this.level - 1, [...this.path, keyName(step.key, naming)])
    return step.object
  }

  /** The place of lists under a key. */
  listUnder(step: KeyStep, naming: NamingConvention): ListNode {
    step.list ??= new ListNode([...this.table.path, ...this.path, listName(step.key, naming)], this.rowLevel - 1)
    return step.list
  }

  #step(key: string, naming: NamingConvention): KeyStep {
    const name = keyName(key, naming)
    const field = this.path.length === 0 ? name : naming.shortenFragments([...this.path, name])
    return { key, column: this.table.column(field), object: undefined, list: undefined }
  }
}

/** Shapes whose steps are kept per place. */
const maxShapes = 4096

/** A place at which the elements of lists become rows of a table below. */
export class ListNode {
  /** Unshortened names from the root table down; the table's name is made of them. */
  readonly path: readonly string[]
  readonly level: number
  /** Place of elements that are objects. Made with the first element. */
  row: ObjectNode | undefined
  /** Place of elements that are lists themselves, each wrapped into a row. */
  wrapped: ObjectNode | undefined

  /** Equal for places that lead to the same table. */
  readonly key: string

  constructor(path: readonly string[], level: number) {
    this.path = path
    this.key = path.join('\0')
    this.level = level
  }
}

/** dlt names a blank key `_empty` (`dlt/common/normalizers/json/relational.py`). */
function keyName(key: string, naming: NamingConvention): string {
  return isBlank(key) ? '_empty' : naming.normalizePath(key)
}

function listName(key: string, naming: NamingConvention): string {
  return isBlank(key) ? '_empty' : naming.normalizeTablesPath(key)
}
