import type { ColumnState, TableState } from '../table-state.ts'
import type { KeyStep, ListNode, ObjectNode } from '../flatten-plan.ts'
import { wrappedKey, type RelationalNormalizer } from '../relational.ts'
import { columnList, isAsItCame, type ColumnPlace } from './column-list.ts'
import {
  flagEmptyList,
  flagNull,
  idsByContent,
  idsByHost,
  idsByKey,
  idsByPlace,
  kindConstant,
  kindId,
  kindIndex,
  kindParentId,
  kindRootId,
  kindSlow,
  listBytes,
  listNode,
  listTable,
  listValue,
  listWrapped,
  nodeBytes,
  nodeTable,
  nodeTableMask,
  recordBefore,
  recordBehind,
  recordBit,
  recordBytes,
  recordFirst,
  recordFlags,
  recordKey,
  recordKeyBytes,
  recordKind,
  recordLast,
  recordList,
  recordMask,
  recordNode,
  recordOrder,
  recordPresence,
  recordSlot,
  rowHeaderBytes,
  slotBytes,
  tableBytes,
  tableIdRule,
  tableKey,
  tableKeyLength,
  tablePresenceBytes,
  tableRowBytes,
} from './layout.ts'
import type { ScalarRule } from './scalar-rules.ts'
import { KeyUses } from './key-uses.ts'
import type { PlanWriter } from './plan-writer.ts'

/** A column of a batch, and where its values are. */
export interface PlannedColumn extends ColumnPlace {
  readonly column: ColumnState
  /** Of decimals in Parquet, the digits behind their point, and times 256 their bytes. */
  readonly form: number
}

/** A table of the plan. */
export interface PlannedTable {
  readonly table: TableState
  readonly address: number
  readonly columns: readonly PlannedColumn[]
  /** How ids of its rows come about. */
  readonly idRule: number
}

/** The plan as it stands in memory. */
export interface Plan {
  /** Where reading a row begins; 0 where its rows are the reference path's altogether. */
  readonly root: number
  /** In the order in which they were met: the root table first. */
  readonly tables: readonly PlannedTable[]
}

/** What a plan is made from. */
export interface PlanSource {
  readonly relational: RelationalNormalizer
  readonly root: ObjectNode
  readonly loadId: string
  /** Which scalars of a column are taken as they are. */
  readonly scalarRule: (column: ColumnState) => ScalarRule
  /** True where ids, parents and the like have the type that is written for them. */
  readonly hasSystemType: (column: ColumnState, kind: number) => boolean
}

/** Ids are the reference path's, and so are the rows. */
const idsUnknown = -1

/** Nested deeper than this the host reads on: the reader of the plan calls itself. */
const mostLevels = 64

/**
 * Writes down what is known of a root table's rows, for the transcoder to read by: each key at each place, and what its
 * values must be. What is not written down there, the reference path decides.
 *
 * @param isPaused  no row is taken
 */
export function compilePlan(source: PlanSource, writer: PlanWriter, isPaused: boolean): Plan {
  const compiler = new PlanCompiler(source, writer)
  return compiler.compile(isPaused)
}

/** A table whose rows are being planned: each of its columns gets one slot. */
interface TableDraft {
  readonly address: number
  readonly slots: Map<ColumnState, number>
}

class PlanCompiler {
  readonly #source: PlanSource
  readonly #writer: PlanWriter
  readonly #drafts = new Map<TableState, TableDraft>()
  readonly #rules = new Map<ColumnState, ScalarRule>()
  /** Where a record needs its table's final layout: its slot is known at the end. */
  readonly #records: { readonly address: number; readonly draft: TableDraft; readonly slot: number }[] = []

  constructor(source: PlanSource, writer: PlanWriter) {
    this.#source = source
    this.#writer = writer
  }

  compile(isPaused: boolean): Plan {
    const { root } = this.#source
    this.#draft(root.table)
    const node = isPaused || !this.#isPlain(root.table) ? 0 : this.#row(root, 0)
    for (const { address, draft, slot } of this.#records) {
      const { presence, bit, offset } = placeOf(draft, slot)
      this.#writer.u32(address + recordSlot, offset)
      this.#writer.u32(address + recordPresence, presence)
      this.#writer.u8(address + recordBit, bit)
    }
    const tables = [...this.#drafts].map(([table, draft]) => this.#finish(table, draft))
    return { root: tables.every(({ idRule }) => idRule !== idsUnknown) ? node : 0, tables }
  }

  /** Rows of the table are made of nothing but their fields, and get ids of their own. */
  #isPlain(table: TableState): boolean {
    const { system } = table
    const { hasSystemType } = this.#source
    if (table.isKeptOut !== undefined || table.contract.tables !== 'evolve') return false
    if (!hasSystemType(system.rowId, kindId)) return false
    if (table.isRoot) {
      return (
        table === this.#source.root.table &&
        hasSystemType(system.loadId, kindConstant) &&
        [...table.handedDown.keys()].every((from) => from === system.rowId.name)
      )
    }
    const inherited = this.#inherited(table)
    return (
      table.handedDown.size === 0 &&
      hasSystemType(system.parentId, kindParentId) &&
      hasSystemType(system.listIndex, kindIndex) &&
      inherited.every((column) => column !== undefined && hasSystemType(column, kindRootId))
    )
  }

