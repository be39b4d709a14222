import {
  decodeMarkers,
  JsonObject,
  nestedRowId,
  systemNames,
  type NamingConvention,
  type RowIds,
  type Schema,
  type SystemNames,
  type Table,
  type Value,
} from '@gantry/common'
import type { Fitter } from './fit.ts'
import { ObjectNode, TableState, type ColumnState, type ListNode, type PackageColumns } from './table-state.ts'
import type { RowWriter } from './writers/row-writer.ts'

/** Where the rows of a package come from and go to. */
export interface RelationalOptions {
  readonly schema: Schema
  readonly naming: NamingConvention
  readonly loadId: string
  readonly fitter: Fitter
  /** Ids of root rows. */
  readonly rootIds: RowIds
  /** Ids of rows below a root row whose id is random; any unique id will do there. */
  readonly nestedIds: RowIds
  readonly packageColumns: PackageColumns
  openWriter(table: TableState): RowWriter
}

/** Levels that are opened where nothing says otherwise, as in dlt. */
const defaultMaxNesting = 1000

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
  readonly #options: RelationalOptions
  readonly #names: SystemNames
  /** Column of rows that are no objects. */
  readonly #valueName: string
  readonly #roots = new Map<string, ObjectNode>()
  /** Strings of the line at hand may carry type markers. */
  #hasMarkers = false

  constructor(options: RelationalOptions) {
    this.#options = options
    this.#names = systemNames(options.naming)
    this.#valueName = options.naming.normalizeIdentifier('value')
  }

  /**
   * Writes the rows of one item into its tables.
   *
   * @param hasMarkers  strings that begin with a type marker stand for decimals, timestamps, …
   */
  add(item: Value, rootTable: string, hasMarkers: boolean): void {
    this.#hasMarkers = hasMarkers
    const object = item instanceof JsonObject ? item : JsonObject.of([['value', item]])
    this.#addRow(object, this.#root(rootTable), undefined, 0, false)
  }

  /** Makes the table known although no row of it came, so that its system columns exist. */
  addEmpty(rootTable: string): TableState {
    return this.#root(rootTable).table
  }

  #root(name: string): ObjectNode {
    let node = this.#roots.get(name)
    if (node === undefined) {
      const table = this.#table(name, undefined, [name])
      node = new ObjectNode(table, this.#maxNesting(this.#options.schema.tables.get(name)))
      this.#roots.set(name, node)
    }
    return node
  }

  #addRow(
    object: JsonObject,
    node: ObjectNode,
    parentId: string | undefined,
    index: number,
    isDeterministic: boolean,
  ): void {
    const { table } = node
    table.beginRow()
    const lists: PendingList[] = []
    this.#flatten(object, node, lists)
    const { id, isFixed } = this.#addIds(table, parentId, index, isDeterministic)
    this.#write(table)
    for (const list of lists) this.#addList(list, table, id, isFixed)
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
      if (typeof value === 'object' && value !== null && !this.#staysWhole(node, step.column)) {
        if (value instanceof JsonObject) {
          ;(nested ??= []).push(at)
          continue
        }
        if (Array.isArray(value)) {
          if (value.length > 0) lists.push({ node: node.listUnder(step, naming), items: value as readonly Value[] })
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

  #staysWhole(node: ObjectNode, column: ColumnState): boolean {
    if (node.level <= 0) return true
    if (column.type !== undefined) return column.type === 'json'
    return this.#options.fitter.preferredType(column.name) === 'json'
  }

  /** Adds the system columns to the row at hand. `isFixed`: ids below it have to be the same in every run. */
  #addIds(
    table: TableState,
    parentId: string | undefined,
    index: number,
    isDeterministic: boolean,
  ): { readonly id: string; readonly isFixed: boolean } {
    const names = this.#names
    if (table.isRoot) table.set(table.column(names.loadId), this.#options.loadId)
    else {
      table.set(table.column(names.parentId), parentId ?? null)
      table.set(table.column(names.listIndex), index)
    }
    const column = table.column(names.rowId)
    const own = column.row === table.serial ? table.values[column.index] : undefined
    // An id that came with the data stays; an empty one counts as none (`if not row.get("_dlt_id")` in dlt).
    if (own !== undefined && own !== null && own !== '' && own !== 0 && own !== false)
      return { id: String(own), isFixed: true }
    const { rootIds, nestedIds } = this.#options
    let id: string
    if (table.isRoot) id = rootIds.next()
    else id = isDeterministic ? nestedRowId(parentId ?? '', table.name, index) : nestedIds.next()
    table.set(column, id)
    return { id, isFixed: isDeterministic && !table.isRoot }
  }

  #addList(list: PendingList, parent: TableState, parentId: string, isDeterministic: boolean): void {
    const { node, items } = list
    const row = (node.row ??= new ObjectNode(this.#tableOfPath(node.path, parent), node.level))
    for (let index = 0; index < items.length; index++) {
      const item = items[index] as Value
      if (item instanceof JsonObject) this.#addRow(item, row, parentId, index, isDeterministic)
      else if (Array.isArray(item)) {
        node.wrapped ??= new ObjectNode(row.table, node.level - 1)
        this.#addRow(JsonObject.of([['list', item as Value]]), node.wrapped, parentId, index, isDeterministic)
      } else this.#addScalar(item, row.table, parentId, index, isDeterministic)
    }
  }

  #addScalar(value: Value, table: TableState, parentId: string, index: number, isDeterministic: boolean): void {
    table.beginRow()
    table.set(table.column(this.#valueName), value)
    this.#addIds(table, parentId, index, isDeterministic)
    this.#write(table)
  }

  /** Fits the fields of the row at hand into their columns and hands the row to the table's writer. */
  #write(table: TableState): void {
    const { fitter } = this.#options
    const { order, values } = table
    const columns: ColumnState[] = []
    const fitted: Value[] = []
    for (const column of order) {
      let value = values[column.index] as Value
      if (this.#hasMarkers) value = decodeMarkers(value)
      if (value === null) {
        fitter.checkNull(table, column)
        continue
      }
      const inColumn = fitter.fit(table, column, value)
      if (inColumn === null) continue
      columns.push(fitter.column as ColumnState)
      fitted.push(inColumn)
    }
    table.writer ??= this.#options.openWriter(table)
    table.writer.write(columns, fitted)
    table.rows++
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
    )
    this.tables.set(name, state)
    return state
  }

  #maxNesting(table: Table | undefined): number {
    const hint = table?.hints['x-normalizer']
    const ofTable =
      typeof hint === 'object' && hint !== null ? (hint as { max_nesting?: unknown }).max_nesting : undefined
    if (typeof ofTable === 'number') return ofTable
    return this.#options.schema.normalizers.json.config?.max_nesting ?? defaultMaxNesting
  }
}
