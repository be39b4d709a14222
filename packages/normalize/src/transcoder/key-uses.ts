import type { KeyStep, ListNode, ObjectNode } from '../flatten-plan.ts'
import type { ColumnState } from '../table-state.ts'

/**
 * Where keys of one row lead to one column, or lists to one table, the order in which they are flattened decides which
 * of them counts: that is the reference path's business.
 */
export class KeyUses {
  readonly #columns = new Map<ColumnState, number>()
  readonly #lists = new Map<unknown, number>()

  constructor(row: ObjectNode) {
    this.#count(row)
  }

  /** A column that the row gets in any case. */
  reserve(column: ColumnState): void {
    if (this.#columns.has(column)) this.#columns.set(column, Infinity)
  }

  isAmbiguous({ column, list }: KeyStep): boolean {
    if ((this.#columns.get(column) ?? 0) > 1) return true
    return list !== undefined && placesOf(list).some((place) => (this.#lists.get(place) ?? 0) > 1)
  }

  #count(node: ObjectNode): void {
    for (const step of node.steps.values()) {
      this.#columns.set(step.column, (this.#columns.get(step.column) ?? 0) + 1)
      if (step.object !== undefined) this.#count(step.object)
      if (step.list === undefined) continue
      for (const place of placesOf(step.list)) this.#lists.set(place, (this.#lists.get(place) ?? 0) + 1)
    }
  }
}

/** What no other list of a row may lead to. */
function placesOf({ key, row }: ListNode): readonly unknown[] {
  return row === undefined ? [key] : [key, row.table]
}