  /** The columns in which rows of the table have the id of their root row. */
  #inherited(table: TableState): readonly (ColumnState | undefined)[] {
    return [...this.#source.root.table.handedDown.values()].map((name) => table.columns.get(name))
  }

  /** Columns of the table that the reference path sets itself, whatever comes under their name. */
  #systemColumns(table: TableState): readonly (readonly [column: ColumnState | undefined, kind: number])[] {
    const { system, isRoot } = table
    if (isRoot) {
      return [
        [system.loadId, kindConstant],
        [system.rowId, kindId],
      ]
    }
    return [
      ...this.#inherited(table).map((column) => [column, kindRootId] as const),
      [system.parentId, kindParentId],
      [system.listIndex, kindIndex],
      [system.rowId, kindId],
    ]
  }

  /** A place at which rows begin. @returns its address */
  #row(node: ObjectNode, level: number): number {
    const uses = new KeyUses(node)
    for (const [column] of this.#systemColumns(node.table)) if (column !== undefined) uses.reserve(column)
    const { system } = node.table
    for (const column of [system.rowId, system.parentId, system.listIndex, system.loadId]) uses.reserve(column)
    return this.#object(node, uses, level)
  }

  /**
   * A place at which an object is read into the row at hand. Slots are given out in the order in which fields are
   * flattened: scalars first, then those of nested objects, the last one's first.
   */
  #object(node: ObjectNode, uses: KeyUses, level: number): number {
    const writer = this.#writer
    const address = writer.take(nodeBytes)
    const records = node.order.map((step, order) => this.#record(step, order, node, uses))
    for (let at = records.length - 1; at >= 0; at--) this.#open(records[at]!, node.order[at]!, node, uses, level + 1)
    const { table, mask } = writer.hashTable(records)
    writer.u32(address + nodeTable, table)
    writer.u32(address + nodeTableMask, mask)
    return address
  }

  /** A key and the scalars under it. */
  #record(step: KeyStep, order: number, { table }: ObjectNode, uses: KeyUses): number {
    const address = this.#key(step.key)
    this.#writer.u32(address + recordOrder, order)
    if (!uses.isAmbiguous(step)) this.#scalar(address, step.column, table)
    return address
  }

  /** Lets a record lead to the objects and lists under its key. */
  #open(record: number, step: KeyStep, node: ObjectNode, uses: KeyUses, level: number): void {
    const writer = this.#writer
    if (uses.isAmbiguous(step) || this.#source.relational.staysWhole(node, step.column) || level > mostLevels) return
    if (step.object !== undefined) writer.u32(record + recordNode, this.#object(step.object, uses, level))
    if (step.list !== undefined) {
      writer.u8(record + recordFlags, writer.u8At(record + recordFlags) | flagEmptyList)
      writer.u32(record + recordList, this.#list(step.list, level))
    }
  }

  /** An empty record of a key. */
  #key(key: string): number {
    const writer = this.#writer
    const bytes = Buffer.from(JSON.stringify(key).slice(1))
    const text = writer.text(bytes)
    const address = writer.take(recordBytes)
    const first = Math.min(bytes.length, 8)
    writer.bytes(address + recordFirst, bytes.subarray(0, first))
    writer.bytes(address + recordMask, Buffer.alloc(first, 0xff))
    if (bytes.length > 8) writer.bytes(address + recordLast, bytes.subarray(-8))
    writer.u32(address + recordKey, text)
    writer.u32(address + recordKeyBytes, bytes.length)
    return address
  }

  /** Lets a record take the scalars of a column. */
  #scalar(address: number, column: ColumnState, table: TableState): void {
    const writer = this.#writer
    let rule = this.#rules.get(column)
    if (rule === undefined) {
      rule = this.#source.scalarRule(column)
      this.#rules.set(column, rule)
    }
    writer.u8(address + recordKind, rule.kind)
    writer.u8(address + recordFlags, rule.flags | (rule.takesNull ? flagNull : 0))
    if (rule.kind === kindSlow) return
    writer.u8(address + recordBefore, rule.decimal?.before ?? 0)
    writer.u8(address + recordBehind, rule.decimal?.behind ?? 0)
    const draft = this.#draft(table)
    let slot = draft.slots.get(column)
    if (slot === undefined) {
      slot = draft.slots.size
      draft.slots.set(column, slot)
    }
    this.#records.push({ address, draft, slot })
  }

  /** A place at which elements become rows; 0 where the reference path does that. */
  #list(list: ListNode, level: number): number {
    const { row, wrapped } = list
    if (row === undefined || !this.#isPlain(row.table)) return 0
    const { relational } = this.#source
    const writer = this.#writer
    const address = writer.take(listBytes)
    writer.u32(address + listTable, this.#draft(row.table).address)
    writer.u32(address + listNode, this.#row(row, level))
    const value = row.table.columns.get(relational.valueName)
    if (value !== undefined) {
      const record = writer.take(recordBytes)
      this.#scalar(record, value, row.table)
      writer.u32(address + listValue, record)
    }
    const inner = wrapped?.steps.get(wrappedKey)
    if (wrapped !== undefined && inner?.list !== undefined && !relational.staysWhole(wrapped, inner.column)) {
      const record = writer.take(recordBytes)
      writer.u8(record + recordFlags, flagEmptyList)
      writer.u32(record + recordList, level >= mostLevels ? 0 : this.#list(inner.list, level + 1))
      writer.u32(address + listWrapped, record)
    }
    return address
  }

  #draft(table: TableState): TableDraft {
    let draft = this.#drafts.get(table)
    if (draft === undefined) {
      draft = { address: this.#writer.take(tableBytes), slots: new Map() }
      this.#drafts.set(table, draft)
    }
    return draft
  }

  #finish(table: TableState, draft: TableDraft): PlannedTable {
    const { address, slots } = draft
    const presenceBytes = presenceBytesOf(draft)
    this.#writer.u32(address + tablePresenceBytes, presenceBytes)
    this.#writer.u32(address + tableRowBytes, rowHeaderBytes + presenceBytes + slots.size * slotBytes)
    const columns: PlannedColumn[] = [...slots].map(([column, slot]) => {
      const { offset, presence, bit } = placeOf(draft, slot)
      const { kind, decimal } = this.#rules.get(column)!
      const form = decimal === undefined ? 0 : decimal.behind | (decimal.bytes << 8)
      return { column, kind, form, slot: offset, presence, bit, ...this.#name(column) }
    })
    for (const [column, kind] of this.#systemColumns(table)) {
      const text = kind === kindConstant ? Buffer.from(this.#source.loadId) : undefined
      const [slot, presence] = text === undefined ? [0, 0] : [this.#writer.text(text), text.length]
      columns.push({ column: column!, kind, form: 0, slot, presence, bit: 0, ...this.#name(column!) })
    }
    return { table, address, columns, idRule: this.#idRule(table, address, columns) }
  }

  /** Writes down how ids of a table's rows come about. @returns the rule */
  #idRule(table: TableState, address: number, columns: readonly PlannedColumn[]): number {
    const writer = this.#writer
    const { rowId } = this.#source.root.table
    if (rowId.kind === 'random') return idsByHost
    if (!table.isRoot) {
      const text = Buffer.from(`_${table.name}_`)
      writer.u32(address + tableKey, writer.text(text))
      writer.u32(address + tableKeyLength, text.length)
      return idsByPlace
    }
    if (rowId.kind === 'key') {
      const key = rowId.columns.flatMap((name) => columns.filter(({ column }) => column.name === name))
      if (key.length === 0 || key.length < rowId.columns.length || !key.every(isAsItCame)) return idsUnknown
      writer.u32(address + tableKey, writer.text(columnList(key)))
      writer.u32(address + tableKeyLength, key.length)
    }
    const rule = rowId.kind === 'key' ? idsByKey : idsByContent
    writer.u8(address + tableIdRule, rule)
    return rule
  }

  #name({ name }: ColumnState): { readonly name: number; readonly nameBytes: number } {
    const text = Buffer.from(`,${JSON.stringify(name)}:`)
    return { name: this.#writer.text(text), nameBytes: text.length }
  }
}

function presenceBytesOf({ slots }: TableDraft): number {
  return Math.ceil(slots.size / 64) * 8
}

function placeOf(
  draft: TableDraft,
  slot: number,
): { readonly offset: number; readonly presence: number; readonly bit: number } {
  return {
    offset: rowHeaderBytes + presenceBytesOf(draft) + slot * slotBytes,
    presence: rowHeaderBytes + (slot >> 3),
    bit: 1 << (slot & 7),
  }
}
