import type { Value } from '../values/value.ts'
import { emptyShape, type Shape } from './shape.ts'

/**
 * A JSON object as read: keys in reading order (integer-like keys too), a repeated key at its first position with its
 * last value, any key allowed (`__proto__` is a key like others).
 */
export class JsonObject {
  shape: Shape
  readonly values: Value[]

  constructor(shape: Shape = emptyShape, values: Value[] = []) {
    this.shape = shape
    this.values = values
  }

  /** An object of the given entries, in their order. */
  static of(entries: Iterable<readonly [string, Value]>): JsonObject {
    const object = new JsonObject()
    for (const [key, value] of entries) object.set(key, value)
    return object
  }

  get keys(): readonly string[] {
    return this.shape.keys
  }

  get size(): number {
    return this.values.length
  }

  /** The value under `key`; undefined where the key is absent. */
  get(key: string): Value | undefined {
    const at = this.shape.indexOf(key)
    return at < 0 ? undefined : this.values[at]
  }

  has(key: string): boolean {
    return this.shape.indexOf(key) >= 0
  }

  /** Sets `key` in place: a new key goes to the end, a known one keeps its position. */
  set(key: string, value: Value): void {
    const at = this.shape.indexOf(key)
    if (at >= 0) {
      this.values[at] = value
      return
    }
    this.shape = this.shape.with(key)
    this.values.push(value)
  }

  *entries(): IterableIterator<[string, Value]> {
    for (let index = 0; index < this.values.length; index++) {
      yield [this.shape.keys[index] as string, this.values[index] as Value]
    }
  }
}
