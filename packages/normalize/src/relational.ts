import {
  frozenByContract,
  decodeMarkers,
  isNewTable,
  JsonObject,
  nestedRowId,
  normalizerHints,
  systemNames,
  tableContract,
  type Capabilities,
  type NamingConvention,
  type RowIds,
  type Schema,
  type SystemNames,
  type Table,
  type TableContract,
  type Value,
} from '@gantry/common'
import type { ContractReport } from './contract-report.ts'
import { columnFilter } from './filters.ts'
import { discardedRow, discardedValue, type Fitter } from './fit.ts'
import { itemRowId, keyedRowId, rowIdRule } from './row-id.ts'
import { ObjectNode, type ListNode } from './flatten-plan.ts'
import { TableState, type ColumnState, type Findings, type PackageColumns } from './table-state.ts'
import type { TableWriter } from './writers/table-writer.ts'

/** Where the rows of a package come from and go to. */
export interface RelationalOptions {
  readonly schema: Schema
  readonly naming: NamingConvention
  readonly capabilities: Capabilities
  readonly loadId: string
  readonly fitter: Fitter
  readonly report: ContractReport
  /** Ids of root rows. */
  readonly rootIds: RowIds
  /** Ids of rows below a root row whose id is random; any unique id will do there. */
  readonly nestedIds: RowIds
  readonly packageColumns: PackageColumns
  openWriter(table: TableState): TableWriter
}

/** Levels that are opened where nothing says otherwise, as in dlt. */
const defaultMaxNesting = 1000

/** Columns that rows above hand down, by name. */
type Extend = ReadonlyMap<string, Value>

/** What a row knows of the row above it. */
interface Above {
  /** Id of the row above; empty for a root row. */
  readonly id: string
  /** Ids below have to be the same in every run. */
  readonly isFixed: boolean
  readonly extend: Extend
  /** Position in the list. */
  readonly index: number
}

const nothingAbove: Above = { id: '', isFixed: false, extend: new Map(), index: 0 }
const emptyItem = new JsonObject()
/** Key of a list that is an element of a list, in the row that is made of it. */
export const wrappedKey = 'list'

/** The list of a row that waits for its row to be written. */
interface PendingList {
  readonly node: ListNode
  readonly items: readonly Value[]
}

/**
 * Splits nested rows into rows of linked tables (`dlt/common/normalizers/json/relational.py`): objects flatten into
 * columns of their row, lists become rows of a table below, linked by `_dlt_parent_id` and ordered by `_dlt_list_idx`.
 */
export class RelationalNormalizer {
  /** All tables that were met, in that order. */
  readonly tables: Map<string, TableState> = new Map()
  /** What was found out about its rows so far. */
  readonly findings: Findings = { count: 0 }
  readonly #options: RelationalOptions
  readonly #names: SystemNames
  /** Column of rows that are no objects. */
  readonly valueName: string
  readonly #roots = new Map<string, ObjectNode>()
  /** Columns and values of the row at hand, used again for the next. */
  readonly #columns: ColumnState[] = []
  readonly #fitted: Value[] = []
  /** Strings of the line at hand may carry type markers. */
  #hasMarkers = false

  constructor(options: RelationalOptions) {
    this.#options = options
    this.#names = systemNames(options.naming)
    this.valueName = options.naming.normalizeIdentifier('value')
  }

  /**
   * Writes the rows of one item into its tables.
   *
   * @param hasMarkers  strings that begin with a type marker stand for decimals, timestamps, …
   */
  add(item: Value, rootTable: string, hasMarkers: boolean): void {
    this.#hasMarkers = hasMarkers
    const object = item instanceof JsonObject ? item : JsonObject.of([['value', item]])
    this.#addRow(object, this.root(rootTable), nothingAbove)
  }

  /** Makes the table known although no row of it came, with its system columns. Opens no file. */
  addEmpty(rootTable: string): TableState {
    const { table } = this.root(rootTable)
    const { fitter } = this.#options
    for (const column of [table.system.loadId, table.system.rowId]) {
      if (column.type === undefined) fitter.fit(table, column, '-')
    }
    return table
  }

