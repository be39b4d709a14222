import {
  decodeMarkers,
  JsonObject,
  parseJson,
  shake128,
  sortedKeys,
  stringifyJson,
  stringifyWith,
  Timestamp,
  type Value,
} from '@gantry/common'
import { IncrementalPrimaryKeyMissing } from './errors.ts'
import { fieldOf } from './cursor-path.ts'
import type { Incremental, CursorKey } from './incremental.ts'

const hashBytes = 15
/** Rows that may wait to be hashed; most of them give way to rows with a newer cursor before. */
const waitingRows = 256

/**
 * The rows that have the newest cursor value, as hashes: the next run reads rows from that value on, and leaves out those
 * whose hash is here. Hashes are dlt's (`dlt/extract/incremental/transform.py`, `compute_unique_value`).
 */
export class Boundary {
  readonly #key: Incremental['options']['primaryKey']
  readonly #resource: string
  /** Of rows that earlier runs have seen. */
  readonly #stored: ReadonlySet<string>
  readonly #hashes: Set<string>
  readonly #waiting: { readonly text: string; readonly key: CursorKey | undefined }[] = []

  /** @param key  undefined: rows are told apart by all that is in them */
  constructor(key: Incremental['options']['primaryKey'], stored: Iterable<string>, resource: string) {
    this.#key = key
    this.#resource = resource
    this.#stored = new Set(stored)
    this.#hashes = new Set(this.#stored)
  }

  /** True for a row that an earlier run has seen. @param text  the row as it is written */
  isSeen(row: unknown, text: () => string): boolean {
    if (this.#stored.size === 0) return false
    const key = this.#keyOf(row)
    const written = text()
    return this.#stored.has(rowHash(written, key)) || this.#stored.has(rowHash(written, key, 'Z'))
  }

  /** The cursor has moved: what was there is behind it. */
  clear(): void {
    this.#waiting.length = 0
    if (this.#hashes.size > 0) this.#hashes.clear()
  }

  /** @throws {IncrementalPrimaryKeyMissing} */
  add(row: unknown, text: string): void {
    this.#waiting.push({ text, key: this.#keyOf(row) })
    if (this.#waiting.length >= waitingRows) this.#hash()
  }

  /** In the order of their characters, so that the same rows are the same state. */
  hashes(): string[] {
    this.#hash()
    return [...this.#hashes].toSorted()
  }

  #hash(): void {
    for (const { text, key } of this.#waiting) this.#hashes.add(rowHash(text, key))
    this.#waiting.length = 0
  }

  #keyOf(row: unknown): CursorKey | undefined {
    const key = typeof this.#key === 'function' ? this.#key(row as Record<string, unknown>) : this.#key
    if (key === undefined) return undefined
    for (const name of typeof key === 'string' ? [key] : key) {
      if (fieldOf(row, name) === undefined)
        throw new IncrementalPrimaryKeyMissing({ resource: this.#resource, key: name })
    }
    return key
  }
}

/** How dlt prints UTC: its own datetimes one way, those of Python's library the other. */
type UtcSuffix = '+00:00' | 'Z'

/**
 * Hash of a row, 20 characters of base64: of the value of its key, of the list of values of a key that is a list, or of
 * the whole row.
 *
 * @param text  typed JSON of the row
 */
export function rowHash(text: string, key: CursorKey | undefined, utc: UtcSuffix = '+00:00'): string {
  const row = decodeMarkers(parseJson(text))
  const hashed =
    key === undefined ? row : typeof key === 'string' ? valueOf(row, key) : key.map((name) => valueOf(row, name))
  return shake128(stringifyWith(sortedKeys(hashed), utc === 'Z' ? scalarText : stringifyJson), hashBytes)
}

function valueOf(row: Value, field: string): Value {
  return (row instanceof JsonObject ? row.get(field) : undefined) ?? null
}

function scalarText(value: Parameters<Parameters<typeof stringifyWith>[1]>[0]): string {
  return value instanceof Timestamp && value.offsetMinutes === 0
    ? `"${value.toNaive().toString()}Z"`
    : stringifyJson(value)
}
