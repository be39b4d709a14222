import { isBlank, type JsonObject, type NamingConvention, type Shape } from '@gantry/common'
import type { ColumnState, TableState } from './table-state.ts'

/*
 * Where the parts of a nested row go, worked out once and kept: objects of one shape at one place take the same steps.
 */

/** What is done with one key of an object. */
export interface KeyStep {
  readonly key: string
  readonly column: ColumnState
  /** Where an object under this key flattens to; made when there is one. */
  object: ObjectNode | undefined
  /** Where a list under this key goes; made when there is one. */
  list: ListNode | undefined
  /** It has its place in {@link ObjectNode.order}. */
  isOrdered: boolean
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
  /** All steps met here, by raw key. */
  readonly steps: Map<string, KeyStep> = new Map()
  /** The same in an order in which most objects have their keys. */
  readonly order: KeyStep[] = []
  readonly #stepsOfShape = new Map<Shape, readonly KeyStep[]>()
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
    let steps = this.#stepsOfShape.get(shape)
    if (steps === undefined) {
      steps = shape.keys.map((key) => this.#step(key, naming))
      this.#learnOrder(steps)
      // Objects used as dictionaries have a shape each; forgetting is cheaper than keeping them all.
      if (this.#stepsOfShape.size >= maxShapes) this.#stepsOfShape.clear()
      this.#stepsOfShape.set(shape, steps)
    }
    this.#lastShape = shape
    this.#lastSteps = steps
    return steps
  }

  /** The place of objects under a key. */
  objectUnder(step: KeyStep, naming: NamingConvention): ObjectNode {
    if (step.object === undefined) {
      const path = [...this.path, keyName(step.key, naming)]
      step.object = new ObjectNode(this.table, this.rowLevel, this.level - 1, path)
      this.table.noteChange()
    }
    return step.object
  }

  /** The place of lists under a key. */
  listUnder(step: KeyStep, naming: NamingConvention): ListNode {
    if (step.list === undefined) {
      step.list = new ListNode([...this.table.path, ...this.path, listName(step.key, naming)], this.rowLevel - 1)
      this.table.noteChange()
    }
    return step.list
  }

  /** Brings the steps of an object into its order, as far as that is possible: a new one comes behind the one before it. */
  #learnOrder(steps: readonly KeyStep[]): void {
    const { order } = this
    let before = -1
    for (const step of steps) {
      if (step.isOrdered && order.length > mostOrdered) continue
      const at = step.isOrdered ? order.indexOf(step) : -1
      if (at > before) {
        before = at
        continue
      }
      if (at >= 0) {
        order.splice(at, 1)
        before--
      }
      // At the end of a long list, nothing has to move.
      if (order.length > mostOrdered) order.push(step)
      else order.splice(++before, 0, step)
      step.isOrdered = true
      this.table.noteChange()
    }
  }

  #step(key: string, naming: NamingConvention): KeyStep {
    const known = this.steps.get(key)
    if (known !== undefined) return known
    const name = keyName(key, naming)
    const field = this.path.length === 0 ? name : naming.shortenFragments([...this.path, name])
    const step = { key, column: this.table.column(field), object: undefined, list: undefined, isOrdered: false }
    this.steps.set(key, step)
    return step
  }
}

/** Beyond so many keys their order is no longer looked for. */
const mostOrdered = 1024

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