  /** The place of the rows of a root table. */
  root(rawName: string): ObjectNode {
    let node = this.#roots.get(rawName)
    if (node === undefined) {
      const name = this.#options.naming.normalizeTablesPath(rawName)
      const table = this.#table(name, undefined, [name])
      node = new ObjectNode(table, this.#maxNesting(this.#options.schema.tables.get(name)))
      this.#roots.set(rawName, node)
    }
    return node
  }

  #addRow(object: JsonObject, node: ObjectNode, above: Above): void {
    const { table } = node
    table.beginRow()
    const lists: PendingList[] = []
    this.#flatten(object, node, lists)
    this.#extend(table, above.extend)
    const { id, isFixed } = this.#addIds(table, above, object)
    const extend = lists.length === 0 ? above.extend : this.#handDown(table, above.extend)
    // A row that is dropped takes with it what is below.
    if (!this.#write(table)) return
    for (const list of lists) this.#addList(list, table, { id, isFixed, extend })
  }

  /** Sets the columns that rows above hand down. */
  #extend(table: TableState, extend: Extend): void {
    if (extend.size === 0) return
    for (const [name, value] of extend) table.set(table.column(name), value)
  }

  /** What rows below the row at hand get: all it got itself, and its own columns that the schema hands down. */
  #handDown(table: TableState, extend: Extend): Extend {
    if (table.handedDown.size === 0) return extend
    const own = new Map(extend)
    for (const [from, to] of table.handedDown) {
      const column = table.column(from)
      if (column.row === table.serial) own.set(to, table.values[column.index] as Value)
    }
    return own
  }

  #flatten(object: JsonObject, node: ObjectNode, lists: PendingList[]): void {
    const { naming } = this.#options
    const { table } = node
    const steps = node.stepsOf(object, naming)
    const { values } = object
    let nested: number[] | undefined
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as Value
      const step = steps[at]!
      if (typeof value === 'object' && value !== null && !this.staysWhole(node, step.column)) {
        if (value instanceof JsonObject) {
          ;(nested ??= []).push(at)
          continue
        }
        if (Array.isArray(value)) {
          addList(lists, node.listUnder(step, naming), value as readonly Value[])
          continue
        }
      }
      table.set(step.column, value)
    }
    if (nested === undefined) return
    // dlt works off a stack: nested objects come behind the scalars, the last one first.
    for (let at = nested.length - 1; at >= 0; at--) {
      const key = nested[at]!
      this.#flatten(values[key] as JsonObject, node.objectUnder(steps[key]!, naming), lists)
    }
  }

  /** Objects and lists under a key that leads to the column go into it as they are. */
  staysWhole(node: ObjectNode, column: ColumnState): boolean {
    if (node.level <= 0) return true
    if (column.type !== undefined) return column.type === 'json'
    return this.#options.fitter.preferredType(column.name) === 'json'
  }

  /** Adds the system columns to the row at hand. `isFixed`: ids below it have to be the same in every run. */
  #addIds(table: TableState, above: Above, item: JsonObject): { readonly id: string; readonly isFixed: boolean } {
    const { system } = table
    if (table.isRoot) table.set(system.loadId, this.#options.loadId)
    else {
      table.set(system.parentId, above.id)
      table.set(system.listIndex, above.index)
    }
    const column = system.rowId
    const own = column.row === table.serial ? table.values[column.index] : undefined
    // An id that came with the data stays; an empty one counts as none (`if not row.get("_dlt_id")` in dlt).
    if (own !== undefined && own !== null && own !== '' && own !== 0 && own !== false) {
      return { id: String(own), isFixed: true }
    }
    const id = this.#newId(table, above, item)
    table.set(column, id)
    return { id, isFixed: table.isRoot ? table.rowId.kind !== 'random' : above.isFixed }
  }

  #newId(table: TableState, above: Above, item: JsonObject): string {
    const { rootIds, nestedIds } = this.#options
    if (!table.isRoot) return above.isFixed ? nestedRowId(above.id, table.name, above.index) : nestedIds.next()
    if (table.rowId.kind === 'key') return keyedRowId(table, table.rowId.columns)
    return table.rowId.kind === 'row' ? itemRowId(item) : rootIds.next()
  }

  #addList(list: PendingList, parent: TableState, from: Omit<Above, 'index'>): void {
    const { node, items } = list
    const row = node.row ?? this.#openList(node, parent)
    for (let index = 0; index < items.length; index++) {
      const item = items[index] as Value
      // Spelled out: a spread here is the most expensive line of the stage.
      const above: Above = { id: from.id, isFixed: from.isFixed, extend: from.extend, index }
      if (item instanceof JsonObject) this.#addRow(item, row, above)
      else if (Array.isArray(item)) {
        if (node.wrapped === undefined) {
          node.wrapped = new ObjectNode(row.table, node.level - 1)
          row.table.noteChange()
        }
        this.#addRow(JsonObject.of([[wrappedKey, item as Value]]), node.wrapped, above)
      } else this.#addScalar(item, row.table, above)
    }
  }

  #openList(node: ListNode, parent: TableState): ObjectNode {
    node.row = new ObjectNode(this.#tableOfPath(node.path, parent), node.level)
    parent.noteChange()
    return node.row
  }

  #addScalar(value: Value, table: TableState, above: Above): void {
    table.beginRow()
    table.set(table.column(this.valueName), value)
    this.#extend(table, above.extend)
    this.#addIds(table, above, table.rowId.kind === 'row' ? JsonObject.of([['value', value]]) : emptyItem)
    this.#write(table)
  }

  /**
   * Fits the fields of the row at hand into their columns and hands the row to the table's writer.
   *
   * @returns false where the table's contract drops the row
   */
  #write(table: TableState): boolean {
    const { fitter } = this.#options
    if (table.contract.tables !== 'evolve') {
      this.#options.report.add(table.name, null, 'tables', table.contract.tables, undefined)
      return false
    }
    let isDropped = false
    const { order, values, fieldCount, isKeptOut } = table
    const columns = this.#columns
    const fitted = this.#fitted
    let count = 0
    if (isKeptOut !== undefined && order.slice(0, fieldCount).every(({ name }) => isKeptOut(name))) return false
    for (let field = 0; field < fieldCount; field++) {
      const column = order[field] as ColumnState
      if (isKeptOut?.(column.name)) continue
      let value = values[column.index] as Value
      if (this.#hasMarkers) value = decodeMarkers(value)
      if (value === null) {
        fitter.checkNull(table, column)
        continue
      }
      const inColumn = fitter.fit(table, column, value)
      if (inColumn === discardedRow) isDropped = true
      if (inColumn === null || inColumn === discardedValue || inColumn === discardedRow) continue
      columns[count] = fitter.column as ColumnState
      fitted[count++] = inColumn
    }
    if (isDropped) return false
    table.writer ??= this.#options.openWriter(table)
    table.writer.write(columns, fitted, count)
    table.rows++
    return true
  }

  #tableOfPath(path: readonly string[], parent: TableState): TableState {
    const name = this.#options.naming.shortenFragments(path)
    return this.tables.get(name) ?? this.#table(name, parent, path)
  }

  #table(name: string, parent: TableState | undefined, path: readonly string[]): TableState {
    const state = new TableState(
      name,
      parent,
      path,
      this.#options.schema.tables.get(name),
      this.#options.packageColumns,
      this.#names,
      this.findings,
    )
    state.contract = this.#contractOf(name, parent)
    state.isKeptOut = columnFilter(this.#options.schema, name, this.#options.naming)
    state.rowId = rowIdRule(this.#options.schema, name, this.#options.capabilities, this.#names)
    const propagation = this.#options.schema.normalizers.json.config?.propagation
    const handedDown = { ...(state.isRoot ? propagation?.root : {}), ...propagation?.tables?.[name] }
    state.handedDown = new Map(Object.entries(handedDown))
    this.tables.set(name, state)
    return state
  }

  /** The table's contract; `tables` is only set where the table is new, and so has to be dropped. */
  #contractOf(name: string, parent: TableState | undefined): TableContract {
    const { schema, packageColumns } = this.#options
    const isNewHere = isNewTable(schema.tables.get(name))
    const contract = tableContract(
      schema,
      name,
      parent?.name,
      isNewHere || packageColumns.isNewTable(name),
      this.#names,
    )
    const isDropped = isNewHere && contract.tables !== 'evolve'
    if (isDropped && contract.tables === 'freeze') {
      throw frozenByContract({ table: name, column: null, entity: 'tables' })
    }
    return isDropped ? contract : { ...contract, tables: 'evolve' }
  }

  #maxNesting(table: Table | undefined): number {
    const ofSource = this.#options.schema.normalizers.json.config?.max_nesting
    return normalizerHints(table).max_nesting ?? ofSource ?? defaultMaxNesting
  }
}

/** Two keys of a row can lead to one table: as with columns, the later one counts (lists are a dictionary in dlt). */
function addList(lists: PendingList[], node: ListNode, items: readonly Value[]): void {
  const at = lists.length === 0 ? -1 : lists.findIndex((list) => list.node.key === node.key)
  if (at >= 0) lists[at] = { node, items }
  else if (items.length > 0) lists.push({ node, items })
}
