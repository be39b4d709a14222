import { typedJson, type ManifestFile, type Value } from '@gantry/common'
import type { ColumnState } from '../table-state.ts'
import type { LoadFile } from './load-file.ts'
import type { RowWriter } from './row-writer.ts'
import { TextBuffer } from './text-buffer.ts'

/** Rows of one line, dlt's `buffer_max_items`: its own sinks repeat the end of a batch that a line cuts in two. */
const lineRows = 5000
/** A line is read as a whole, so that one with large rows ends before. */
const lineBytes = 1 << 20

/** Lists of rows as JSON, a line each, in which marks keep the types that JSON lacks: what dlt calls `typed-jsonl`. */
export class TypedJsonlWriter implements RowWriter {
  rows = 0
  readonly #file: LoadFile
  readonly #text: TextBuffer
  /** `"name":` by the column's index. */
  readonly #keys: string[] = []
  #rowsInLine = 0
  #lineStart = 0

  constructor(file: LoadFile) {
    this.#file = file
    this.#text = new TextBuffer(file)
  }

  get bytes(): number {
    return this.#text.bytes
  }

  get buffered(): number {
    return this.#text.buffered
  }

  write(columns: readonly ColumnState[], values: readonly Value[], count: number): boolean {
    const text = this.#text
    text.add(this.#rowsInLine === 0 ? '[{' : ',{')
    for (let index = 0; index < count; index++) {
      const { index: at, name } = columns[index] as ColumnState
      if (index > 0) text.add(',')
      text.add((this.#keys[at] ??= `${JSON.stringify(name)}:`))
      const value = values[index] as Value
      if (typeof value === 'string') text.addJsonString(value)
      else text.add(typedJson(value))
    }
    text.add('}')
    this.rows++
    this.#rowsInLine++
    if (this.#rowsInLine >= lineRows || text.bytes - this.#lineStart >= lineBytes) this.#endLine()
    return true
  }

  flush(): void {
    this.#text.flush()
  }

  close(): ManifestFile {
    this.#endLine()
    this.flush()
    return this.#file.finish(this.rows)
  }

  #endLine(): void {
    if (this.#rowsInLine === 0) return
    this.#text.add(']\n')
    this.#rowsInLine = 0
    this.#lineStart = this.#text.bytes
  }
}
