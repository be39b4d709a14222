import type { RowIds } from '@gantry/common'
import type { TableState } from '../table-state.ts'
import { compilePlan, type Plan, type PlannedTable, type PlanSource } from './compile-plan.ts'
import type { CountedRowIds } from './counted-row-ids.ts'
import {
  idBytes,
  idsByHost,
  idsByPlace,
  stateElement,
  stateOutside,
  statusDone,
  statusFull,
  statusMalformed,
  statusSlow,
  tableHead,
  tableIds,
  tableRows,
  tableTail,
} from './layout.ts'
import { TableBatch } from './table-batch.ts'
import { TranscoderMemory } from './memory.ts'
import { PlanWriter } from './plan-writer.ts'

/**
 * Why a scan ended: the block is read; a row is not for it; the batch is full and to be flushed; a line of an array is no
 * array of rows.
 */
export type Stop = 'end' | 'row' | 'full' | 'malformed'

const stops: Readonly<Record<number, Stop>> = {
  [statusDone]: 'end',
  [statusSlow]: 'row',
  [statusFull]: 'full',
  [statusMalformed]: 'malformed',
}

/** Memories that no range uses at the moment: the engine gives back address space late. */
const idle: TranscoderMemory[] = []

/** Reads the rows of one range by a plan, block by block, and hands out in batches what it has read. */
export class Transcoder implements Disposable {
  readonly #memory = idle.pop() ?? new TranscoderMemory()
  readonly #rootIds: RowIds
  readonly #nestedIds: CountedRowIds
  #plan: Plan | undefined
  #block: Uint8Array = new Uint8Array()

  constructor(rootIds: RowIds, nestedIds: CountedRowIds) {
    this.#rootIds = rootIds
    this.#nestedIds = nestedIds
    this.#memory.exports.state.value = stateOutside
  }

  /** Lines that the last scan went over. */
  get lines(): number {
    return this.#memory.exports.lines.value
  }

  /** Where the last scan stopped, in the block. */
  get position(): number {
    return this.#memory.exports.place.value - this.#memory.input
  }

  /**
   * Goes over to a plan of what is known by now; nothing may be waiting for a flush.
   *
   * @param isPaused  no row is taken until the next plan
   * @returns bytes of the plan
   */
  adopt(source: PlanSource, isPaused: boolean): number {
    const memory = this.#memory
    const writer = new PlanWriter(memory.plan)
    this.#plan = compilePlan(source, writer, isPaused)
    const { written } = writer
    if (memory.reservePlan(written.length)) memory.loadInput(this.#block)
    memory.bytes.set(written, memory.plan)
    // Ids that rows get while they are read stand where those of the first table do.
    memory.view.setUint32(this.#plan.tables[0]!.address + tableIds, memory.ids, true)
    memory.exports.beginBatch(memory.rows, memory.rowsEnd)
    return written.length
  }

  /** Begins to read a block of whole lines. */
  begin(block: Uint8Array): void {
    this.#block = block
    this.#memory.loadInput(block)
  }

  /**
   * Reads rows from that place in the block on.
   *
   * @param isTyped  lines are arrays of rows, else each is a row
   * @param inOrder  rows whose keys come in an order of their own are not taken
   */
  scan(from: number, isTyped: boolean, inOrder: boolean): Stop {
    const { exports, input } = this.#memory
    const { root, tables } = this.#plan!
    const end = input + this.#block.length
    return stops[exports.scan(input + from, end, root, tables[0]!.address, isTyped ? 1 : 0, inOrder ? 1 : 0)]!
  }

  /** A row of an array has been read by other means. */
  passElement(): void {
    this.#memory.exports.state.value = stateElement
  }

  /** Hands out all rows that were read since the last time. @returns how many root rows there were */
  flush(take: (table: TableState, batch: TableBatch) => void): number {
    if (this.#plan === undefined) return 0
    const { tables } = this.#plan
    const { view, exports, rows, rowsEnd } = this.#memory
    const rootRows = view.getUint32(tables[0]!.address + tableRows, true)
    if (rootRows === 0) return 0
    this.#giveIds(tables)
    for (const planned of tables) {
      const { address } = planned
      const count = view.getUint32(address + tableRows, true)
      if (count === 0) continue
      take(planned.table, new TableBatch(this.#memory, planned, count))
      view.setUint32(address + tableRows, 0, true)
      view.setUint32(address + tableHead, 0, true)
      view.setUint32(address + tableTail, 0, true)
    }
    exports.beginBatch(rows, rowsEnd)
    return rootRows
  }

  [Symbol.dispose](): void {
    idle.push(this.#memory)
  }

  #giveIds(tables: readonly PlannedTable[]): void {
    const { bytes, view, ids, exports, scratch } = this.#memory
    let at = ids
    for (const { address, idRule } of tables) {
      const count = view.getUint32(address + tableRows, true)
      view.setUint32(address + tableIds, at, true)
      if (count === 0) continue
      if (address === tables[0]!.address) {
        if (idRule === idsByHost) fillIds(this.#rootIds, bytes.subarray(at, at + count * idBytes))
      } else if (idRule === idsByPlace) exports.giveIdsByPlace(address)
      else {
        const { prefix, first } = this.#nestedIds.take(count)
        bytes.write(prefix, scratch, 'latin1')
        exports.countIds(at, count, scratch, first)
      }
      at += count * idBytes
    }
  }
}

function fillIds(ids: RowIds, target: Buffer): void {
  if (ids.fill !== undefined) {
    ids.fill(target)
    return
  }
  for (let at = 0; at < target.length; at += idBytes) {
    const id = ids.next()
    if (id.length !== idBytes) throw new RangeError(`row id "${id}" has not ${idBytes} characters`)
    target.write(id, at, 'latin1')
  }
}
