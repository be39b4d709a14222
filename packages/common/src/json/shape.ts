/**
 * The ordered key list of a JSON object, shared by all objects that were read with the same keys in the same order.
 *
 * Shapes form a tree: the empty shape is its root, and each key leads to the shape with that key appended, so reading
 * the thousandth object of a kind allocates no key and looks nothing up: each shape predicts the key that followed it
 * last time. Whoever works on many objects can keep what it derived from the keys (column names, plans) per shape.
 */
export class Shape {
  readonly parent: Shape | undefined
  /** The last key; empty for the root. */
  readonly key: string
  readonly size: number
  /** The shape that followed last time; never one whose key may stand in JSON text in another form. */
  predicted: Shape | undefined
  /** The key with its closing quote, as it stands in JSON text when nothing in it is escaped. */
  readonly keyText: string
  /** The key stands in JSON text, of whatever encoding, as it is. */
  readonly #isPlain: boolean
  #next: Map<string, Shape> | undefined
  #keys: readonly string[] | undefined
  #positions: Map<string, number> | undefined

  constructor(parent: Shape | undefined, key: string) {
    this.parent = parent
    this.key = key
    // Joined, since a sum of strings stays in parts, which are slow to compare.
    this.keyText = [key, '"'].join('')
    this.#isPlain = plainKey.test(key)
    this.size = parent === undefined ? 0 : parent.size + 1
  }

  /** All keys in reading order. */
  get keys(): readonly string[] {
    if (this.#keys === undefined) {
      const keys = Array.from<string>({ length: this.size })
      // oxlint-disable-next-line typescript/no-this-alias -- walks up the tree, starting here
      for (let shape: Shape = this; shape.parent !== undefined; shape = shape.parent) keys[shape.size - 1] = shape.key
      this.#keys = keys
    }
    return this.#keys
  }

  /** Position of `key` in {@link keys}, or -1. */
  indexOf(key: string): number {
    const keys = this.keys
    if (keys.length <= 8) return keys.indexOf(key)
    if (this.#positions === undefined) {
      this.#positions = new Map()
      for (let index = 0; index < keys.length; index++) this.#positions.set(keys[index] as string, index)
    }
    return this.#positions.get(key) ?? -1
  }

  /** The known shape with `key` appended; undefined where no object went that way yet. */
  next(key: string): Shape | undefined {
    if (this.predicted !== undefined && this.predicted.key === key) return this.predicted
    return this.#next?.get(key)
  }

  /** Expects `next` when an object of this shape goes on. */
  predict(next: Shape): void {
    if (next.#isPlain) this.predicted = next
  }

  /** The shape with `key` appended. The caller has made sure that `key` is not in this shape. */
  with(key: string): Shape {
    const known = this.next(key)
    if (known !== undefined) return known
    const made = new Shape(this, key)
    // Objects used as dictionaries would grow the tree without bound; past the budget shapes are not shared.
    if (retainedShapes < maxRetainedShapes) {
      retainedShapes++
      this.#next ??= new Map()
      this.#next.set(key, made)
      this.predict(made)
    }
    return made
  }
}

/** ASCII that needs no escape. */
const plainKey = /^[ !#-[\]-~]*$/

/** About 300 bytes each: some 20 MB at most, far more shapes than any set of typed records has. */
const maxRetainedShapes = 65_536
let retainedShapes = 0

/** The root of the shape tree. */
export const emptyShape: Shape = new Shape(undefined, '')
